"""``os`` on a drive: upstream's names, and the drive is the whole tree.

Source: CircuitPython ``shared-bindings/os``, ``extmod/vfs_fat.c``.
"""

from __future__ import annotations

import errno
import os
from types import ModuleType
from typing import TYPE_CHECKING, Any

from cpcompat.hal.oserrors import board_error
from cpcompat.storage.vfs_fat import refuse_readonly
from cpcompat.vm.folder_files import called

if TYPE_CHECKING:
    from collections.abc import Callable

    from cpcompat.vm.root import Root

    Path = str | bytes | os.PathLike[str]

_FOLDER = 0x4000


class DriveFiles:
    """The functions of ``os`` that deal with files: on the drive, and on what is mounted in it.

    Args:
        root: The drive.
    """

    def __init__(self, root: Root) -> None:
        self._root = root
        self._own = root.files()

    def _at(self, path: Path) -> tuple[Any, Any]:
        """Return the file system that a path leads into, and the path there."""
        return called(lambda: self._root.mounted(path)) or (self._own, path)

    def _to_write(self, path: Path) -> tuple[Any, Any]:
        """Do the same for a change; a mounted file system sees to its own protection.

        Raises:
            OSError: 30 (EROFS): the drive may only be read.
        """
        there = self._at(path)
        if there[0] is self._own:
            refuse_readonly(self._root.access)
        return there

    def chdir(self, path: Path) -> None:
        """Change the working directory."""
        text = os.path.normpath(self._root.absolute(path))
        files, inside = self._at(path)
        if files is not self._own:
            if not files.stat(inside)[0] & _FOLDER:
                raise board_error(errno.ENOENT)
            self._root.cwd = text  # the process itself cannot go there
            return
        descriptor = called(lambda: self._root.open(path, os.O_PATH | os.O_DIRECTORY))
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
        files, inside = self._at(self._root.cwd if path is None else path)
        if files is self._own:
            names: list[str] = self._own.names(inside)
            return names
        return [row[0] for row in files.ilistdir(inside)]

    def mkdir(self, path: Path) -> None:
        """Make a folder."""
        files, inside = self._to_write(path)
        files.mkdir(inside)

    def remove(self, path: Path) -> None:
        """Remove a file."""
        files, inside = self._to_write(path)
        files.remove(inside)

    def rmdir(self, path: Path) -> None:
        """Remove an empty folder."""
        files, inside = self._to_write(path)
        files.rmdir(inside)

    def rename(self, old_path: Path, new_path: Path) -> None:
        """Move a file or folder; a file of the new name is replaced.

        Raises:
            OSError: 1 (EPERM): the two are on different file systems.
        """
        files, old = self._to_write(old_path)
        others, new = self._to_write(new_path)
        if files is not others:
            raise board_error(errno.EPERM)
        files.rename(old, new)

    def stat(self, path: Path) -> tuple[int, ...]:
        """Return a plain 10-tuple: mode, five zeros, size, and one time three times."""
        files, inside = self._at(path)
        status: tuple[int, ...] = files.stat(inside)
        return status

    def statvfs(self, path: Path) -> tuple[int, ...]:
        """Return a 10-tuple with the sizes of the file system, in blocks."""
        files, inside = self._at(path)
        sizes: tuple[int, ...] = files.statvfs(inside)
        return sizes

    def utime(self, path: Path, times: tuple[int, int]) -> None:
        """Set the times of access and change, in the board's local time."""
        files, inside = self._to_write(path)
        files.utime(inside, times)

    def sync(self) -> None:
        """Have everything written to the medium."""
        self._own.sync()


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
        stat=lambda path: called(lambda: root.status(path)),
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
