"""Which bus of the board comes out at which pins."""

from __future__ import annotations

from cpcompat.hal.arguments import checked_pin_or_none
from cpcompat.hal.refusals import noted

TYPE_CHECKING = False  # not typing's: that import costs more than all of this package
if TYPE_CHECKING:
    from cpcompat.board.definition import BoardDefinition, I2cPins, SpiPins, UartPins
    from cpcompat.hal.pin import Pin


def i2c_at(board: BoardDefinition, scl: Pin, sda: Pin) -> I2cPins:
    """Return the bus at these pins.

    Raises:
        ValueError: No I2C bus comes out at them; a note lists those there are.
    """
    for pins in board.i2c:
        if pins.scl is scl and pins.sda is sda:
            return pins
    known = ", ".join(f"scl={pins.scl!r}, sda={pins.sda!r}" for pins in board.i2c) or "none"
    raise noted(ValueError("Invalid pins"), f"I2C buses of the board {board.id}: {known}.")


def spi_at(board: BoardDefinition, clock: Pin, mosi: Pin | None, miso: Pin | None) -> SpiPins:
    """Return the bus at these pins.

    Raises:
        ValueError: No SPI bus comes out at them; a note lists those there are.
    """
    for pins in board.spi:
        if pins.clock is clock and mosi in (None, pins.mosi) and miso in (None, pins.miso):
            return pins
    known = ", ".join(
        f"clock={pins.clock!r}, MOSI={pins.mosi!r}, MISO={pins.miso!r}" for pins in board.spi
    )
    note = f"SPI buses of the board {board.id}: {known or 'none'}."
    raise noted(ValueError("Invalid pins"), note)


def uart_at(
    board: BoardDefinition, tx: Pin | None, rx: Pin | None, rts: Pin | None, cts: Pin | None
) -> UartPins:
    """Return the port at these pins.

    Raises:
        ValueError: No serial port comes out at them; a note lists those there are.
    """
    if rts is None and cts is None:
        for pins in board.uart:
            if tx in (None, pins.tx) and rx in (None, pins.rx):
                return pins
    known = ", ".join(f"tx={pins.tx!r}, rx={pins.rx!r}" for pins in board.uart) or "none"
    note = f"Serial ports of the board {board.id}, none of them with rts or cts: {known}."
    raise noted(ValueError("Invalid pins"), note)


def uart_claims(tx: object, rx: object, rts: object, cts: object, rs485: object) -> list[Pin]:
    """Return the pins that a serial port is to have, in the order in which they are claimed.

    Raises:
        TypeError: One is no pin.
        ValueError: There is neither ``tx`` nor ``rx``, or one pin is named twice.
    """
    named = (("rx", rx), ("tx", tx), ("rts", rts), ("cts", cts), ("rs485_dir", rs485))
    pins = [checked_pin_or_none(pin, name) for name, pin in named]
    if tx is None and rx is None:
        raise ValueError("tx and rx cannot both be None")
    used = [pin for pin in pins if pin is not None]
    if len(set(used)) != len(used):
        raise ValueError("Invalid pins")
    return used
