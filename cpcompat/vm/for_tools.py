"""What the raw REPL has besides a board's names: tools made for MicroPython send code that uses it.

mpremote and mpytool list folders by ``os.ilistdir``, ampy imports ``ubinascii``. Programs do not see
these: on a board they are not there.
Source: MicroPython's documentation of ``os.ilistdir``.
"""

from __future__ import annotations

import binascii
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cpcompat.vm.drive_world import DriveWorld

_FOLDER = 0x4000
_HIDDEN = ".git"


def offer(world: DriveWorld) -> None:
    """Add them to a world, and hide a repository in it: tools that wipe ``/`` mean the board's files."""
    drive_os: Any = world.modules["os"]
    drive_os.listdir = _listdir(drive_os.listdir)
    drive_os.ilistdir = _ilistdir(drive_os)
    status = drive_os.stat
    # mpremote says "" for the working directory.
    drive_os.stat = lambda path: status(path or ".")
    world.modules["ubinascii"] = binascii


def _listdir(everything: Callable[[str], list[str]]) -> Callable[..., list[str]]:
    def listdir(path: str = ".") -> list[str]:
        """Return the names in a folder, in no order."""
        return [name for name in everything(path) if name != _HIDDEN]

    return listdir


def _ilistdir(drive_os: Any) -> Callable[..., Iterator[tuple[str, int, int, int]]]:
    def ilistdir(directory: str = ".") -> Iterator[tuple[str, int, int, int]]:
        """Return name, kind, inode (0) and size of each thing in a folder."""
        return iter(list(_entries(drive_os, directory or ".")))

    return ilistdir


def _entries(drive_os: Any, folder: str) -> Iterator[tuple[str, int, int, int]]:
    for name in drive_os.listdir(folder):
        try:
            mode, *_, size, _, _, _ = drive_os.stat(f"{folder}/{name}")
        except OSError:
            continue  # a link that leads nowhere, or it has gone meanwhile
        yield name, mode & 0xF000, 0, 0 if mode & _FOLDER else size
