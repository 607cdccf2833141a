"""`supervisor.set_usb_identification`: what the board says of itself over USB."""

from __future__ import annotations

from cpcompat.hal.arguments import in_range, readable
from cpcompat.hal.refusals import noted

TYPE_CHECKING = False  # not typing's: that import costs more than all of this package
if TYPE_CHECKING:
    from typing import NoReturn

_LONGEST = 126
_DECIDED = "What a USB host is told is decided before the board boots: «sudo cpcompat usb on»."


def set_usb_identification(
    manufacturer: str | None = None, product: str | None = None, vid: int = -1, pid: int = -1
) -> NoReturn:
    """Not offered: what the host is told is decided by root, before the board boots (`cpcompat usb`).

    Args:
        manufacturer: At most 126 characters; None keeps it.
        product: At most 126 characters; None keeps it.
        vid: The vendor's number, or -1 to keep it.
        pid: The product's number, or -1 to keep it.

    Raises:
        ValueError: An argument is out of range.
        NotImplementedError: Otherwise, as on boards that are no USB device.
    """
    in_range(vid, -1, 65535, "vid")
    in_range(pid, -1, 65535, "pid")
    for text, name in ((manufacturer, "manufacturer"), (product, "product")):
        data = text.encode() if isinstance(text, str) else text
        if data is not None and len(readable(data)) > _LONGEST:
            raise ValueError(f"{name} length must be 0-{_LONGEST}")
    raise noted(NotImplementedError(), _DECIDED)
