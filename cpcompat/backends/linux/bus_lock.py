"""A lock on a bus that other processes respect.

It is advisory: whoever uses cpcompat respects it. It is taken on a file of its own, opened afresh by
each process: a lock on the bus's node would be shared by all copies of a descriptor, and stay taken
as long as anybody keeps one.

As long as one process alone has the bus open, which is the rule, no call of the kernel is needed: the
file is memory that all of them share, and whoever comes second says so there (`BusLock.take`).
"""

from __future__ import annotations

import os
import time
from fcntl import (
    F_OFD_SETLK,
    F_OFD_SETLKW,
    F_UNLCK,
    F_WRLCK,
    LOCK_EX,
    LOCK_NB,
    LOCK_UN,
    fcntl,
    flock,
)
from mmap import mmap
from struct import pack

_SHARED_FOLDER = "/run/lock"
_FOLDER = "cpcompat"
_TAKE = LOCK_EX | LOCK_NB
_SIZE = 4096
_SLOTS = 64
"""How many processes are told apart; their ids are the page's first words."""
_SHARED, _BUSY = 4 * _SLOTS, 4 * _SLOTS + 1
"""Two processes have the bus; the only one that has it is using it."""
_JOINING = _SLOTS
"""The byte that is locked by whoever enters itself. Not the bus's lock: a program may keep that for ever."""
_SEEN_NS = 10_000_000
"""After so long what one processor has written is seen by all others, by far."""


class BusLock:
    """The lock of one bus.

    Args:
        name: The bus, ``"i2c-1"``.

    Synchronization: whoever has the bus's lock in this process.
    """

    __slots__ = ("_alone", "_asks", "_descriptor", "_met_ns", "_page", "_slots")

    def __init__(self, name: str) -> None:
        self._alone = False
        self._asks = False
        self._met_ns = 0
        self._page = bytearray(_SIZE)
        self._descriptor = _opened(name)
        if self._descriptor >= 0:
            self._page = mmap(self._descriptor, _SIZE)  # type: ignore[assignment]
        self._slots = memoryview(self._page)[:_SHARED].cast("i")
        if self._descriptor >= 0:
            self._join()

    def _join(self) -> None:
        """Enter this process among those that have the bus, and tell them."""
        fcntl(self._descriptor, F_OFD_SETLKW, _byte(F_WRLCK, _JOINING))
        others = self._others()
        self._leave()
        free = next((n for n in range(_SLOTS) if not self._slots[n] and self._keeps(n)), 0)
        self._slots[free] = os.getpid()
        self._page[_SHARED] = bool(others)
        if others:
            self._met_ns = time.monotonic_ns()
            self._asks = True
        else:
            self._page[_BUSY] = False
        self._lets_go(_JOINING)

    def _others(self) -> list[int]:
        """Return the other processes that have the bus; the dead are struck out."""
        me, alive = os.getpid(), []
        for n in range(_SLOTS):
            pid = self._slots[n]
            if pid in (0, me):
                continue
            if self._keeps(n):
                self._slots[n] = 0
                self._lets_go(n)
            else:
                alive.append(pid)
        return alive

    def _keeps(self, slot: int) -> bool:
        """Lock a slot's byte for as long as the file is open; return whether nobody else has it.

        The kernel ends it with its holder, whereas a process id may be somebody else's by now.
        """
        try:
            fcntl(self._descriptor, F_OFD_SETLK, _byte(F_WRLCK, slot))
        except OSError:
            return False
        return True

    def _lets_go(self, slot: int) -> None:
        fcntl(self._descriptor, F_OFD_SETLK, _byte(F_UNLCK, slot))

    def take(self) -> bool:
        """Take it if no other process has it; return whether it was taken.

        Alone, it is enough to say that the bus is busy. Somebody who comes second finds that, and
        waits until it is over; from then on both ask the kernel.
        """
        if not self._asks:
            page = self._page
            page[_BUSY] = 1
            if not page[_SHARED]:
                self._alone = True
                return True
            page[_BUSY] = 0
            self._asks = True
        elif self._met_ns and not self._is_over():
            return False
        try:
            flock(self._descriptor, _TAKE)
        except BlockingIOError:
            return False
        return True

    def _is_over(self) -> bool:
        """Return whether whoever was alone before has done with the bus, and knows of this process."""
        left_ns = self._met_ns + _SEEN_NS - time.monotonic_ns()
        if (
            left_ns > 0
        ):  # once: programs may rightly expect that an idle bus is theirs at the first try
            time.sleep(left_ns / 1e9)
        if self._page[_BUSY]:
            if self._others():
                return False
            self._page[_BUSY] = 0  # it died with the bus in its hands
        self._met_ns = 0
        return True

    def release(self) -> None:
        """Give it back."""
        if self._alone:
            self._alone = False
            self._page[_BUSY] = 0
        elif self._descriptor >= 0:
            flock(self._descriptor, LOCK_UN)

    def close(self) -> None:
        """Give it back for good. Closing again does nothing."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            if self._alone:
                self.release()
            self._leave()
            os.close(descriptor)

    def _leave(self) -> None:
        for n in range(_SLOTS):
            if self._slots[n] == os.getpid():
                self._slots[n] = 0


def _byte(kind: int, offset: int) -> bytes:
    """Return a ``struct flock`` for one byte of the file."""
    return pack("hhqqi", kind, os.SEEK_SET, offset, 1, 0)


def _opened(name: str) -> int:
    """Return the open file of a bus, or -1 where there can be none; the log says so, once."""
    refused: OSError | None = None
    for folder in (_SHARED_FOLDER, os.environ.get("XDG_RUNTIME_DIR", "")):
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
    flags = os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW
    try:
        return _sized(os.open(path, flags))
    except FileNotFoundError:
        pass
    try:
        os.mkdir(folder)  # noqa: PTH102
        os.chmod(folder, 0o1777)  # noqa: PTH101
    except FileExistsError:
        pass
    try:
        descriptor = os.open(path, flags | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _sized(os.open(path, flags))
    os.fchmod(descriptor, 0o666)
    return _sized(descriptor)


def _sized(descriptor: int) -> int:
    if os.fstat(descriptor).st_size < _SIZE:
        os.ftruncate(descriptor, _SIZE)
    return descriptor


_said: list[bool] = []


def _say(error: OSError | None) -> None:
    if _said:
        return
    _said.append(True)
    from logging import getLogger

    getLogger(__name__).warning(
        "no lock between processes: neither %s nor XDG_RUNTIME_DIR can hold its file (%s)",
        _SHARED_FOLDER,
        error,
    )
