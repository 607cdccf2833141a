"""Real hardware through the kernel's own interfaces, with the standard library alone.

This is the backend's package as `cpcompat.hal.backend.BackendModule` describes it.
"""

from __future__ import annotations

TYPE_CHECKING = False  # not typing's: that import costs more than this package
if TYPE_CHECKING:
    from typing import Any

    from cpcompat.board.definition import BoardDefinition
    from cpcompat.hal.finding import Finding

__all__ = ["board_table", "diagnose"]


def board_table() -> dict[str, Any]:
    """Return the board that this computer's GPIO lines and bus nodes make.

    Raises:
        HalError: There is no GPIO chip with named lines, or it may not be asked.
    """
    from cpcompat.backends.linux.board_maker import make

    return make()


def diagnose(board: BoardDefinition) -> list[Finding]:
    """Return what works on this computer of what the board's file says, and what cures the rest."""
    from cpcompat.backends.linux import diagnosis, facts

    return diagnosis.diagnose(board, facts.read(facts.ThisComputer()))
