"""The names of this board's pins, and its usual buses.

Pins are looked up when they are first asked for; importing this module finds no board and touches
no hardware. ``dir(board)`` lists the pins.

On Linux: the board is the one that the device tree names, else the simulated one; the environment
variable ``CPCOMPAT_BOARD`` decides otherwise.
"""

from __future__ import annotations

TYPE_CHECKING = False  # not typing's: that import costs more than all of this package
if TYPE_CHECKING:
    from cpcompat.busio import I2C as I2CBus  # noqa: N811
    from cpcompat.busio import SPI as SPIBus  # noqa: N811
    from cpcompat.busio import UART as SerialPort  # noqa: N811
    from cpcompat.hal.pin import Pin

board_id: str

_MODULES = frozenset(
    {"buses", "definition", "detect", "files", "header", "inclusion", "lookup", "matching"}
)


def I2C() -> I2CBus:  # noqa: N802 - upstream's name
    """Return the board's usual I2C bus: always the same object, a new one after its ``deinit()``.

    Raises:
        NotImplementedError: The board has none.
        ValueError: A pin of the bus is in use; a note names the holder.
    """
    from cpcompat.board.buses import i2c

    return i2c()


def STEMMA_I2C() -> I2CBus:  # noqa: N802 - upstream's name
    """Return the I2C bus of the STEMMA QT connector: here the same object as `I2C` gives."""
    from cpcompat.board.buses import i2c

    return i2c()


def SPI() -> SPIBus:  # noqa: N802 - upstream's name
    """Return the board's usual SPI bus: always the same object, a new one after its ``deinit()``.

    Raises:
        NotImplementedError: The board has none.
        ValueError: A pin of the bus is in use; a note names the holder.
    """
    from cpcompat.board.buses import spi

    return spi()


def UART() -> SerialPort:  # noqa: N802 - upstream's name
    """Return the board's usual serial port: always the same object, a new one after its ``deinit()``.

    Raises:
        NotImplementedError: The board has none.
        ValueError: A pin of the port is in use; a note names the holder.
    """
    from cpcompat.board.buses import uart

    return uart()


def __getattr__(name: str) -> Pin:  # board_id and __all__ come this way too
    if name in _MODULES or (name.startswith("__") and name != "__all__"):
        # Asked by the import machinery and by inspection, which must not go looking for a board.
        raise AttributeError(f"'module' object has no attribute '{name}'")
    from cpcompat.board.lookup import named

    found: Pin = named(name)
    return found


def __dir__() -> list[str]:
    from cpcompat.board.lookup import pin_names

    return pin_names()
