"""The drive as a USB drive: who may write it, the program or the computer that it is plugged into.

Source: CircuitPython ``shared-bindings/storage/__init__.c`` and ``shared-module/storage/__init__.c``.
"""

from __future__ import annotations

import time

from cpcompat import hal
from cpcompat.hal.mounts import Access
from cpcompat.hal.refusals import noted

from .vfs_fat import mounted

TYPE_CHECKING = False  # not typing's: that import costs more than all of this package
if TYPE_CHECKING:
    from typing import Any

__all__ = ["disable_usb_drive", "enable_usb_drive", "is_held", "unsafe_disable_usb_drive"]

_REFUSED = "Cannot change USB devices now"
_NO_USB = (
    "This board is no USB device: programs may write the drive without that. «sudo cpcompat usb on» makes "
    "it one, where the computer can be."
)
_CONNECTED = "A computer sees the drive already: do it in boot.py, or use storage.unsafe_disable_usb_drive()."
_NOTICE_S = 2.5
"""How long a host takes to notice that a medium is there or gone (upstream waits as long)."""
_LOOK_S = 0.05
_LONGEST_S = 10.0


def disable_usb_drive() -> None:
    """Hide the USB drive, and let programs write it; for boot.py.

    On Linux: where the board is no USB device (`cpcompat usb`), this raises as on boards without USB.

    Raises:
        RuntimeError: The board is no USB device, or a computer is connected already.
    """
    if _fact()["connected"]:
        raise noted(RuntimeError(_REFUSED), _CONNECTED)
    _enable(False)


def unsafe_disable_usb_drive() -> None:
    """Hide the USB drive even if a computer uses it, and let programs write it.

    What the computer has not written yet is lost. Where one is connected, this takes 2.5 seconds or
    longer: until it has noticed.

    Raises:
        RuntimeError: The board is no USB device.
    """
    _fact()
    _enable(False)


def enable_usb_drive() -> None:
    """Show the USB drive again; from then on the computer may write it, and programs may not.

    Where a computer is connected, this takes 2.5 seconds: until it has noticed.

    Raises:
        RuntimeError: The board is no USB device.
    """
    _fact()
    _enable(True)


def is_held() -> bool:
    """Tell whether the computer that the board is plugged into has the drive."""
    fact: Any = hal.host().get("usb_drive")
    return fact is not None and bool(fact["held"])


def _fact() -> Any:
    """Return what is known of the USB drive.

    Raises:
        RuntimeError: The board is no USB device.
    """
    fact = hal.host().get("usb_drive")
    if fact is None:
        raise noted(RuntimeError(_REFUSED), _NO_USB)
    return fact


def _enable(on: bool) -> None:
    if on:
        _host_writes(True)
    hal.host().set("usb_drive_enabled", on)
    if _fact()["connected"]:
        time.sleep(_NOTICE_S)
        give_up_s = time.monotonic() + _LONGEST_S
        # What the host wrote last is brought into the folder first.
        while not on and is_held() and time.monotonic() < give_up_s:
            time.sleep(_LOOK_S)
    if not on:
        _host_writes(False)


def _host_writes(on: bool) -> None:
    drive = mounted()
    access = drive._access if drive is not None else Access()
    access.usb_writable = on
    hal.host().set("drive_access", access.fact())
