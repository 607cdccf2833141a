"""The GPIO port: one line that can be read and driven."""

from __future__ import annotations

from cpcompat.hal.symbols import Symbol

TYPE_CHECKING = False  # not typing's: that import costs more than all of this package
if TYPE_CHECKING:
    from typing import ClassVar, Protocol
else:
    Protocol = object


class Direction(Symbol):
    """Which way a line works."""

    __slots__ = ()

    INPUT: ClassVar[Direction]
    OUTPUT: ClassVar[Direction]


class Pull(Symbol):
    """The resistor that holds an input while nobody drives it."""

    __slots__ = ()

    NONE: ClassVar[Pull]
    UP: ClassVar[Pull]
    DOWN: ClassVar[Pull]


class Drive(Symbol):
    """How an output makes its high level."""

    __slots__ = ()

    PUSH_PULL: ClassVar[Drive]
    OPEN_DRAIN: ClassVar[Drive]


Direction.define(INPUT="input", OUTPUT="output")
Pull.define(NONE="none", UP="up", DOWN="down")
Drive.define(PUSH_PULL="push-pull", OPEN_DRAIN="open drain")


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
