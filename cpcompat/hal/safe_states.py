"""What a pin can be while no program uses it, as ``cpcompat.toml`` names it."""

from __future__ import annotations

from cpcompat.hal.gpio import Direction, Drive, Pull

TYPE_CHECKING = False  # not typing's: that import costs more than all of this package
if TYPE_CHECKING:
    from cpcompat.hal.gpio import Line

INPUT = "input"
"""The state of a pin of which nothing else is said."""
STATES = {
    INPUT: (Direction.INPUT, Pull.NONE, False),
    "input-pullup": (Direction.INPUT, Pull.UP, False),
    "input-pulldown": (Direction.INPUT, Pull.DOWN, False),
    "low": (Direction.OUTPUT, Pull.NONE, False),
    "high": (Direction.OUTPUT, Pull.NONE, True),
}


def apply(line: Line, state: str) -> None:
    """Bring a line into a state, by one call."""
    direction, pull, value = STATES[state]
    line.configure(direction, pull, Drive.PUSH_PULL, value)
