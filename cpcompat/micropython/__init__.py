"""What libraries import for MicroPython's sake."""

from __future__ import annotations

TYPE_CHECKING = False  # not typing's: that import costs more than all of this package
if TYPE_CHECKING:
    from typing import TypeVar

    T = TypeVar("T")

__all__ = ["const", "opt_level"]

_level = 0


def const(expr: T) -> T:
    """Return the argument: a constant, which a compiler for small chips would write in place."""
    return expr


def opt_level(*level: int) -> int | None:
    """Return the level of optimisation without an argument, set it with one.

    Args:
        level: 0 to 3. It is kept and has no effect: CPython's compiler has no such levels.
    """
    global _level
    if len(level) > 1:
        raise TypeError(f"function expected at most 1 arguments, got {len(level)}")
    if not level:
        return _level
    (_level,) = level
    return None
