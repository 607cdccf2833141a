"""What a circuit keeps of what went wrong on it, and of what went over its wires."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from cpcompat.backends.sim.recorder import I2cMessage


class Contention(NamedTuple):
    """Two outputs that drove one net against each other.

    Attributes:
        time_ns: When it began.
        pins: The pins on the net.
        high: Who drove it high.
        low: Who drove it low; they won.
    """

    time_ns: int
    pins: tuple[str, ...]
    high: tuple[str, ...]
    low: tuple[str, ...]

    def __str__(self) -> str:
        high, low = " and ".join(self.high), " and ".join(self.low)
        return f"{'+'.join(self.pins)}: {high} drives it high against {low}, which drives it low"


class CircuitFault(NamedTuple):
    """Something that would not work with the real parts either.

    Attributes:
        time_ns: When it happened.
        where: The bus or the pin, as ``"spi0"``.
        what: What is wrong, and what would be right.
    """

    time_ns: int
    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


class I2cTraffic(NamedTuple):
    """An I2C transaction that was on a bus."""

    time_ns: int
    bus: int
    address: int
    messages: list[I2cMessage]


class SpiTraffic(NamedTuple):
    """An SPI transfer that was on a bus; ``selected`` are the chip selects of the parts that heard it."""

    time_ns: int
    bus: int
    mosi: bytes
    miso: bytes
    selected: tuple[str, ...] = ()


class UartTraffic(NamedTuple):
    """Bytes that went over a serial line; direction is ``"tx"`` or ``"rx"`` as the board sees it."""

    time_ns: int
    port: int
    direction: str
    data: bytes
