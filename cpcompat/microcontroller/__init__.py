"""The chip: its pins, its processor, its reset.

`nvm` and `watchdog` are the supervisor's; in a program started by itself they are None, as on boards
without them.

On Linux: there is no way to stop all interrupts from a program; see `disable_interrupts`.
"""

from __future__ import annotations

from cpcompat.hal.pin import Pin

from . import pin
from .processor import Processor, cpu
from .reasons import ResetReason, RunMode
from .timing import delay_us, disable_interrupts, enable_interrupts

TYPE_CHECKING = False  # not typing's: that import costs more than all of this package
if TYPE_CHECKING:
    from typing import NoReturn

__all__ = [
    "Pin",
    "Processor",
    "ResetReason",
    "RunMode",
    "cpu",
    "cpus",
    "delay_us",
    "disable_interrupts",
    "enable_interrupts",
    "nvm",
    "on_next_reset",
    "pin",
    "reset",
    "watchdog",
]

if TYPE_CHECKING:
    from cpcompat.nvm import ByteArray
    from cpcompat.watchdog import WatchDogTimer

# Found when they are asked for, since they are the machine's and the supervisor's.
cpus: tuple[Processor, ...]
nvm: ByteArray | None
watchdog: WatchDogTimer | None


def __getattr__(name: str) -> object:
    if name == "cpus":
        from cpcompat.microcontroller import processor

        return processor.cpus()
    if name in ("nvm", "watchdog"):
        from cpcompat.microcontroller import kept

        found: object = getattr(kept, name)()
        return found
    raise AttributeError(f"'module' object has no attribute '{name}'")


def on_next_reset(run_mode: RunMode) -> None:
    """Say how the board is to start after the next `reset`; it holds for that one start.

    Args:
        run_mode: ``RunMode.NORMAL`` or ``RunMode.SAFE_MODE``.

    Raises:
        ValueError: That is no run mode.
        NotImplementedError: ``UF2`` and ``BOOTLOADER``: there is no bootloader to enter.
    """
    from cpcompat import hal

    if not isinstance(run_mode, RunMode):
        raise ValueError("Invalid run_mode")
    if run_mode not in (RunMode.NORMAL, RunMode.SAFE_MODE):
        error = NotImplementedError(repr(run_mode))
        error.add_note("This board has no bootloader; its software is updated as a package.")
        raise error
    hal.host().set("next_run_mode", "NORMAL" if run_mode is RunMode.NORMAL else "SAFE_MODE")


def reset() -> NoReturn:
    """End this program at once, without its ``finally`` blocks, and boot the board.

    On Linux: the supervisor boots anew, not the computer.

    Raises:
        CpcompatError: The program runs without a supervisor.
    """
    from cpcompat import hal

    hal.host().reset()
