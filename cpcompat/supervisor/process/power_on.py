"""What the supervisor finds when the board is powered on: the drive's files, and reasons for safe mode."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from cpcompat.settings import SettingError, typed
from cpcompat.storage.drive.files import first_file
from cpcompat.storage.drive.names import BOOT_NAMES, SAFEMODE_NAMES, SETTINGS_NAME
from cpcompat.supervisor.process import wording
from cpcompat.supervisor.process.states import Memory

_HWMON = Path("/sys/class/hwmon")
_UNDER_VOLTAGE = "rpi_volt"
"""The kernel's name of the Raspberry Pi's supply sensor (drivers/hwmon/raspberrypi-hwmon.c)."""
_NO_WINDOW = frozenset({"BROWNOUT", "WATCHDOG", "RESCUE_DEBUG"})
DELAY_SETTING = "CIRCUITPY_SAFE_MODE_DELAY"


def looked_at(drive: Path, memory: Memory, reset_reason: str, window_s: float) -> Memory:
    """Return the memory with what the drive and the supply have to say.

    Args:
        drive: The drive.
        memory: What is remembered so far.
        reset_reason: Why the board boots.
        window_s: How long the safe-mode window is to be.
    """
    safe = memory.safe
    if not safe and not _can_be_read(drive):
        safe = "NO_CIRCUITPY"
    if not safe and supply_is_low():
        safe = "BROWNOUT"
    return replace(
        memory,
        safe=safe,
        auto_reload=memory.auto_reload and not safe,
        has_boot=first_file(drive, BOOT_NAMES) is not None,
        has_safemode=first_file(drive, SAFEMODE_NAMES) is not None,
        window=window_s > 0 and not safe and reset_reason not in _NO_WINDOW,
    )


def window_s(drive: Path, say: Callable[[str], object]) -> float:
    """Return how long the safe-mode window is, in seconds.

    Args:
        drive: The drive, whose ``settings.toml`` may say `DELAY_SETTING`. Without it there is no
            window: nothing waits for a button that a computer does not have.
        say: Is told what is wrong with the setting.
    """
    try:
        given = typed((drive / SETTINGS_NAME).read_bytes(), DELAY_SETTING)
    except OSError:
        return 0.0
    except SettingError as error:
        say(wording.bad_setting(DELAY_SETTING, str(error)))
        return 0.0
    if given is None:
        return 0.0
    if isinstance(given, bool | str) or not isinstance(given, int | float) or given < 0:
        say(wording.bad_setting(DELAY_SETTING, "Invalid format"))
        return 0.0
    return float(given)


def _can_be_read(drive: Path) -> bool:
    try:
        with os.scandir(drive) as entries:
            next(entries, None)
    except OSError:
        return False
    return True


def supply_is_low(sensors: Path = _HWMON) -> bool:
    """Tell whether the Raspberry Pi's firmware reports under-voltage now."""
    try:
        for sensor in sensors.iterdir():
            if (sensor / "name").read_text().strip() == _UNDER_VOLTAGE:
                return (sensor / "in0_lcrit_alarm").read_text().strip() == "1"
    except OSError:
        return False
    return False
