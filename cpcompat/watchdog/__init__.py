"""A timer that bites a program which does not feed it.

The one timer there is is `microcontroller.watchdog`.

On Linux: the supervisor keeps the time, so it bites a program that hangs in native code as well.
"""

from __future__ import annotations

from .timer import WatchDogMode, WatchDogTimeout, WatchDogTimer

__all__ = ["WatchDogMode", "WatchDogTimeout", "WatchDogTimer"]
