"""The kernel's inotify (inotify(7), linux/inotify.h), of which Python has no module."""

from __future__ import annotations

import ctypes
import os
import struct
from typing import NamedTuple

IN_MODIFY = 0x002
IN_CLOSE_WRITE = 0x008
IN_CLOSE_NOWRITE = 0x010
IN_CLOSE = IN_CLOSE_WRITE | IN_CLOSE_NOWRITE
IN_OPEN = 0x020
IN_MOVED_FROM = 0x040
IN_MOVED_TO = 0x080
IN_CREATE = 0x100
IN_DELETE = 0x200
IN_DELETE_SELF = 0x400
IN_MOVE_SELF = 0x800
IN_Q_OVERFLOW = 0x4000
IN_IGNORED = 0x8000
IN_ONLYDIR = 0x1000000
IN_DONT_FOLLOW = 0x2000000
IN_ISDIR = 0x40000000

_HEADER = struct.Struct("iIII")
_libc = ctypes.CDLL(None, use_errno=True)


class Seen(NamedTuple):
    """One event: what was watched, what happened, to which entry of it, and the rename's number."""

    watch: int
    mask: int
    cookie: int
    name: bytes


class Inotify:
    """A queue of the kernel's events about watched paths.

    Raises:
        OSError: The user's limit of instances or watches is reached; the note tells which setting.
    """

    def __init__(self) -> None:
        self._descriptor = _checked(_libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC), "instances")

    def fileno(self) -> int:
        """Return the descriptor, readable when something has happened."""
        return self._descriptor

    def watch(self, path: bytes, mask: int) -> int:
        """Watch a path; return the watch's number, the same one for a path watched already."""
        return _checked(_libc.inotify_add_watch(self._descriptor, path, mask), "watches")

    def read(self) -> list[Seen]:
        """Return what has happened; an empty list when nothing has."""
        try:
            data = os.read(self._descriptor, 65536)
        except BlockingIOError:
            return []
        found = []
        at = 0
        while at < len(data):
            watch, mask, cookie, size = _HEADER.unpack_from(data, at)
            at += _HEADER.size
            found.append(Seen(watch, mask, cookie, data[at : at + size].rstrip(b"\0")))
            at += size
        return found

    def close(self) -> None:
        """Stop watching."""
        os.close(self._descriptor)


def _checked(result: int, what: str) -> int:
    if result >= 0:
        return result
    number = ctypes.get_errno()
    error = OSError(number, os.strerror(number), "inotify")
    error.add_note(f"The limit may be reached: «sysctl fs.inotify.max_user_{what}» shows it.")
    raise error
