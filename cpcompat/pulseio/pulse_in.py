"""The lengths of pulses at a pin."""

from __future__ import annotations

from collections import deque

from cpcompat import hal
from cpcompat.hal.arguments import checked_int, checked_pin, in_range
from cpcompat.hal.clock import wait_until
from cpcompat.hal.errors import Fault, HalError
from cpcompat.hal.gpio import Pull
from cpcompat.hal.pin_object import PinObject
from cpcompat.hal.refusals import Hold, refusal

TYPE_CHECKING = False  # not typing's: that import costs more than all of this package
if TYPE_CHECKING:
    from cpcompat.hal.edges import Edge, EdgeSource
    from cpcompat.hal.pin import Pin
    from cpcompat.hal.refusals import Refusals

_FAULTS: Refusals = {
    Fault.BUSY: (ValueError, "{where} in use"),
    Fault.UNSUPPORTED: (ValueError, "Invalid pin"),
}
_AT_ONCE = 1024
_LONGEST_US = 65_535


class PulseIn(PinObject):
    """The lengths of the newest pulses at a pin, in microseconds, the oldest first.

    The first is one away from the idle level; then they take turns. A pulse is known when it has
    ended; one that is longer than 65535 µs counts as that.

    Args:
        pin: The pin.
        maxlen: How many lengths are kept, from 1; of more, the oldest are dropped.
        idle_state: The level while there is no pulse.

    Raises:
        TypeError: An argument is of another kind.
        ValueError: The pin is in use (a note names the holder) or cannot be watched, or ``maxlen`` is
            less than 1.

    On Linux: the kernel stamps each edge, to about 10 µs on a Raspberry Pi; it needs no process of its
    own. When it loses edges, what came before them is dropped, so that the pulses still take turns.
    """

    __slots__ = ("_idle", "_last", "_paused", "_pulses")

    _port: EdgeSource | None
    _last: Edge | None

    def __init__(self, pin: Pin, maxlen: int = 2, *, idle_state: bool = False) -> None:
        self._last = None
        checked_pin(pin, "pin")
        if checked_int(maxlen) < 1:
            raise ValueError("maxlen must be >= 1")
        self._idle = bool(idle_state)
        self._paused = False
        self._pulses: deque[int] = deque(maxlen=maxlen)
        machine = hal.machine()
        self._hold = Hold(machine, (pin,), "pulseio.PulseIn", _FAULTS)
        with self._hold:
            edges = machine.backend.edges(pin, Pull.NONE, True, True, 0)
            self._port = edges
            edges.hold(max(_AT_ONCE, maxlen + 1))

    def pause(self) -> None:
        """Measure no more; a pulse that has not ended is forgotten."""
        self._follow()
        self._paused = True
        self._last = None

    def resume(self, trigger_duration: int = 0) -> None:
        """Measure again, from the next pulse on.

        Args:
            trigger_duration: Microseconds for which to drive the pin away from its idle level first, as
                sensors want that wait to be asked; 0 to 65535.

        Raises:
            ValueError: It is out of range.
        """
        self.pause()
        port = self._live()
        trigger_us = in_range(trigger_duration, 0, 65_535, "trigger_duration")
        if trigger_us:
            clock = hal.machine().backend.clock
            try:
                port.drive(not self._idle)
                try:
                    wait_until(clock, clock.now_ns() + trigger_us * 1000)
                finally:
                    port.watch()
            except HalError as error:
                raise refusal(error, _FAULTS) from None
        self._paused = False

    def clear(self) -> None:
        """Forget all lengths."""
        self._follow()
        self._pulses.clear()

    def popleft(self) -> int:
        """Take the oldest length.

        Raises:
            IndexError: There is none.
        """
        self._follow()
        if not self._pulses:
            raise IndexError("pop from empty PulseIn")
        return self._pulses.popleft()

    @property
    def maxlen(self) -> int:
        """How many lengths are kept."""
        self._live()
        assert self._pulses.maxlen is not None
        return self._pulses.maxlen

    @property
    def paused(self) -> bool:
        """Whether nothing is measured now."""
        self._live()
        return self._paused

    def __bool__(self) -> bool:
        return len(self) > 0

    def __len__(self) -> int:
        self._follow()
        return len(self._pulses)

    def __getitem__(self, index: int) -> int:
        self._follow()
        if isinstance(index, slice):
            raise NotImplementedError("Slices not supported")
        try:
            return self._pulses[checked_int(index)]
        except IndexError:
            raise IndexError("PulseIn index out of range") from None

    def _follow(self) -> None:
        """Take in the edges that have come."""
        port = self._live()
        try:
            while edges := port.read(_AT_ONCE):
                if not self._paused:
                    for edge in edges:
                        self._take(edge)
        except HalError as error:
            raise refusal(error, _FAULTS) from None

    def _take(self, edge: Edge) -> None:
        last = self._last
        if last is not None and edge.sequence != last.sequence + 1:
            self._pulses.clear()
            last = None
        if last is None:
            self._last = edge if edge.rising is not self._idle else None
            return
        length_us = (edge.time_ns - last.time_ns + 500) // 1000
        self._pulses.append(min(length_us, _LONGEST_US))
        self._last = edge
