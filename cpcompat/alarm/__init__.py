"""Alarms, and sleep until one of them.

On Linux: light sleep is a wait. Deep sleep ends the program and leaves the waiting to the
supervisor; the computer itself stays awake. While somebody watches the console, deep sleep is
pretended, as upstream does: the board wakes without a boot.
"""

from __future__ import annotations

from . import pin, time, touch
from .memory import SleepMemory
from .sleep import exit_and_deep_sleep_until_alarms, light_sleep_until_alarms

TYPE_CHECKING = False  # not typing's: that import costs more than all of this package
if TYPE_CHECKING:
    from .sleep import Alarm

    sleep_memory: SleepMemory
    wake_alarm: Alarm | None

__all__ = [
    "SleepMemory",
    "exit_and_deep_sleep_until_alarms",
    "light_sleep_until_alarms",
    "pin",
    "sleep_memory",
    "time",
    "touch",
    "wake_alarm",
]


def __getattr__(name: str) -> object:
    from . import sleep
    from .memory import memory

    if name == "wake_alarm":
        return sleep.woken_by()
    if name == "sleep_memory":
        return memory()
    raise AttributeError(f"'module' object has no attribute '{name}'")
