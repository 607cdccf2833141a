"""What the supervisor finds when the board is powered on: the drive's files, and reasons for safe mode."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from cpcompat.settings import SettingError, typed
from cpcompat.storage.drive.files import first_file
from cpcompat.storage.drive.names import BOOT_NAMES, SAFEMODE_NAMES, SETTINGS_NAME
from cpcompat.supervisor.process import wording
from cpcompat.supervisor.process.states import Memory

if TYPE_CHECKING:
    from cpcompat.supervisor.process.options import Options

_HWMON = Path("/sys/class/hwmon")
_UNDER_VOLTAGE = "rpi_volt"
"""The kernel's name of the Raspberry Pi's supply sensor (drivers/hwmon/raspberrypi-hwmon.c)."""
_NO_WINDOW = frozenset({"BROWNOUT", "WATCHDOG", "RESCUE_DEBUG"})
_WINDOW_S = 1.0
"""What upstream waits (supervisor/shared/safe_mode.c)."""
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


def window_s(options: Options, say: Callable[[str], object]) -> float:
    """Return how long the safe-mode window is, in seconds.

    Args:
        options: Name the drive, whose ``settings.toml`` may say `DELAY_SETTING`. Without it the window
            is upstream's where there is a reset button; else there is none: nothing waits for a
            button that a computer does not have.
        say: Is told what is wrong with the setting.
    """
    usual_s = _WINDOW_S if options.reset_button is not None else 0.0
    try:
        given = typed((options.drive / SETTINGS_NAME).read_bytes(), DELAY_SETTING, usual_s)
    except OSError:
        return usual_s
    except SettingError as error:
        say(wording.bad_setting(DELAY_SETTING, str(error)))
        return usual_s
    if isinstance(given, bool | str) or not isinstance(given, int | float) or given < 0:
        say(wording.bad_setting(DELAY_SETTING, "Invalid format"))
        return usual_s
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
