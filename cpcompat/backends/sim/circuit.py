"""The simulated hardware: a board, what is wired to it, and the time that it lives in.

A circuit is a model without threads, files or sockets. `cpcompat.backends.sim.backend` is the
way of a program to it; a test and a process that outlives programs use it as it is.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from cpcompat.backends.sim.i2c_wire import I2cWire
from cpcompat.backends.sim.outside import Outside
from cpcompat.backends.sim.site import PartSite
from cpcompat.backends.sim.spi_wire import SpiWire
from cpcompat.backends.sim.uart_wire import UartWire
from cpcompat.errors import CircuitError
from cpcompat.hal.clock import RealClock
from cpcompat.hal.gpio import Pull

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cpcompat.backends.sim.part import I2cPart, Part, PixelPart, SpiPart, UartPart
    from cpcompat.backends.sim.records import I2cTraffic, SpiTraffic, UartTraffic
    from cpcompat.board.definition import BoardDefinition
    from cpcompat.hal.clock import Clock
    from cpcompat.hal.pin import Pin

TRAFFIC_KEPT = 256

_Wire = TypeVar("_Wire", I2cWire, SpiWire, UartWire)


class PlacedPart(NamedTuple):
    """A part of a circuit.

    Attributes:
        name: Its name on the circuit, ``"bme280"``; a second one is ``"bme280-2"``.
        part: The part.
        place: Where it sits, for people: ``"i2c1 address 0x76"``.
    """

    name: str
    part: Part
    place: str


class Circuit(Outside):
    """A board on the desk, with everything that is wired to it.

    What there is to do, by who does it:

    * the world: `drive`, `press`, `release`, `pull`, `input_trace`, `set_volts`, `set_analog`,
      `cpu_temperature_c`, `uarts` [port].feed, and the channels of `parts`;
    * who looks on: `level`, `pwm`, `dac`, `watch`, `record`, `traffic`, `contentions`, `faults`;
    * who builds it: `wire`, `add_i2c`, `add_spi`, `add_uart`, `add_pixels`;
    * the board (a backend): `terminal`, `configure`, `write`, `pulse`, `analog`, `i2cs`, `spis`,
      `uarts`, `send_pixels`, `reset_board`;
    * time: `clock`, `at`, `advance`, `next_event_ns`, `wait`.

    Synchronization: any thread.

    Args:
        board: The board.
        clock: Its time; the host's by default.
        strict: Raise `CircuitError` on the first contention or fault instead of noting it.

    Attributes:
        i2cs: The I2C buses by number.
        spis: The SPI buses by number.
        uarts: The serial ports by number.
        pixels: The chains of pixels by the chip's names of their pins.
        parts: The parts by name.
        traffic: The last transfers on all buses, oldest first.
        virtual: Time is virtual: a transfer takes the time of its wire.
    """

    def __init__(
        self, board: BoardDefinition, clock: Clock | None = None, strict: bool = False
    ) -> None:
        super().__init__(board, clock or RealClock(), strict)
        self.virtual = self._spend is not None
        self.traffic: deque[I2cTraffic | SpiTraffic | UartTraffic] = deque(maxlen=TRAFFIC_KEPT)
        self.pixels: dict[str, PixelPart] = {}
        self.parts: dict[str, PlacedPart] = {}
        self.i2cs = {pins.bus: I2cWire(self, pins) for pins in board.i2c}
        self.spis = {pins.bus: SpiWire(self, pins) for pins in board.spi}
        self.uarts = {pins.port: UartWire(self, pins) for pins in board.uart}
        for bus in board.i2c:
            self.pull(bus.scl, Pull.UP)
            self.pull(bus.sda, Pull.UP)

    def add_i2c(
        self,
        part: I2cPart,
        address: int | None = None,
        bus: int | None = None,
        name: str | None = None,
    ) -> PlacedPart:
        """Put a part on an I2C bus.

        Args:
            part: The part.
            address: Its address; the part's usual one by default.
            bus: The bus; the board's default by default.
            name: Its name on the circuit; the class's by default.

        Raises:
            CircuitError: The address, the bus or the name cannot be had.
        """
        wire = _chosen(self.i2cs, bus, "I2C bus")
        if address is None:
            address = part.address or (part.addresses[0] if part.addresses else 0)
        wire.add(part, address)
        return self._place(part, name, f"i2c{wire.number} address 0x{address:02x}")

    def add_spi(
        self, part: SpiPart, cs: str | Pin, bus: int | None = None, name: str | None = None
    ) -> PlacedPart:
        """Put a part on an SPI bus, with the pin that selects it.

        Raises:
            CircuitError: The chip select, the bus or the name cannot be had.
        """
        wire = _chosen(self.spis, bus, "SPI bus")
        placed = self._place(part, name, f"spi{wire.number} chip select {self.terminal(cs).name}")
        wire.add(part, cs)
        return placed

    def add_uart(
        self, part: UartPart, port: int | None = None, name: str | None = None
    ) -> PlacedPart:
        """Put a part at the other end of a serial port.

        Raises:
            CircuitError: The port or the name cannot be had.
        """
        wire = _chosen(self.uarts, port, "serial port")
        wire.add(part, name or type(part).__name__)
        return self._place(part, name, f"uart{wire.number}", wire)

    def add_pixels(self, part: PixelPart, pin: str, name: str | None = None) -> PlacedPart:
        """Put a chain of pixels at a pin.

        Raises:
            CircuitError: There is no such pin, or there are pixels at it already.
        """
        at = self.terminal(pin).name
        if at in self.pixels:
            raise CircuitError(f"pin {pin!r} has pixels already")
        self.pixels[at] = part
        return self._place(part, name, f"pixels at {at}")

    def send_pixels(self, pin: Pin, data: bytes) -> None:
        """Send bytes down a pin's line; without pixels there nobody hears."""
        part = self.pixels.get(self.terminal(pin).name)
        if part is not None:
            with self.lock:
                part.receive(data)

    def _place(
        self, part: Part, name: str | None, place: str, uart: UartWire | None = None
    ) -> PlacedPart:
        wanted = name or type(part).__name__.lower()
        number, free = 1, wanted
        while free in self.parts:
            number += 1
            free = f"{wanted}-{number}"
        placed = self.parts[free] = PlacedPart(free, part, place)
        part.attach(PartSite(self, free, uart))
        return placed

    def reset_board(self) -> None:
        """Bring the board's side to its reset state; parts and the world stay as they are."""
        for wire in self.uarts.values():
            wire.close()
        super().reset_board()


def _chosen(wires: Mapping[int, _Wire], number: int | None, kind: str) -> _Wire:
    """Return the wanted bus, or the first (the board's default) when none is named."""
    if number is None:
        for wire in wires.values():
            return wire
    elif number in wires:
        return wires[number]
    legal = ", ".join(map(str, wires)) or "none"
    raise CircuitError(f"there is no {kind} {number!r}", f"The board has: {legal}.")
