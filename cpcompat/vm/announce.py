"""Announces what a program is about to write on the drive, so that its own writes never reload it.

An audit hook (PEP 578) sees every way that Python code has to files: ``open``, ``os``, ``pathlib``,
``logging``, ``shutil``, ``sqlite3``. It cannot be removed, so a process has at most one. What C code
opens by itself, and what other programs write, it does not see.
"""

from __future__ import annotations

import os
import sys
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    Callback = Callable[[str, str], None]

WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
"""The flags of ``open`` that may change a file."""

_AT_CWD = -1
_SQLITE_FILES = ("", "-journal", "-wal", "-shm")
"""A database and what SQLite keeps beside it."""


class Announcer:
    """Knows the drive, and whom to tell.

    Args:
        folder: The drive's folder on the host, without links.
        callback: Is told (kind, path on the drive) before it happens. A kind is ``"write"``
            (which lasts as long as the file is open), ``"rename"`` (told for both names),
            ``"remove"``, ``"mkdir"``, ``"rmdir"`` or ``"change"`` (mode, times).

    Synchronization: any thread; the callback is called in the thread that writes, and what it does
    itself is not announced.
    """

    def __init__(self, folder: str, callback: Callback) -> None:
        self._inside = folder.rstrip("/") + "/"
        self._callback = callback
        self._busy = threading.local()

    def tell(self, kind: str, path: Any, folder: int = _AT_CWD) -> None:
        """Announce one thing, if it is on the drive.

        Args:
            kind: What is going to happen.
            path: The host's path, or a descriptor.
            folder: The descriptor that a relative path starts from.
        """
        if getattr(self._busy, "now", False):
            return
        self._busy.now = True
        try:
            name = self._on_drive(path, folder)
            if name is not None:
                self._callback(kind, name)
        except OSError:
            pass  # whoever listened has gone: the program's write goes on
        finally:
            self._busy.now = False

    def _on_drive(self, path: Any, folder: int) -> str | None:
        """Return the path on the drive, or None for what is elsewhere."""
        if isinstance(path, int):
            text = os.readlink(f"/proc/self/fd/{path}")
        else:
            text = os.fsdecode(path)
            if folder != _AT_CWD and not text.startswith("/"):
                text = os.path.join(os.readlink(f"/proc/self/fd/{folder}"), text)
            text = os.path.abspath(text)
        if not text.startswith(self._inside):
            # Perhaps by a link from elsewhere. The last name is not followed: it may be replaced.
            parent, name = os.path.split(text)
            text = os.path.join(os.path.realpath(parent), name)
        return text[len(self._inside) - 1 :] if text.startswith(self._inside) else None


def install(root: os.PathLike[str], callback: Callback) -> None:
    """Announce from now on, for good, whatever this process is about to write on a drive.

    Args:
        root: The drive's folder.
        callback: See `Announcer`.
    """
    announcer = Announcer(os.path.realpath(root), callback)
    handle = _HANDLERS.get

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        handler = handle(event)
        if handler is not None:
            handler(announcer, arguments)

    sys.addaudithook(hook)


def _opened(announcer: Announcer, arguments: tuple[Any, ...]) -> None:
    path, _, flags = arguments
    if flags & WRITES and path is not None:
        announcer.tell("write", path)


def _renamed(announcer: Announcer, arguments: tuple[Any, ...]) -> None:
    source, target, source_folder, target_folder = arguments
    announcer.tell("rename", source, source_folder)
    announcer.tell("rename", target, target_folder)


def _made_folder(announcer: Announcer, arguments: tuple[Any, ...]) -> None:
    announcer.tell("mkdir", arguments[0], arguments[2])


def _truncated(announcer: Announcer, arguments: tuple[Any, ...]) -> None:
    announcer.tell("write", arguments[0])


def _linked(announcer: Announcer, arguments: tuple[Any, ...]) -> None:
    announcer.tell("write", arguments[1], arguments[-1])


def _connected(announcer: Announcer, arguments: tuple[Any, ...]) -> None:
    """Announce a database with the files that SQLite keeps beside it."""
    database = os.fsdecode(arguments[0])
    if database.startswith("file:"):
        database = database[len("file:") :].partition("?")[0]
    if database not in {"", ":memory:"}:
        for ending in _SQLITE_FILES:
            announcer.tell("write", database + ending)
            # SQLite's own C code removes them, at a commit or a close.
            announcer.tell("remove", database + ending)


def _with_folder_last(kind: str) -> Callable[[Announcer, tuple[Any, ...]], None]:
    def handler(announcer: Announcer, arguments: tuple[Any, ...]) -> None:
        announcer.tell(kind, arguments[0], arguments[-1])

    return handler


_HANDLERS: dict[str, Callable[[Announcer, tuple[Any, ...]], None]] = {
    "open": _opened,
    "os.chmod": _with_folder_last("change"),
    "os.chown": _with_folder_last("change"),
    "os.link": _linked,
    "os.mkdir": _made_folder,
    "os.remove": _with_folder_last("remove"),
    "os.rename": _renamed,
    "os.rmdir": _with_folder_last("rmdir"),
    "os.symlink": _linked,
    "os.truncate": _truncated,
    "os.utime": _with_folder_last("change"),
    "sqlite3.connect": _connected,
}
