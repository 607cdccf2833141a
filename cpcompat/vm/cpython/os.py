"""``os`` on a drive: upstream's names, and the drive is the whole tree.

Source: CircuitPython ``shared-bindings/os``, ``extmod/vfs_fat.c``.
"""

from __future__ import annotations

import errno
import os
import stat
import time
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeVar

from cpcompat.vm.oserrors import board_error

if TYPE_CHECKING:
    from collections.abc import Callable

    from cpcompat.vm.root import Root

    Path = str | bytes | os.PathLike[str]

_T = TypeVar("_T")
_FOLDER, _FILE = 0x4000, 0x8000
_AS_ON_FAT = {errno.ENOTEMPTY: errno.EACCES, errno.ELOOP: errno.ENOENT}
_TIME_STEP_S = 2  # what a FAT file system resolves


class DriveFiles:
    """The functions of ``os`` that deal with files.

    Args:
        root: The drive.
    """

    def __init__(self, root: Root) -> None:
        self._root = root

    def chdir(self, path: Path) -> None:
        """Change the working directory."""
        text = os.path.normpath(self._root.absolute(path))
        descriptor = _call(lambda: self._root.open(path, os.O_PATH | os.O_DIRECTORY))
        try:
            # The process goes there too, so that pathlib and C code agree on relative paths.
            os.fchdir(descriptor)
        finally:
            os.close(descriptor)
        self._root.cwd = text

    def getcwd(self) -> str:
        """Return the working directory."""
        return self._root.cwd

    def listdir(self, path: Path | None = None) -> list[str]:
        """Return the names in a folder, in no order."""
        where = self._root.cwd if path is None else path
        descriptor = _call(lambda: self._root.open(where, os.O_RDONLY | os.O_DIRECTORY))
        try:
            return os.listdir(descriptor)
        finally:
            os.close(descriptor)

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

    def stat(self, path: Path) -> tuple[int, ...]:
        """Return a plain 10-tuple: mode, five zeros, size, and one time three times."""
        status = _call(lambda: self._root.status(path))
        if os.path.normpath(self._root.absolute(path)) == "/":
            return (_FOLDER, *(0,) * 9)
        is_folder = stat.S_ISDIR(status.st_mode)
        seconds = int(status.st_mtime) // _TIME_STEP_S * _TIME_STEP_S
        seconds += time.localtime(seconds).tm_gmtoff  # a board's clock shows local time
        mode, size = (_FOLDER, 0) if is_folder else (_FILE, status.st_size)
        return (mode, 0, 0, 0, 0, 0, size, seconds, seconds, seconds)

    def statvfs(self, path: Path) -> tuple[int, ...]:
        """Return a 10-tuple with the sizes of the file system, in blocks."""
        descriptor = _call(lambda: self._root.open(path))
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
        folder, name = _call(lambda: self._root.parent(path))
        try:
            return _call(lambda: action(name, folder))
        finally:
            os.close(folder)


def _call(action: Callable[[], _T]) -> _T:
    """Do something; what fails is said in the words of a board."""
    try:
        return action()
    except OSError as error:
        number = error.errno or errno.EIO
        raise board_error(_AS_ON_FAT.get(number, number)) from None


def build(root: Root, machine: str, path: ModuleType) -> ModuleType:
    """Return the module.

    Args:
        root: The drive.
        machine: The board in words, for ``uname``.
        path: ``os.path``, which boards lack and much code for both worlds uses.
    """
    files = DriveFiles(root)
    module = ModuleType("os", "Files, the board and its settings.")
    names: dict[str, Any] = {
        name: getattr(files, name)
        for name in "chdir getcwd listdir mkdir remove rename rmdir stat statvfs sync utime".split()
    }
    names.update(unlink=files.remove, urandom=os.urandom, sep="/", path=path)
    names.update(getenv=_getenv(root), uname=lambda: _uname(machine))
    module.__dict__.update(names)
    return module


def build_for_libraries(root: Root, path: ModuleType) -> ModuleType:
    """Return CPython's ``os`` with the drive's files in it, for board libraries.

    Args:
        root: The drive.
        path: ``os.path``.
    """
    files = DriveFiles(root)
    module = ModuleType("os", os.__doc__)
    module.__dict__.update(vars(os))
    for name in "chdir getcwd listdir mkdir remove rename rmdir statvfs utime".split():
        setattr(module, name, getattr(files, name))
    module.__dict__.update(
        stat=lambda path: _call(lambda: root.status(path)),
        unlink=files.remove,
        replace=files.rename,
        path=path,
        getenv=_getenv(root),
    )
    # These would reach the host's files by the drive's paths: better absent than astray.
    for name in "makedirs removedirs renames walk fwalk scandir open link symlink truncate".split():
        delattr(module, name)
    return module


def _getenv(root: Root) -> Callable[..., Any]:
    def getenv(key: str, default: Any = None) -> Any:
        """Return a setting from ``/settings.toml`` as text."""
        from cpcompat.settings import lookup

        try:
            text = root.read("/settings.toml")
        except OSError:
            return default
        return lookup(text, key, default)

    return getenv


def _uname(machine: str) -> os.uname_result:
    from cpcompat.identity import BUILD_DATE, RELEASE

    chip = machine.rpartition(" with ")[2] or "unknown"
    return os.uname_result((chip, chip, RELEASE, f"{RELEASE} on {BUILD_DATE}", machine))
