"""Writing a file so that it survives a power cut."""

from __future__ import annotations

import os
import stat
from pathlib import Path


def write_durably(path: Path, data: bytes) -> None:
    """Replace a file so that a power cut leaves the old content or the new, never less.

    Its mode and its owner stay, as far as the file system has such and lets us.

    Raises:
        OSError: The file system refused it; the old file is as it was.
    """
    beside = path.with_name(f".{path.name}.new")
    try:
        with open(beside, "wb") as file:
            _dress(file.fileno(), path)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _dress(file: int, path: Path) -> None:
    """Give a file the mode and the owner of the one whose place it takes."""
    try:
        before = path.stat()
        os.fchmod(file, stat.S_IMODE(before.st_mode))
        os.fchown(file, before.st_uid, before.st_gid)
    except OSError:
        return  # a new file, a file system without modes, or an owner that we may not give
