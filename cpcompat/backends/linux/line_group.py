"""Several GPIO lines by one request: one call of the kernel for all of them."""

from __future__ import annotations

from fcntl import ioctl

from cpcompat.backends.linux import gpio_uapi as uapi
from cpcompat.backends.linux.errors import hal_error
from cpcompat.backends.linux.lines import BIASES, CONFIGURE, REQUEST, consumer, free, in_use
from cpcompat.hal.errors import Fault, HalError

TYPE_CHECKING = False  # not typing's: that import costs more than this package
if TYPE_CHECKING:
    from collections.abc import Sequence

    from cpcompat.backends.linux.nodes import Nodes
    from cpcompat.hal.gpio import Pull
    from cpcompat.hal.pin import Pin


class LinuxLineGroup:
    """See `cpcompat.hal.line_group.LineGroup`. The lines are requested when they are configured.

    Args:
        nodes: The way to the chip.
        pins: The lines, 64 at most.
    """

    __slots__ = ("__weakref__", "_all", "_closed", "_configs", "_descriptor", "_nodes", "_pins")

    def __init__(self, nodes: Nodes, pins: Sequence[Pin]) -> None:
        self._nodes = nodes
        self._pins = tuple(pins)
        self._all = (1 << len(self._pins)) - 1
        self._configs: dict[tuple[int, int, Pull], bytearray] = {}
        self._descriptor = -1
        self._closed = False

    def configure(self, outputs: int, values: int, pull: Pull) -> None:
        """See `LineGroup.configure`."""
        if self._descriptor < 0:
            self._request(self._settings(outputs, values, pull))
            return
        wanted = (outputs, values, pull)
        config = self._configs.get(wanted)
        if config is None:
            config = self._configs[wanted] = uapi.config(self._settings(*wanted))
        self._call(uapi.SET_CONFIG, config)

    def _settings(self, outputs: int, values: int, pull: Pull) -> list[uapi.Setting]:
        return [
            uapi.Setting(uapi.OUTPUT, bool(values >> bit & 1))
            if outputs >> bit & 1
            else uapi.Setting(uapi.INPUT | BIASES[pull])
            for bit in range(len(self._pins))
        ]

    def _request(self, settings: list[uapi.Setting]) -> None:
        if self._closed:
            raise HalError(Fault.GONE, self._where(), "The lines have been closed: open them anew.")
        asked = uapi.request([pin.id for pin in self._pins], settings, consumer())
        try:
            self._descriptor = self._nodes.lines(asked)
        except OSError as error:
            raise in_use(error, self._held(), self._nodes) from error

    def _held(self) -> Pin:
        """Return the line that somebody has: the kernel says only that one is."""
        for pin in self._pins:
            try:
                if self._nodes.line_info(pin.id)[2] & uapi.USED:
                    return pin
            except (OSError, HalError):
                break
        return self._pins[0]

    def _where(self) -> str:
        return ", ".join(pin.label for pin in self._pins)

    def _call(self, order: int, data: bytearray) -> None:
        if self._descriptor < 0:
            self._request([uapi.Setting(0)] * len(self._pins))  # as they are
        try:
            ioctl(self._descriptor, order, data)
        except OSError as error:
            rows = REQUEST if order == uapi.SET_CONFIG else CONFIGURE
            raise hal_error(error, self._where(), rows=rows) from error

    def read(self) -> int:
        """See `LineGroup.read`."""
        levels = bytearray(uapi.LINE_VALUES.pack(0, self._all))
        self._call(uapi.GET_VALUES, levels)
        bits: int = uapi.LINE_VALUES.unpack(levels)[0]
        return bits

    def write(self, values: int, lines: int) -> None:
        """See `LineGroup.write`."""
        self._call(uapi.SET_VALUES, bytearray(uapi.LINE_VALUES.pack(values & lines, lines)))

    def close(self) -> None:
        """See `LineGroup.close`."""
        descriptor, self._descriptor = self._descriptor, -1
        self._closed = True
        if descriptor >= 0:
            if self._nodes.is_owner():
                free(descriptor, self._where())
            self._nodes.give_back(descriptor)

    def __del__(self) -> None:
        self.close()
