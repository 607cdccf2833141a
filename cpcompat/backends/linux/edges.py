"""Edges of one line, numbered and stamped by the kernel, which keeps 1024 of them.

Who needs more of them kept lets the reactor fetch them in time (`LinuxEdges.hold`).
"""

from __future__ import annotations

import errno
import os
from fcntl import ioctl
from sys import byteorder

from cpcompat.backends.linux import gpio_uapi as uapi
from cpcompat.backends.linux import reactor
from cpcompat.backends.linux.errors import hal_error
from cpcompat.backends.linux.lines import BIASES, CONFIGURE, consumer, free, in_use
from cpcompat.hal.edges import Edge
from cpcompat.hal.errors import Fault, HalError

TYPE_CHECKING = False  # not typing's: that import costs more than this package
if TYPE_CHECKING:
    from collections import deque

    from cpcompat.backends.linux.nodes import Nodes
    from cpcompat.hal.gpio import Pull
    from cpcompat.hal.pin import Pin

_NO_INTERRUPT = "This line has no interrupt, so the kernel cannot watch it. Use another pin."
_WRAP = 1 << 32
_BIT = 0 if byteorder == "little" else 7


class LinuxEdges:
    """See `cpcompat.hal.edges.EdgeSource`.

    Nothing has to be read in time, and no thread is needed, unless edges are held: when the kernel's
    queue is full it drops the oldest edge, and the newest has the true number.

    Args:
        nodes: The way to the chip.
        pin: The line.
        pull: Its resistor.
        rising: Keep low-to-high edges.
        falling: Keep high-to-low edges.
        debounce_ns: How long a level must hold to count.
        start_ns: When the backend's clock began, on CLOCK_MONOTONIC.

    Raises:
        HalError: The line cannot be had, or has no interrupt.
    """

    __slots__ = (
        "__weakref__",
        "_descriptor",
        "_held",
        "_last",
        "_nodes",
        "_pin",
        "_start_ns",
        "_values",
        "_watching",
    )

    def __init__(
        self,
        nodes: Nodes,
        pin: Pin,
        pull: Pull,
        rising: bool,
        falling: bool,
        debounce_ns: int,
        start_ns: int,
    ) -> None:
        flags = uapi.INPUT | BIASES[pull]
        flags |= uapi.EDGE_RISING if rising else 0
        flags |= uapi.EDGE_FALLING if falling else 0
        setting = uapi.Setting(flags, debounce_us=-(-debounce_ns // 1000))
        asked = uapi.request([pin.id], [setting], consumer(), uapi.EVENT_BUFFER)
        try:
            self._descriptor = nodes.lines(asked)
        except OSError as error:
            if error.errno in (errno.ENXIO, errno.ENODEV, errno.EOPNOTSUPP):
                raise HalError(Fault.UNSUPPORTED, pin.label, _NO_INTERRUPT) from error
            raise in_use(error, pin, nodes) from error
        os.set_blocking(self._descriptor, False)
        self._nodes = nodes
        self._pin = pin
        self._start_ns = start_ns
        self._last = 0
        self._held: deque[Edge] | None = None
        self._values = bytearray(uapi.LINE_VALUES.pack(0, 1))
        self._watching = setting

    def read(self, limit: int) -> list[Edge]:
        """See `EdgeSource.read`."""
        if self._held is None:
            return self._fetched(limit)
        with reactor.LOCK:
            self._fetch()
            held = self._held
            return [held.popleft() for _ in range(min(limit, len(held)))]

    def hold(self, most: int) -> None:
        """See `EdgeSource.hold`: the reactor's thread fetches them from the kernel."""
        from collections import deque

        with reactor.LOCK:
            known, self._held = self._held or (), deque(maxlen=most)
            self._held.extend(known)
        reactor.watch(self._descriptor, self._fetch)

    def _fetch(self) -> None:
        """Fetch all that the kernel has. The reactor's lock is held."""
        assert self._held is not None
        while found := self._fetched(uapi.EVENT_BUFFER):
            self._held.extend(found)

    def _fetched(self, limit: int) -> list[Edge]:
        found: list[Edge] = []
        while len(found) < limit:
            wanted = min(limit - len(found), uapi.EVENT_BUFFER)
            try:
                data = os.read(self._descriptor, wanted * uapi.LINE_EVENT.size)
            except BlockingIOError:
                break
            except OSError as error:
                raise hal_error(error, self._pin.label, rows=CONFIGURE) from error
            for time_ns, kind, _, _, number in uapi.LINE_EVENT.iter_unpack(data):
                # The kernel counts in 32 bits.
                self._last += (number - self._last) % _WRAP
                rising = kind == uapi.RISING_EDGE
                found.append(Edge(time_ns - self._start_ns, rising, self._last))
        return found

    def level(self) -> bool:
        """See `EdgeSource.level`."""
        try:
            ioctl(self._descriptor, uapi.GET_VALUES, self._values)
        except OSError as error:
            raise hal_error(error, self._pin.label, rows=CONFIGURE) from error
        return self._values[_BIT] == 1

    def drive(self, level: bool) -> None:
        """See `EdgeSource.drive`: the request stays, so that nobody else can get the line meanwhile."""
        self._become(uapi.Setting(uapi.OUTPUT, level))
        while self.read(uapi.EVENT_BUFFER):
            pass

    def watch(self) -> None:
        """See `EdgeSource.watch`."""
        self._become(self._watching)

    def _become(self, setting: uapi.Setting) -> None:
        try:
            ioctl(self._descriptor, uapi.SET_CONFIG, uapi.config([setting]))
        except OSError as error:
            raise hal_error(error, self._pin.label, rows=CONFIGURE) from error

    def close(self) -> None:
        """See `EdgeSource.close`."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            if self._held is not None:
                reactor.forget(descriptor)
            if self._nodes.is_owner():
                free(descriptor, self._pin.label)
            self._nodes.give_back(descriptor)
