"""What the attributes of `board` are."""

from __future__ import annotations

from cpcompat import hal

TYPE_CHECKING = False  # not typing's: that import costs more than all of this package
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from cpcompat.board.definition import BoardDefinition

_BUSES = ("I2C", "SPI", "STEMMA_I2C", "UART")
_MOST_NAMES = 8


def named(name: str) -> Any:
    """Return what ``board.NAME`` is.

    Raises:
        AttributeError: The board has nothing of that name; a note names the board and its
            names that are like it.
        CpcompatError: There is no board to ask.
    """
    board = hal.machine().board
    pin = board.names.get(name)
    if pin is not None:
        return pin
    if name == "board_id":
        return board.id
    if name == "__all__":  # for «from board import *»
        return [*board.names, *_BUSES, "board_id"]
    missing = AttributeError(f"'module' object has no attribute '{name}'")
    missing.add_note(_note(name, board))
    raise missing


def pin_names() -> list[str]:
    """Return the names of the board's pins."""
    return sorted(hal.machine().board.names)


def _note(name: str, board: BoardDefinition) -> str:
    like = _like(name, board.names)
    hint = f" Names like it: {', '.join(like)}." if like else ""
    return f"The board {board.id} has no {name}.{hint} «cpcompat boards {board.id}» lists its pins."


def _like(name: str, names: Iterable[str]) -> list[str]:
    """Return names that differ by case, or have the same letters and another number."""
    letters = name.upper().rstrip("0123456789")
    return [n for n in names if n.upper().rstrip("0123456789") == letters][:_MOST_NAMES]
