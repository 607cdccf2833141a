"""The drive as a USB drive: what boards that are no USB device say of it.

Source: CircuitPython ``shared-bindings/storage/__init__.c``.
"""

from __future__ import annotations

from cpcompat.hal.refusals import noted

TYPE_CHECKING = False  # not typing's: that import costs more than all of this package
if TYPE_CHECKING:
    from typing import NoReturn

__all__ = ["disable_usb_drive", "enable_usb_drive", "unsafe_disable_usb_drive"]

_NO_USB = "This board is no USB device: programs may write the drive without that."


def disable_usb_drive() -> NoReturn:
    """Hide the USB drive, which a board without USB device does not have.

    Raises:
        RuntimeError: Always, as on boards that are no USB device.
    """
    raise noted(RuntimeError("Cannot change USB devices now"), _NO_USB)


def unsafe_disable_usb_drive() -> NoReturn:
    """Hide the USB drive even if it is in use, which a board without USB device does not have.

    Raises:
        RuntimeError: Always, as on boards that are no USB device.
    """
    raise noted(RuntimeError("Cannot change USB devices now"), _NO_USB)


def enable_usb_drive() -> NoReturn:
    """Show the USB drive, which a board without USB device does not have.

    Raises:
        RuntimeError: Always, as on boards that are no USB device.
    """
    raise noted(RuntimeError("Cannot change USB devices now"), _NO_USB)
