"""The card in the board's slot, that every program finds mounted.

It is an image on the drive, or what ``cpcompat.toml`` names: a medium's node, an image anywhere, or a
folder where the computer has mounted a card. Upstream mounts a card at boot on boards that have a slot
(``supervisor/shared/filesystem.c``).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from cpcompat.hal.oserrors import board_error

if TYPE_CHECKING:
    from pathlib import Path

    from cpcompat.storage import VfsFat

IMAGE, FOLDER = "sd.img", "sd"
_NO_FOLDER = "The card {0} cannot be mounted: the drive has no folder {1!r}.\n"
_REFUSED = "The card {0} cannot be mounted: {1}\n"


def put_in(drive: Path, named: str = "") -> str:
    """Mount the card, if there is one and the drive has a folder for it.

    Args:
        drive: The drive's folder, which is this program's by now.
        named: The host's path of the card, or empty for the image on the drive. A slot may be empty:
            a path that is not there is no card.

    Returns:
        What people are told of a card that cannot be used; else nothing.
    """
    card = named or IMAGE
    if not (os.path.exists(named) if named else (drive / IMAGE).is_file()):
        return ""
    if not (drive / FOLDER).is_dir():
        return _NO_FOLDER.format(card, FOLDER) if named else ""
    from cpcompat.storage import VfsFat, mount  # most drives have no card

    try:
        mount(_outside(named) if named else VfsFat(f"/{IMAGE}"), f"/{FOLDER}")
    except OSError as error:
        return _REFUSED.format(card, error)
    return ""


def _outside(path: str) -> VfsFat:
    """Return the file system at a path of the host.

    Raises:
        OSError: It may not be used, or somebody else does.
    """
    from cpcompat.storage import VfsFat
    from cpcompat.storage.vfs_fat import over
    from cpcompat.vm import image
    from cpcompat.vm.root import Root

    try:
        if os.path.isdir(path):
            return over(Root(path).files())
        return VfsFat(image.outside(path))
    except OSError as error:
        raise board_error(error.errno or 5) from error
