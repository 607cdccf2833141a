"""Chip selects that the kernel keeps for its SPI driver: CE0 and CE1 where SPI is switched on.

A program drives its chip selects itself, as drivers for CircuitPython do. The kernel's own it cannot
have; but it means nothing else by them than the kernel does. So a low level on such a pin is kept in mind,
the transfers that follow are made with the kernel's chip select, which stays low between them
(``cs_change`` of ``include/uapi/linux/spi/spidev.h``), and the high level lets it go.
"""

from __future__ import annotations

from cpcompat.backends.linux.lines import LinuxLine
from cpcompat.hal.errors import Fault, HalError
from cpcompat.hal.gpio import Direction, Drive, Pull, Quick, quick_by_methods

TYPE_CHECKING = False  # not typing's: that import costs more than this package
if TYPE_CHECKING:
    from weakref import ref

    from cpcompat.backends.linux.nodes import Nodes
    from cpcompat.backends.linux.spi import LinuxSpi
    from cpcompat.board.definition import BoardDefinition
    from cpcompat.hal.pin import Pin


def place_of(board: BoardDefinition, pin: Pin) -> tuple[int, int] | None:
    """Return the SPI bus and the index of a pin that can be the kernel's chip select, or None."""
    for bus in board.spi:
        if pin in bus.chip_selects:
            return bus.bus, bus.chip_selects.index(pin)
    return None


class ChipSelects:
    """What the kernel's chip selects are to be, and the open buses that see to it."""

    __slots__ = ("_buses", "_low")

    def __init__(self) -> None:
        self._low: dict[int, int] = {}
        self._buses: dict[int, ref[LinuxSpi]] = {}

    def opened(self, bus: int, spi: LinuxSpi) -> None:
        """Take note of a bus; the select that is low already is its."""
        from weakref import ref

        self._buses[bus] = ref(spi)
        if bus in self._low:
            spi.select(self._low[bus])

    def put(self, bus: int, index: int, high: bool) -> None:
        """Set a chip select's level."""
        if high is (self._low.get(bus) != index):
            return
        if high:
            del self._low[bus]
        else:
            self._low[bus] = index
        known = self._buses.get(bus)
        spi = known() if known else None
        if spi is not None:
            spi.select(None if high else index)


class SelectLine(LinuxLine):
    """A line that the kernel may keep as a chip select; where it does not, a line like any other.

    Args:
        nodes: The way to the chip.
        pin: The line.
        place: Its bus and its index there.
        selects: Where its level counts.
    """

    __slots__ = ("_high", "_kernels", "_output", "_place", "_selects")

    def __init__(
        self, nodes: Nodes, pin: Pin, place: tuple[int, int], selects: ChipSelects
    ) -> None:
        super().__init__(nodes, pin)
        self._place = place
        self._selects = selects
        self._kernels = self._output = False
        self._high = True

    def configure(self, direction: Direction, pull: Pull, drive: Drive, value: bool) -> None:
        """See `Line.configure`."""
        if not self._kernels:
            try:
                super().configure(direction, pull, drive, value)
            except HalError as error:
                if error.fault is not Fault.BUSY or not self._is_the_kernels():
                    raise
                self._kernels = True
                _say(self._pin, self._place[0])
            else:
                return
        self._output = direction is Direction.OUTPUT
        self._put(value or not self._output)

    def _is_the_kernels(self) -> bool:
        bus, index = self._place
        return self._nodes.line_info(self._pin.id)[1] == f"spi{bus} CS{index}"

    def _put(self, high: bool) -> None:
        self._high = high
        self._selects.put(*self._place, high)

    def read(self) -> bool:
        """See `Line.read`."""
        return self._high if self._kernels else super().read()

    def write(self, value: bool) -> None:
        """See `Line.write`."""
        if not self._kernels:
            super().write(value)
        elif self._output:
            self._put(value)
        else:
            raise HalError(Fault.WRONG_DIRECTION, self._pin.label)

    def quick(self) -> Quick:
        """See `cpcompat.hal.gpio.quick`."""
        return quick_by_methods(self) if self._kernels else super().quick()

    def close(self) -> None:
        """See `Line.close`."""
        if self._kernels:
            self._put(True)
        super().close()


_said: set[str] = set()


def _say(pin: Pin, bus: int) -> None:
    if pin.name in _said:
        return
    _said.add(pin.name)
    from logging import getLogger

    getLogger(__name__).info(
        "%s is the kernel's chip select of SPI %d: it is low only around transfers", pin.label, bus
    )
