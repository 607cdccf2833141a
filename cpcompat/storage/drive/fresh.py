"""The files of a fresh board, and how a drive comes to have them and nothing else.

Source: CircuitPython ``supervisor/shared/filesystem.c``. The hidden files that keep other computers
from indexing a USB drive are left out: this drive is none.
"""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

FILES = {
    "settings.toml": "",
    "code.py": 'print("Hello World!")\n',
    "sd/placeholder.txt": "SD cards mounted at /sd will hide this file from Python.\n",
}
FOLDERS = ("lib",)
KEPT = frozenset({".git", "cpcompat.toml", "sim.toml"})
"""What is no file of the board's: a repository, which other tools that wipe ``/`` do not see either, and
how the board is wired to its computer, which a board has in copper."""


def erase(drive: Path) -> None:
    """Remove everything on a drive but what is in `KEPT`, and put a fresh board's files there.

    Links are removed, never followed, and what the computer has mounted in the drive is left alone.

    Args:
        drive: The drive's folder.

    Raises:
        OSError: Something cannot be removed or written; the rest is done all the same.
    """
    descriptor = os.open(drive, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        failures = _empty(descriptor, os.fstat(descriptor).st_dev, keep=KEPT)
    finally:
        os.close(descriptor)
    for folder in (*FOLDERS, *{name.rpartition("/")[0] for name in FILES if "/" in name}):
        (drive / folder).mkdir(exist_ok=True)
    for name, text in FILES.items():
        with open(drive / name, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    if failures:
        raise failures[0]


def _empty(folder: int, device: int, keep: frozenset[str] = frozenset()) -> list[OSError]:
    """Remove what is in an open folder and on its device; return what went wrong."""
    failures: list[OSError] = []
    for name in os.listdir(folder):
        if name in keep:
            continue
        try:
            failures += _remove(name, folder, device)
        except OSError as error:
            failures.append(error)
    return failures


def _remove(name: str, folder: int, device: int) -> list[OSError]:
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        inside = os.open(name, flags, dir_fd=folder)
    except NotADirectoryError:
        os.unlink(name, dir_fd=folder)
        return []
    except OSError as error:
        if error.errno != errno.ELOOP:  # a link
            raise
        os.unlink(name, dir_fd=folder)
        return []
    try:
        if os.fstat(inside).st_dev != device:
            return []
        failures = _empty(inside, device)
    finally:
        os.close(inside)
    if not failures:
        os.rmdir(name, dir_fd=folder)
    return failures
