"""The supervisor that runs this program: why it runs, what runs next, its settings.

On Linux: a program started by itself has no supervisor; then `reload` raises and the facts are
those of a board that has just been switched on.
"""

from __future__ import annotations

from .next_code import set_next_code_file
from .reasons import RunReason, SafeModeReason
from .runtime import Runtime, runtime
from .status_bar import StatusBar, status_bar
from .usb import set_usb_identification

TYPE_CHECKING = False  # not typing's: that import costs more than all of this package
if TYPE_CHECKING:
    from typing import Any, NoReturn

__all__ = [
    "RunReason",
    "Runtime",
    "SafeModeReason",
    "StatusBar",
    "get_previous_traceback",
    "get_setting",
    "reload",
    "reset_terminal",
    "runtime",
    "set_next_code_file",
    "set_usb_identification",
    "status_bar",
    "ticks_ms",
]

_GONE = {
    "disable_autoreload": "Write «supervisor.runtime.autoreload = False».",
    "enable_autoreload": "Write «supervisor.runtime.autoreload = True».",
    "set_rgb_status_brightness": "Write «supervisor.runtime.rgb_status_brightness = 63».",
    "set_next_stack_limit": "There is no limit to set: Python's own stack grows as it is needed.",
}
"""What CircuitPython 8 removed and old programs still call."""


def __getattr__(name: str) -> NoReturn:
    error = AttributeError(f"'module' object has no attribute '{name}'")
    if name in _GONE:
        error.add_note(_GONE[name])
    raise error


def reload() -> NoReturn:
    """End this program and run it anew, as saving a file does.

    Raises:
        ReloadException: Always, under a supervisor; a BaseException that only a bare ``except``
            would swallow.
        CpcompatError: The program runs without a supervisor.
    """
    from cpcompat import hal

    hal.host().reload()


def ticks_ms() -> int:
    """Return a count of milliseconds, 0 to 536 870 911, that first goes round 65.5 s after power-on."""
    from cpcompat import hal
    from cpcompat.hal import clock

    return clock.ticks_ms(hal.machine().backend.clock.now_ns())


def get_previous_traceback() -> str | None:
    """Return what the last run printed about the exception that ended it, or None for none."""
    from cpcompat import hal

    text = hal.host().get("previous_traceback")
    return None if text is None else str(text)


def get_setting(key: str, default: object = None) -> Any:
    """Return a setting of ``/settings.toml`` as a str, int, float or bool, as it is written there.

    Args:
        key: The setting's name; upper and lower case differ.
        default: What to return when there is no such setting, or no file.

    Raises:
        ValueError: The setting's value cannot be read.

    On Linux: the drive of a program that ``python -m cpcompat`` runs is the folder it lies in. After
    ``cpcompat.install()`` there is none, and every setting is at its default.
    """
    from cpcompat import hal
    from cpcompat.settings import SettingError, typed

    drive = hal.drive()
    if drive is None:
        return default
    try:
        return typed(drive.read("/settings.toml"), key, default)
    except OSError:
        return default
    except SettingError as error:
        refused = ValueError("Invalid value")
        refused.add_note(f"settings.toml, {key}: {error}.")
        raise refused from None


def reset_terminal(x_pixels: int, y_pixels: int) -> NoReturn:
    """Not offered: there is no terminal on a display.

    Args:
        x_pixels: The display's width.
        y_pixels: The display's height.

    Raises:
        NotImplementedError: Always, as on boards without a display.
    """
    raise NotImplementedError
