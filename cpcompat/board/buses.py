"""The board's usual buses: one object each."""

from __future__ import annotations

from _thread import allocate_lock

from cpcompat import hal

TYPE_CHECKING = False  # not typing's: that import costs more than all of this package
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol, TypeVar

    from cpcompat.board.definition import BoardDefinition
    from cpcompat.busio import I2C, SPI, UART

    class _Bus(Protocol):
        def _deinited(self) -> bool: ...

    B = TypeVar("B", bound=_Bus)

_made: dict[str, tuple[hal.Machine, _Bus]] = {}
_making = allocate_lock()


def i2c() -> I2C:
    """Return the board's usual I2C bus."""
    from cpcompat.busio import I2C

    def make(board: BoardDefinition) -> I2C:
        return I2C(board.i2c[0].scl, board.i2c[0].sda)

    return _one("I2C", I2C, make)


def spi() -> SPI:
    """Return the board's usual SPI bus."""
    from cpcompat.busio import SPI

    def make(board: BoardDefinition) -> SPI:
        return SPI(board.spi[0].clock, board.spi[0].mosi, board.spi[0].miso)

    return _one("SPI", SPI, make)


def uart() -> UART:
    """Return the board's usual serial port."""
    from cpcompat.busio import UART

    def make(board: BoardDefinition) -> UART:
        return UART(board.uart[0].tx, board.uart[0].rx)

    return _one("UART", UART, make)


def _one(name: str, kind: type[B], make: Callable[[BoardDefinition], B]) -> B:
    """Return the object that was made before, unless it is deinited or of another machine."""
    machine = hal.machine()
    with _making:
        of, bus = _made.get(name, (None, None))
        if of is machine and isinstance(bus, kind) and not bus._deinited():
            return bus
        if not getattr(machine.board, name.lower()):
            raise _no_default(name, machine.board)
        bus = make(machine.board)
        _made[name] = (machine, bus)
        return bus


def _no_default(name: str, board: BoardDefinition) -> NotImplementedError:
    error = NotImplementedError(f"No default {name} bus")
    error.add_note(f"The file of the board {board.id} lists no {name} bus.")
    return error
