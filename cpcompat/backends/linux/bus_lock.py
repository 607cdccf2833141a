"""A lock on a bus that other processes respect.

It is advisory: whoever uses cpcompat respects it. It is taken on a file of its own, opened afresh by
each process: a lock on the bus's node would be shared by all copies of a descriptor, and stay taken
as long as anybody keeps one.
"""

from __future__ import annotations

import os
from fcntl import LOCK_EX, LOCK_NB, LOCK_UN, flock

_SHARED = "/run/lock"
_FOLDER = "cpcompat"
_TAKE = LOCK_EX | LOCK_NB


class BusLock:
    """The lock of one bus.

    Args:
        name: The bus, ``"i2c-1"``.

    Synchronization: whoever has the bus's lock in this process.
    """

    __slots__ = ("_descriptor",)

    def __init__(self, name: str) -> None:
        self._descriptor = _opened(name)

    def take(self) -> bool:
        """Take it if no other process has it; return whether it was taken."""
        if self._descriptor < 0:
            return True
        try:
            flock(self._descriptor, _TAKE)
        except BlockingIOError:
            return False
        return True

    def release(self) -> None:
        """Give it back."""
        if self._descriptor >= 0:
            flock(self._descriptor, LOCK_UN)

    def close(self) -> None:
        """Give it back for good. Closing again does nothing."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)


def _opened(name: str) -> int:
    """Return the open file of a bus, or -1 where there can be none; the log says so, once."""
    refused: OSError | None = None
    for folder in (_SHARED, os.environ.get("XDG_RUNTIME_DIR", "")):
        if not folder:
            continue
        try:
            return _in_folder(f"{folder}/{_FOLDER}", name)
        except OSError as error:
            refused = refused or error
    _say(refused)
    return -1


def _in_folder(folder: str, name: str) -> int:
    """Open or make the file of a bus, for every user.

    Opening comes first and without O_CREAT: the kernel refuses that for another user's file in a
    folder that everybody may write (fs.protected_regular).
    """
    path = f"{folder}/{name}"
    flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW
    try:
        return os.open(path, flags)
    except FileNotFoundError:
        pass
    try:
        os.mkdir(folder)  # noqa: PTH102
        os.chmod(folder, 0o1777)  # noqa: PTH101
    except FileExistsError:
        pass
    try:
        descriptor = os.open(path, flags | os.O_CREAT | os.O_EXCL, 0o644)
    except FileExistsError:
        return os.open(path, flags)
    os.fchmod(descriptor, 0o644)
    return descriptor


_said: list[bool] = []


def _say(error: OSError | None) -> None:
    if _said:
        return
    _said.append(True)
    from logging import getLogger

    getLogger(__name__).warning(
        "no lock between processes: neither %s nor XDG_RUNTIME_DIR can hold its file (%s)",
        _SHARED,
        error,
    )
