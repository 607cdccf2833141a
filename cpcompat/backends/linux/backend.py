"""A program's way to this computer's own hardware."""

from __future__ import annotations

import time

from cpcompat.hal.clock import RealClock
from cpcompat.hal.errors import Fault, HalError

TYPE_CHECKING = False  # not typing's: that import costs more than this package
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Protocol, TypeVar
    from weakref import WeakSet

    from cpcompat.backends.linux.chip_select import ChipSelects, SelectLine
    from cpcompat.backends.linux.nodes import Nodes
    from cpcompat.backends.linux.recorder import Recorder
    from cpcompat.board.definition import BoardDefinition, I2cPins, SpiPins, UartPins
    from cpcompat.hal.analog import AnalogInput, AnalogOutput
    from cpcompat.hal.clock import Clock
    from cpcompat.hal.edges import EdgeSource
    from cpcompat.hal.gpio import Line, Pull
    from cpcompat.hal.i2c import I2cBus
    from cpcompat.hal.line_group import LineGroup
    from cpcompat.hal.pin import Pin
    from cpcompat.hal.pixels import PixelOutput
    from cpcompat.hal.pwm import PwmOutput
    from cpcompat.hal.spi import SpiBus
    from cpcompat.hal.uart import UartPort

    class _Port(Protocol):
        def close(self) -> None: ...

    _P = TypeVar("_P", bound=_Port)


class LinuxBackend:
    """The `cpcompat.hal.backend.Backend` over the kernel's interfaces.

    What is not closed when this is closed is closed by it, so that a program that ends leaves no line
    driven.

    Args:
        board: The board.
        nodes: How lines are requested and nodes opened; closed with this.
        start_ns: When the board's clock began, on CLOCK_MONOTONIC; None for now.

    Attributes:
        clock: The computer's.
    """

    def __init__(self, board: BoardDefinition, nodes: Nodes, start_ns: int | None = None) -> None:
        self._board = board
        self._nodes = nodes
        self._start_ns = time.monotonic_ns() if start_ns is None else start_ns
        self.clock: Clock = RealClock(self._start_ns)
        self._ports: WeakSet[_Port] | None = None
        self._selects: ChipSelects | None = None
        self._recorder: Recorder | None = None
        self._closed = False

    def _kept(self, port: _P) -> _P:
        """Remember a port, to close it when this is closed."""
        if self._ports is None:
            from weakref import WeakSet

            self._ports = WeakSet()
        self._ports.add(port)
        return port

    def _open(self) -> Nodes:
        if self._closed:
            raise HalError(Fault.GONE, f"the board {self._board.id}", "Connect to it anew.")
        return self._nodes

    def _record(self) -> Recorder | None:
        """Return what notes the buses' traffic, where somebody can look at it."""
        if self._recorder is None:
            from cpcompat.backends.linux.recorder import recorder

            self._recorder = recorder(self._open(), self._start_ns)
        return self._recorder

    def line(self, pin: Pin) -> Line:
        """See `Backend.line`."""
        from cpcompat.backends.linux.lines import LinuxLine

        if any(pin in bus.chip_selects for bus in self._board.spi):
            return self._kept(self._select_line(self._open(), _with_line(pin)))
        if self._is_mosi(pin):
            from cpcompat.backends.linux.pixels import MosiLine

            return self._kept(MosiLine(self._open(), _with_line(pin)))
        return self._kept(LinuxLine(self._open(), _with_line(pin)))

    def lines(self, pins: Sequence[Pin]) -> LineGroup | None:
        """See `Backend`: by one request, unless a pin is one that a bus may have."""
        from cpcompat.backends.linux.line_group import LinuxLineGroup

        nodes = self._open()
        buses = (bus for bus in self._board.spi if _is_on(bus))
        if {pin for bus in buses for pin in (bus.mosi, *bus.chip_selects)}.intersection(pins):
            return None
        return self._kept(LinuxLineGroup(nodes, [_with_line(pin) for pin in pins]))

    def _is_mosi(self, pin: Pin) -> bool:
        """Tell whether an SPI bus that is switched on has a pin as its MOSI."""
        return any(bus.mosi is pin and _is_on(bus) for bus in self._board.spi)

    def _select_line(self, nodes: Nodes, pin: Pin) -> SelectLine:
        from cpcompat.backends.linux.chip_select import ChipSelects, SelectLine, place_of
        from cpcompat.backends.linux.spi import LinuxSpi

        if self._selects is None:
            self._selects = ChipSelects()
            for port in self._ports or ():
                if isinstance(port, LinuxSpi):
                    self._selects.opened(port.bus, port)
        place = place_of(self._board, pin)
        assert place is not None
        return SelectLine(nodes, pin, place, self._selects)

    def edges(
        self, pin: Pin, pull: Pull, rising: bool, falling: bool, debounce_ns: int
    ) -> EdgeSource:
        """See `Backend.edges`."""
        from cpcompat.backends.linux.edges import LinuxEdges

        nodes, start_ns = self._open(), self._start_ns
        return self._kept(
            LinuxEdges(nodes, _with_line(pin), pull, rising, falling, debounce_ns, start_ns)
        )

    def i2c(self, pins: I2cPins, frequency_hz: int) -> I2cBus:
        """See `Backend.i2c`."""
        from cpcompat.backends.linux.i2c import open_bus

        return self._kept(open_bus(self._open(), pins, frequency_hz, self._record()))

    def spi(self, pins: SpiPins) -> SpiBus:
        """See `Backend.spi`."""
        from cpcompat.backends.linux.spi import LinuxSpi

        spi = self._kept(LinuxSpi(self._open(), pins, self._record()))
        if self._selects is not None:
            self._selects.opened(pins.bus, spi)
        return spi

    def uart(self, pins: UartPins) -> UartPort:
        """See `Backend.uart`."""
        from cpcompat.backends.linux.uart import LinuxUart

        return self._kept(LinuxUart(self._open(), self._board, pins, self._record()))

    def pwm(self, pin: Pin) -> PwmOutput:
        """See `Backend.pwm`."""
        from cpcompat.backends.linux.pwm import open_output

        return self._kept(open_output(self._open(), self._board, pin))

    def pixels(self, pin: Pin) -> PixelOutput:
        """See `Backend.pixels`."""
        from cpcompat.backends.linux.pixels import LinuxPixels

        return self._kept(LinuxPixels(self._open(), self._board, pin))

    def analog_input(self, pin: Pin) -> AnalogInput:
        """See `Backend.analog_input`."""
        from cpcompat.backends.linux.analog import LinuxAnalogInput

        return self._kept(LinuxAnalogInput(self._open(), self._board, pin))

    def analog_output(self, pin: Pin) -> AnalogOutput:
        """See `Backend.analog_output`."""
        from cpcompat.backends.linux.analog import LinuxAnalogOutput

        return self._kept(LinuxAnalogOutput(self._open(), self._board, pin))

    def cpu_temperature_c(self) -> float | None:
        """See `Backend.cpu_temperature_c`."""
        from cpcompat.backends.linux import chip_facts

        return chip_facts.temperature_c()

    def cpu_count(self) -> int:
        """See `Backend`."""
        from cpcompat.backends.linux import processors

        return processors.count()

    def cpu_frequency_hz(self, core: int) -> int | None:
        """See `Backend`."""
        from cpcompat.backends.linux import processors

        return processors.frequency_hz(core)

    def cpu_voltage_v(self) -> float | None:
        """See `Backend`."""
        from cpcompat.backends.linux import processors

        return processors.voltage_v()

    def uid(self) -> bytes:
        """See `Backend.uid`."""
        from cpcompat.backends.linux import chip_facts

        return chip_facts.uid()

    def close(self) -> None:
        """See `Backend.close`."""
        if self._closed:
            return
        self._closed = True
        for port in list(self._ports or ()):
            port.close()
        self._nodes.close()


def _is_on(bus: SpiPins) -> bool:
    """Tell whether an SPI bus is switched on."""
    import os

    return os.access(f"/dev/spidev{bus.bus}.0", os.F_OK)


def _with_line(pin: Pin) -> Pin:
    if pin.id < 0:
        raise HalError(Fault.ABSENT, pin.label, "The board's file knows no GPIO line for this pin.")
    return pin
