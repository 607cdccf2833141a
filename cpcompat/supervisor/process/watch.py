"""Sees the changes of a drive, in every folder of it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from cpcompat.storage.drive.changes import Kind, is_noise
from cpcompat.supervisor.process import inotify

_MASK = (
    inotify.IN_MODIFY
    | inotify.IN_CLOSE_WRITE
    | inotify.IN_MOVED_FROM
    | inotify.IN_MOVED_TO
    | inotify.IN_CREATE
    | inotify.IN_DELETE
    | inotify.IN_ONLYDIR
    | inotify.IN_DONT_FOLLOW
)
_KINDS: tuple[tuple[int, Kind], ...] = (
    (inotify.IN_MODIFY | inotify.IN_CLOSE_WRITE, "write"),
    (inotify.IN_CREATE, "create"),
    (inotify.IN_DELETE, "remove"),
    (inotify.IN_MOVED_FROM | inotify.IN_MOVED_TO, "move"),
)


class Change(NamedTuple):
    """One change: what happened, to which file, from the drive's root."""

    kind: Kind
    path: str


class Watch:
    """The changes of one drive.

    Args:
        root: The drive.

    Raises:
        OSError: The kernel has no more watches for this user.
    """

    def __init__(self, root: Path) -> None:
        self._root = os.fsencode(root)
        self._inotify = inotify.Inotify()
        self._folders: dict[int, bytes] = {}
        self._add(b"")

    def fileno(self) -> int:
        """Return the descriptor, readable when something has changed."""
        return self._inotify.fileno()

    def read(self) -> list[Change]:
        """Return what has changed since the last call, oldest first."""
        changes: list[Change] = []
        for seen in self._inotify.read():
            if seen.mask & inotify.IN_Q_OVERFLOW:
                # Too much at once to tell one by one: something has changed for certain.
                changes.append(Change("write", "?"))
                self._add(b"")
                continue
            folder = self._folders.get(seen.watch)
            if seen.mask & inotify.IN_IGNORED:
                self._folders.pop(seen.watch, None)
            elif folder is not None and seen.name:
                changes.extend(self._change(_join(folder, seen.name), seen.mask))
        return changes

    def _change(self, path: bytes, mask: int) -> list[Change]:
        kind = next(kind for bits, kind in _KINDS if mask & bits)
        changes = [Change(kind, os.fsdecode(path))]
        if mask & inotify.IN_ISDIR and mask & (inotify.IN_CREATE | inotify.IN_MOVED_TO):
            # Files may have come into it before the watch was set: they are told here.
            changes.extend(Change(kind, os.fsdecode(inside)) for inside in self._add(path))
        return changes

    def _add(self, folder: bytes) -> list[bytes]:
        """Watch a folder and those in it; return the files that are there."""
        found: list[bytes] = []
        full = _join(self._root, folder)
        if is_noise(os.fsdecode(folder)) and folder:
            return found
        try:
            self._folders[self._inotify.watch(full, _MASK)] = folder
            entries = list(os.scandir(full))
        except (FileNotFoundError, NotADirectoryError):
            return found
        for entry in entries:
            path = _join(folder, entry.name)
            if entry.is_dir(follow_symlinks=False):
                found.extend(self._add(path))
            else:
                found.append(path)
        return found

    def close(self) -> None:
        """Stop watching."""
        self._inotify.close()


def _join(folder: bytes, name: bytes) -> bytes:
    return folder + b"/" + name if folder else name
