"""The timer and its words."""

from __future__ import annotations

from cpcompat import hal
from cpcompat.hal.refusals import noted
from cpcompat.hal.symbols import Choice, define_choices

TYPE_CHECKING = False  # not typing's: that import costs more than all of this package
if TYPE_CHECKING:
    from typing import ClassVar


class WatchDogTimeout(Exception):
    """The watchdog of mode ``RAISE`` was not fed in time. It is off now."""


class WatchDogMode(Choice):
    """What happens to a program that does not feed the watchdog."""

    __slots__ = ()

    RAISE: ClassVar[WatchDogMode]
    """`WatchDogTimeout` is raised in it."""
    RESET: ClassVar[WatchDogMode]
    """The board is reset."""


define_choices(WatchDogMode, "watchdog.WatchDogMode", "RAISE", "RESET")


class WatchDogTimer:
    """Waits for `feed`. There is one object: `microcontroller.watchdog`."""

    __slots__ = ("_timeout_s",)
    _timeout_s: float

    def __init__(self) -> None:
        raise TypeError("cannot create 'WatchDogTimer' instances")

    def feed(self) -> None:
        """Start the time anew. Does nothing while the watchdog is off."""
        if self.mode is not None:
            hal.host().feed()

    @property
    def timeout(self) -> float:
        """How long the program may go without `feed`, in seconds; setting it feeds, too.

        Raises:
            ValueError: It is negative, or 0 while the watchdog is on.
        """
        return self._timeout_s

    @timeout.setter
    def timeout(self, seconds: float) -> None:
        if seconds < 0 or (seconds == 0 and self.mode is not None):
            raise ValueError("timeout must be >= 0")
        self._timeout_s = float(seconds)
        if self.mode is not None:
            self._tell(self.mode)

    @property
    def mode(self) -> WatchDogMode | None:
        """What it does when it is not fed; None while it is off. Set `timeout` first.

        Raises:
            TypeError: That is no mode.
            ValueError: It was to be switched on without a timeout.
        """
        known = hal.host().get("watchdog")
        if not isinstance(known, dict):
            return None
        mode: WatchDogMode = getattr(WatchDogMode, known["mode"])
        return mode

    @mode.setter
    def mode(self, mode: WatchDogMode | None) -> None:
        if mode is not None and not isinstance(mode, WatchDogMode):
            kind = type(mode).__name__
            raise TypeError(f"mode must be of type WatchDogMode, not {kind}")
        if mode is not None and not self._timeout_s:
            error = ValueError("timeout must be >= 0")
            raise noted(error, "Set watchdog.timeout, in seconds, before the mode.")
        self._tell(mode)

    def _tell(self, mode: WatchDogMode | None) -> None:
        if mode is None:
            hal.host().set("watchdog", None)
            return
        name = "RAISE" if mode is WatchDogMode.RAISE else "RESET"
        hal.host().feed()
        hal.host().set("watchdog", {"mode": name, "timeout_s": self._timeout_s})


def make() -> WatchDogTimer:
    """Return a timer that is off."""
    timer = object.__new__(WatchDogTimer)
    timer._timeout_s = 0.0
    return timer
