"""The enum-like classes of `digitalio`."""

from __future__ import annotations

from cpcompat.hal.gpio import Pull as LinePull
from cpcompat.hal.symbols import Choice, define_choices

TYPE_CHECKING = False  # not typing's: that import costs more than all of this package
if TYPE_CHECKING:
    from typing import ClassVar


class Direction(Choice):
    """Which way a pin works."""

    __slots__ = ()

    INPUT: ClassVar[Direction]
    """Levels are read."""
    OUTPUT: ClassVar[Direction]
    """Levels are driven."""


class DriveMode(Choice):
    """How an output makes its levels."""

    __slots__ = ()

    PUSH_PULL: ClassVar[DriveMode]
    """Both levels are driven."""
    OPEN_DRAIN: ClassVar[DriveMode]
    """Low is driven; for high the pin floats, and a pull-up or another output decides."""


class Pull(Choice):
    """The resistor that holds an input while nobody drives it."""

    __slots__ = ()

    UP: ClassVar[Pull]
    """Towards the supply: reads True."""
    DOWN: ClassVar[Pull]
    """Towards ground: reads False."""


define_choices(Direction, "digitalio.Direction", "INPUT", "OUTPUT")
define_choices(DriveMode, "digitalio.DriveMode", "PUSH_PULL", "OPEN_DRAIN")
define_choices(Pull, "digitalio.Pull", "UP", "DOWN")

_PULLS = {None: LinePull.NONE, Pull.UP: LinePull.UP, Pull.DOWN: LinePull.DOWN}


def line_pull(pull: object) -> LinePull:
    """Return a line's resistor, from what a program passes as ``pull``.

    Raises:
        TypeError: It is neither a `Pull` nor None.
    """
    if pull is not None and not isinstance(pull, Pull):
        raise TypeError(f"pull must be of type Pull or None, not {type(pull).__name__}")
    return _PULLS[pull]
