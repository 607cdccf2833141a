"""The GPIO port: one line that can be read and driven."""

from __future__ import annotations

import enum
from typing import Protocol


class Direction(enum.Enum):
    """Which way a line works."""

    INPUT = "input"
    OUTPUT = "output"


class Pull(enum.Enum):
    """The resistor that holds an input while nobody drives it."""

    NONE = "none"
    UP = "up"
    DOWN = "down"


class Drive(enum.Enum):
    """How an output makes its high level."""

    PUSH_PULL = "push-pull"
    OPEN_DRAIN = "open drain"


class Line(Protocol):
    """One GPIO line, opened by `Backend.line`, as it was found.

    Synchronization: a line belongs to one thread at a time; different lines are independent.
    """

    def configure(self, direction: Direction, pull: Pull, drive: Drive, value: bool) -> None:
        """Set everything about the line at once, so that no level in between appears on it.

        Args:
            direction: Input or output.
            pull: The resistor, for an input.
            drive: How a high level is made, for an output.
            value: The level an output starts with; without meaning for an input.

        Raises:
            HalError: The line is in use (BUSY), cannot do it (UNSUPPORTED) or is gone (GONE).
        """
        ...

    def read(self) -> bool:
        """Return the level now on the line, whoever makes it."""
        ...

    def write(self, value: bool) -> None:
        """Drive the line.

        Raises:
            HalError: WRONG_DIRECTION when the line is an input.
        """
        ...

    def close(self) -> None:
        """Make the line an input without a pull, and let it go. Closing again does nothing."""
        ...
