"""What a self-test may use. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cpcompat.errors import CpcompatError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import TypeVar

    from cpcompat.board.definition import BoardDefinition, I2cPins, SpiPins, UartPins
    from cpcompat.hal.pin import Pin

    Bus = TypeVar("Bus")


class Plan(NamedTuple):
    """The pins and buses that the user names, and nothing else.

    Attributes:
        loop: Two pins that are wired together.
        i2c: A bus whose addresses are asked.
        spi: A bus whose MOSI is wired to its MISO.
        uart: A port whose TX is wired to its RX.
    """

    loop: tuple[Pin, Pin] | None = None
    i2c: I2cPins | None = None
    spi: SpiPins | None = None
    uart: UartPins | None = None

    def sentences(self) -> list[str]:
        """Return what is going to be done to pins, for a user to read beforehand."""
        said = []
        if self.loop:
            one, other = (pin.label for pin in self.loop)
            said.append(
                f"{one} and {other}, which have to be wired together and to nothing else: looks"
                " whether they are; then drives one and reads the other, in turn."
            )
        if self.i2c:
            said.append(f"I2C {self.i2c.bus}: asks each address from 0x08 to 0x77 who is there.")
        if self.spi:
            wires = f"{self.spi.mosi.label} to {self.spi.miso.label}"
            said.append(f"SPI {self.spi.bus}, its MOSI wired to its MISO ({wires}): sends bytes.")
        if self.uart:
            wires = f"{self.uart.tx.label} to {self.uart.rx.label}"
            said.append(f"UART {self.uart.port}, its TX wired to its RX ({wires}): sends bytes.")
        return said or ["No pin is named, so no pin is touched. --loop D17:D27 names two."]


def make(
    board: BoardDefinition,
    loop: str | None = None,
    i2c: int | None = None,
    spi: int | None = None,
    uart: int | None = None,
) -> Plan:
    """Return the plan that a command line asks for.

    Args:
        board: The board.
        loop: Two of its pins: ``"D17:D27"``.
        i2c: The number of a bus.
        spi: The number of a bus.
        uart: The number of a port.

    Raises:
        CpcompatError: The board has no such pin or bus.
    """
    return Plan(
        None if loop is None else _pair(board, loop),
        _numbered("I2C bus", i2c, {bus.bus: bus for bus in board.i2c}),
        _numbered("SPI bus", spi, {bus.bus: bus for bus in board.spi}),
        _numbered("serial port", uart, {port.port: port for port in board.uart}),
    )


def _pair(board: BoardDefinition, text: str) -> tuple[Pin, Pin]:
    names = text.split(":")
    pins = [board.names.get(name) or board.pins.get(name) for name in names]
    for name, pin in zip(names, pins, strict=True):
        if pin is None:
            known = ", ".join(board.names)
            raise CpcompatError(f"the board {board.id!r} has no pin {name!r}", f"It has: {known}.")
    found = [pin for pin in pins if pin is not None]
    if len(found) != 2 or found[0] is found[1]:
        raise CpcompatError(f"--loop {text!r} does not name two pins", "As in --loop D17:D27.")
    return found[0], found[1]


def _numbered(kind: str, number: int | None, known: Mapping[int, Bus]) -> Bus | None:
    if number is None:
        return None
    if number not in known:
        raise CpcompatError(f"the board has no {kind} {number}", f"It has: {_listed(known)}.")
    return known[number]


def _listed(numbers: Iterable[int]) -> str:
    return ", ".join(map(str, numbers)) or "none"
