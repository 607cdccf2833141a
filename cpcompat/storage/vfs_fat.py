"""The drive as the file-system object that programs ask about its size."""

from __future__ import annotations

from cpcompat import hal
from cpcompat.hal.refusals import noted

TYPE_CHECKING = False  # not typing's: that import costs more than all of this package
if TYPE_CHECKING:
    from typing import NoReturn

    from cpcompat.hal.drive_port import Drive

    Statvfs = tuple[int, int, int, int, int, int, int, int, int, int]

_NO_BLOCKS = "There are no block devices; mount file systems on the computer, inside the drive."
_NO_LABEL = "The drive is a folder, which has no label of its own."
_LONGEST_NAME = 255


class VfsFat:
    """The drive: `getmount` gives it.

    Args:
        block_device: Not offered.

    Raises:
        NotImplementedError: It was to be made of a block device.
    """

    __slots__ = ("_drive",)

    _drive: Drive

    def __init__(self, block_device: object) -> None:
        raise noted(NotImplementedError(), _NO_BLOCKS)

    @property
    def label(self) -> str:
        """The drive's name: ``CIRCUITPY``.

        Raises:
            NotImplementedError: It was to be set.
        """
        return "CIRCUITPY"

    @label.setter
    def label(self, value: str) -> None:
        raise noted(NotImplementedError(), _NO_LABEL)

    @property
    def readonly(self) -> bool:
        """Whether programs may only read the drive: no."""
        return False

    def statvfs(self, path: str) -> Statvfs:
        """Return the drive's size.

        Args:
            path: Any path on it.

        Returns:
            Ten numbers, as ``os.statvfs`` has them: the size of a block in bytes twice, how many
            blocks there are, how many are free twice, four zeros, the longest name of a file.
        """
        size, blocks, free = self._drive.space()
        return (size, size, blocks, free, free, 0, 0, 0, 0, _LONGEST_NAME)

    def mount(self, readonly: bool, mkfs: VfsFat) -> NoReturn:
        """Not offered: the drive is mounted.

        Args:
            readonly: Whether programs may only read it.
            mkfs: Not used.

        Raises:
            OSError: 1 (EPERM), always.
        """
        raise noted(OSError(1, "Operation not permitted"), _NO_BLOCKS)

    def umount(self) -> NoReturn:
        """Not offered: the drive stays mounted.

        Raises:
            OSError: 1 (EPERM), always.
        """
        raise noted(OSError(1, "Operation not permitted"), _NO_BLOCKS)


_mounted: VfsFat | None = None


def mounted() -> VfsFat | None:
    """Return the drive's object, always the same one, or None where there is no drive."""
    global _mounted
    drive = hal.drive()
    if drive is None:
        return None
    if _mounted is None or _mounted._drive is not drive:
        _mounted = object.__new__(VfsFat)
        _mounted._drive = drive
    return _mounted
