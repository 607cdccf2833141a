"""`supervisor.status_bar`: the title of the console's terminal."""

from __future__ import annotations

from cpcompat import hal
from cpcompat.hal.refusals import noted

_NO_DISPLAY = "There is no terminal on a display."


class StatusBar:
    """Where the board shows its state. There is one object: `supervisor.status_bar`."""

    __slots__ = ()

    def __init__(self) -> None:
        raise TypeError("cannot create 'Status_Bar' instances")

    @property
    def console(self) -> bool:
        """Whether the state is sent to the console, as the terminal's title."""
        return bool(hal.host().get("status_bar_console"))

    @console.setter
    def console(self, value: bool) -> None:
        hal.host().set("status_bar_console", bool(value))

    @property
    def display(self) -> bool:
        """Whether the state is shown on a display.

        Raises:
            NotImplementedError: Always: there is none.
        """
        raise noted(NotImplementedError(), _NO_DISPLAY)

    @display.setter
    def display(self, value: bool) -> None:
        raise noted(NotImplementedError(), _NO_DISPLAY)


# The documentation calls the class StatusBar, and the class itself says this.
StatusBar.__name__ = "Status_Bar"

status_bar: StatusBar = object.__new__(StatusBar)
