"""The card in the board's slot: an image on the drive that every program finds mounted.

Upstream mounts a card at boot on boards that have a slot (``supervisor/shared/filesystem.c``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

IMAGE, FOLDER = "sd.img", "sd"


def put_in(drive: Path) -> str:
    """Mount the card's image, if the drive has one and a folder for it.

    Args:
        drive: The drive's folder, which is this program's by now.

    Returns:
        What people are told of a card that cannot be used; else nothing.
    """
    if not (drive / IMAGE).is_file() or not (drive / FOLDER).is_dir():
        return ""
    from cpcompat.storage import VfsFat, mount  # most drives have no card

    try:
        mount(VfsFat(f"/{IMAGE}"), f"/{FOLDER}")
    except OSError as error:
        return f"The card {IMAGE} cannot be mounted: {error}\n"
    return ""
