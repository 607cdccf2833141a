"""What a program makes a file system of: a block device, or a path on its drive."""

from __future__ import annotations

from cpcompat import hal
from cpcompat.hal.oserrors import board_error
from cpcompat.hal.refusals import noted

TYPE_CHECKING = False  # not typing's: that import costs more than all of this package
if TYPE_CHECKING:
    from typing import Any

    from cpcompat.hal.drive_port import FileSystem

_ENOENT, _ENODEV = 2, 19
_NO_DRIVE = "A program started by itself has no drive: paths name nothing here."


def found(given: Any) -> tuple[Any, FileSystem | None]:
    """Return the block device of what a program gave, if it is one, and the file system there."""
    if not isinstance(given, str):
        return given, fat(given)
    drive = hal.drive()
    if drive is not None and drive.is_folder(given):
        return None, drive.part(given)
    device = image(given)
    return device, fat(device)


def image(path: str) -> Any:
    """Return a file of the drive as a block device.

    Raises:
        OSError: It is not there, or another process has it.
    """
    drive = hal.drive()
    if drive is None:
        raise noted(board_error(_ENOENT), _NO_DRIVE)
    return drive.image(path)


def fat(device: Any) -> FileSystem | None:
    """Return the FAT file system of a medium, or None if it has none."""
    from .fat.volume import Volume  # much code, which most programs do without

    try:
        return Volume(device, hal.rtc().now_s)
    except OSError as error:
        if error.errno != _ENODEV:
            raise
        return None
