"""The GPIO port: one line that can be read and driven."""

from __future__ import annotations

from cpcompat.hal.symbols import Symbol

TYPE_CHECKING = False  # not typing's: that import costs more than all of this package
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, ClassVar, Protocol
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


class Quick:
    """How to read and drive a line by one call each, for whoever does that all the time.

    * ``call(handle, drive, high)`` and ``call(handle, drive, low)`` drive it.
    * ``call(handle, sense, cell)`` puts its level into ``cell[0]``, as 0 or 1.

    So a backend can have its function in C called without a frame of Python in between. It holds from
    when the line was configured first until it is closed.

    Attributes:
        call: The function; it raises `HalError` or OSError.
        handle: Its first argument.
        sense: Its second argument for reading.
        drive: Its second argument for driving.
        cell: Its third argument for reading.
        low: Its third argument for driving low.
        high: Its third argument for driving high.
        fault: Makes the `HalError` of an OSError that the function raised.
    """

    __slots__ = ("call", "cell", "drive", "fault", "handle", "high", "low", "sense")

    def __init__(
        self,
        call: Callable[[Any, int, bytearray], object],
        handle: object,
        sense: int,
        drive: int,
        cells: tuple[bytearray, bytearray, bytearray],
        fault: Callable[[OSError], Exception],
    ) -> None:
        self.call = call
        self.handle = handle
        self.sense = sense
        self.drive = drive
        self.cell, self.low, self.high = cells
        self.fault = fault


def quick(line: Line) -> Quick:
    """Return how to read and drive a line by one call each.

    A backend that has a faster way than its port's methods gives its lines a method ``quick()`` that
    returns a `Quick`; for others the methods are called.
    """
    own = getattr(line, "quick", None)
    if own is not None:
        made: Quick = own()
        return made
    return quick_by_methods(line)


def quick_by_methods(line: Line) -> Quick:
    """Return a `Quick` that calls a line's methods."""
    cells = bytearray(1), bytearray(1), bytearray(b"\x01")
    return Quick(_by_methods, line, 0, 1, cells, lambda error: error)


def _by_methods(line: Line, drive: int, cell: bytearray) -> None:
    if drive:
        line.write(cell[0] == 1)
    else:
        cell[0] = line.read()
