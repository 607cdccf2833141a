"""``os.path`` on a drive: the questions about files are asked of the drive."""

from __future__ import annotations

import os
import posixpath
import stat
from typing import TYPE_CHECKING, Any

from cpcompat.vm.library_world import view_of

if TYPE_CHECKING:
    from types import ModuleType

    from cpcompat.vm.root import Root

    Path = str | os.PathLike[str]


def build(root: Root) -> ModuleType:
    """Return the module.

    Args:
        root: The drive.
    """

    def exists(path: Path) -> bool:
        try:
            root.status(path)
        except (OSError, ValueError):
            return False
        return True

    def islink(path: Path) -> bool:
        try:
            descriptor = root.open(path, os.O_PATH | os.O_NOFOLLOW)
        except (OSError, ValueError):
            return False
        try:
            return stat.S_ISLNK(os.fstat(descriptor).st_mode)
        finally:
            os.close(descriptor)

    def abspath(path: Path) -> str:
        return posixpath.normpath(root.absolute(path) if os.fspath(path) else root.cwd)

    answers: dict[str, Any] = {
        "exists": exists,
        "lexists": lambda path: exists(path) or islink(path),
        "isfile": root.is_file,
        "isdir": root.is_folder,
        "islink": islink,
        "ismount": lambda path: abspath(path) == "/",
        "abspath": abspath,
        "realpath": abspath,
        "getsize": lambda path: root.status(path).st_size,
        "getmtime": lambda path: root.status(path).st_mtime,
        "getatime": lambda path: root.status(path).st_atime,
        "getctime": lambda path: root.status(path).st_ctime,
        "samefile": lambda a, b: os.path.samestat(root.status(a), root.status(b)),
        "relpath": lambda path, start=".": posixpath.relpath(abspath(path), abspath(start)),
        "expanduser": os.fspath,
    }
    return view_of(posixpath, **answers)
