"""A folder of the computer as a board's file system: the drive itself, or a part of it.

Source: CircuitPython ``shared-bindings/os``, ``extmod/vfs_fat.c``.
"""

from __future__ import annotations

import errno
import os
import stat
import time
from typing import TYPE_CHECKING, Any, TypeVar

from cpcompat.hal.oserrors import board_error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cpcompat.hal.drive_port import Stat
    from cpcompat.vm.root import Root

    Path = str | bytes | os.PathLike[str]

_T = TypeVar("_T")
_FOLDER, _FILE = 0x4000, 0x8000
_AS_ON_FAT = {errno.ENOTEMPTY: errno.EACCES, errno.ELOOP: errno.ENOENT}
_TIME_STEP_S = 2  # what a FAT file system resolves


class FolderFiles:
    """What can be done with the files of a folder; see `cpcompat.hal.drive_port.FileSystem`.

    Paths are from the folder's root, or from its working directory.

    Args:
        root: The folder.
    """

    def __init__(self, root: Root) -> None:
        self._root = root

    def open(
        self,
        path: str,
        mode: str = "r",
        buffering: int = -1,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = "\n",
    ) -> Any:
        """Open a file."""
        from cpcompat.vm.cpython.builtins import Opener

        return Opener(self._root).open(path, mode, buffering, encoding, errors, newline)

    def names(self, path: Path) -> list[str]:
        """Return the names in a folder, in no order."""
        descriptor = called(lambda: self._root.open(path, os.O_RDONLY | os.O_DIRECTORY))
        try:
            return os.listdir(descriptor)
        finally:
            os.close(descriptor)

    def ilistdir(self, path: str) -> Iterator[tuple[str, int, int, int]]:
        """Return name, kind, 0 and size of each thing in a folder."""
        rows = []
        for name in self.names(path):
            try:
                mode, *_, size, _, _, _ = self.stat(f"{path}/{name}")
            except OSError:
                continue  # a link that leads nowhere, or it has gone meanwhile
            rows.append((name, mode, 0, size))
        return iter(rows)

    def mkdir(self, path: Path) -> None:
        """Make a folder."""
        self._in_parent(path, lambda name, folder: os.mkdir(name, dir_fd=folder))

    def remove(self, path: Path) -> None:
        """Remove a file."""
        self._in_parent(path, lambda name, folder: os.unlink(name, dir_fd=folder))

    def rmdir(self, path: Path) -> None:
        """Remove an empty folder."""
        self._in_parent(path, lambda name, folder: os.rmdir(name, dir_fd=folder))

    def rename(self, old_path: Path, new_path: Path) -> None:
        """Move a file or folder; a file of the new name is replaced."""

        def move(old: str, old_folder: int) -> None:
            self._in_parent(
                new_path,
                lambda new, folder: os.rename(old, new, src_dir_fd=old_folder, dst_dir_fd=folder),
            )

        self._in_parent(old_path, move)

    def stat(self, path: Path) -> Stat:
        """Return a plain 10-tuple: mode, five zeros, size, and one time three times."""
        status = called(lambda: self._root.status(path))
        if os.path.normpath(self._root.absolute(path)) == "/":
            return (_FOLDER, 0, 0, 0, 0, 0, 0, 0, 0, 0)
        is_folder = stat.S_ISDIR(status.st_mode)
        seconds = int(status.st_mtime) // _TIME_STEP_S * _TIME_STEP_S
        seconds += time.localtime(seconds).tm_gmtoff  # a board's clock shows local time
        mode, size = (_FOLDER, 0) if is_folder else (_FILE, status.st_size)
        return (mode, 0, 0, 0, 0, 0, size, seconds, seconds, seconds)

    def statvfs(self, path: Path) -> Stat:
        """Return a 10-tuple with the sizes of the file system, in blocks."""
        descriptor = called(lambda: self._root.open(path))
        try:
            it = os.fstatvfs(descriptor)
        finally:
            os.close(descriptor)
        return (it.f_bsize, it.f_frsize, it.f_blocks, it.f_bfree, it.f_bavail, 0, 0, 0, 0, 255)

    def utime(self, path: Path, times: tuple[int, int]) -> None:
        """Set the times of access and change, in the board's local time."""
        offset_s = time.localtime(times[1]).tm_gmtoff
        at = (times[0] - offset_s, times[1] - offset_s)
        self._in_parent(path, lambda name, folder: os.utime(name, at, dir_fd=folder))

    def sync(self) -> None:
        """Have everything written to the medium."""
        os.sync()

    def _in_parent(self, path: Path, action: Callable[[str, int], _T]) -> _T:
        folder, name = called(lambda: self._root.parent(path))
        try:
            return called(lambda: action(name, folder))
        finally:
            os.close(folder)


def called(action: Callable[[], _T]) -> _T:
    """Do something; what fails is said in the words of a board."""
    try:
        return action()
    except OSError as error:
        number = error.errno or errno.EIO
        raise board_error(_AS_ON_FAT.get(number, number)) from None
