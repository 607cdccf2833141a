"""The chip's pins by the chip's own names."""

from __future__ import annotations

TYPE_CHECKING = False  # not typing's: that import costs more than all of this package
if TYPE_CHECKING:
    from cpcompat.hal.pin import Pin


def __getattr__(name: str) -> Pin:
    from cpcompat import hal

    if name.startswith("__") and name != "__all__":
        raise AttributeError(f"'module' object has no attribute '{name}'")
    board = hal.machine().board
    if name == "__all__":
        return list(board.pins)  # type: ignore[return-value]
    pin = board.pins.get(name)
    if pin is None:
        error = AttributeError(f"'module' object has no attribute '{name}'")
        error.add_note(f"The chip {board.chip} of the board {board.id} has no pin {name}.")
        raise error
    return pin


def __dir__() -> list[str]:
    from cpcompat import hal

    return sorted(hal.machine().board.pins)
