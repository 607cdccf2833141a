"""What the process above a program offers it: the port behind `supervisor` and `microcontroller.reset`."""

from __future__ import annotations

from cpcompat.errors import CpcompatError

TYPE_CHECKING = False  # not typing's: that import costs more than all of this package
if TYPE_CHECKING:
    from typing import NoReturn, Protocol

    from cpcompat.hal.cells import Cells
else:
    Protocol = object


class Host(Protocol):
    """The supervisor as a program sees it.

    Synchronization: any thread.
    """

    def get(self, name: str) -> object:
        """Return one fact of the run: ``run_reason``, ``autoreload``, ``serial_connected``, …

        Raises:
            KeyError: There is no fact of that name.
        """
        ...

    def set(self, name: str, value: object) -> None:
        """Change one fact that a program may change: ``autoreload``, ``status_bar_console``, …"""
        ...

    def cells(self, name: str) -> Cells | None:
        """Return the memory of a name that outlives programs: ``"nvm"`` or ``"sleep_memory"``."""
        ...

    def feed(self) -> None:
        """Feed the watchdog."""
        ...

    def reload(self) -> NoReturn:
        """End this program by `ReloadException` and have it run anew."""
        ...

    def reset(self) -> NoReturn:
        """End this program at once, as a press on the reset button does, and boot anew."""
        ...

    def erase(self) -> NoReturn:
        """End this program at once, put a fresh board's files on the drive, and boot anew."""
        ...


class NoHost:
    """The host of a program that runs without a supervisor: plain facts, and no reload."""

    def __init__(self) -> None:
        self._facts: dict[str, object] = {
            "run_reason": "STARTUP",
            "safe_mode_reason": "NONE",
            "reset_reason": "UNKNOWN",
            "autoreload": False,
            "serial_connected": True,
            "serial_bytes_available": 0,
            "previous_traceback": None,
            "status_bar_console": True,
            "drive": None,
            "next_code_file": None,
            "watchdog": None,
            "rgb_status_brightness": None,
            "wake_alarm": None,
            "drive_access": {},
            "usb_drive": None,
            "drive_label": "CIRCUITPY",
            "rtc_base_ns": None,
        }

    def get(self, name: str) -> object:
        """See `Host.get`."""
        return self._facts[name]

    def set(self, name: str, value: object) -> None:
        """See `Host.set`."""
        self._facts[name] = value

    def cells(self, name: str) -> Cells | None:
        """See `Host.cells`: there is none, since nobody would keep it."""
        return None

    def feed(self) -> None:
        """See `Host.feed`: there is no watchdog."""

    def reload(self) -> NoReturn:
        """See `Host.reload`: here there is nobody to run the program again."""
        raise CpcompatError(
            "no supervisor to reload this program",
            "This program was started by itself. Under «cpcompat run» reload() runs it again.",
        )

    def reset(self) -> NoReturn:
        """See `Host.reset`: here there is no board to boot again."""
        raise CpcompatError(
            "no supervisor to reset the board",
            "This program was started by itself. Under «cpcompat run» reset() boots the board.",
        )

    def erase(self) -> NoReturn:
        """See `Host.erase`: here the folder is not a drive of its own, and is left as it is."""
        raise CpcompatError(
            "no supervisor to erase the drive",
            "This program was started by itself. Under «cpcompat run» it erases its drive.",
        )
