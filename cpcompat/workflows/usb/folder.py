"""The drive's folder as the USB host is to see it, and what the host has written, brought into it.

Blocks: call it from a thread.
"""

from __future__ import annotations

import hashlib
import logging
import os
import stat
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, ParamSpec

from cpcompat.storage.fat import names, tree
from cpcompat.workflows.files.jail import Jail
from cpcompat.workflows.files.paths import Place
from cpcompat.workflows.usb.choosing import is_shared
from cpcompat.workflows.usb.merging import FOLDER, HIDDEN, Listing, Merge

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cpcompat.workflows.usb.image import Content

_P = ParamSpec("_P")
_log = logging.getLogger(__name__)
_PIECE = 256 * 1024
_TRUSTED_NS = 2_000_000_000
"""How long a file must have been as it is for its time to tell that it still is."""
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class _Known(NamedTuple):
    """A file's digest, and what it was when that was made."""

    digest: str
    state: tuple[int, int, int]


class Folder:
    """A drive's folder.

    Args:
        root: Where it is.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._jail = Jail(root)
        self._known: dict[str, _Known] = {}
        self._sizes: dict[str, int] = {}
        self._hidden: set[str] = set()
        self._told: set[str] = set()

    def close(self) -> None:
        """Let it go."""
        self._jail.close()

    # Looking.

    def listing(self) -> Listing:
        """Return what the host is to see: no links, nothing that FAT cannot have, no other disk's."""
        found: dict[str, str] = {}
        known: dict[str, _Known] = {}
        self._sizes, self._hidden = {}, set()
        for path, state in self._walk():
            if stat.S_ISDIR(state.st_mode):
                found[path] = FOLDER
                continue
            digest = self._digest(path, state)
            if digest is None:
                self._hidden.add(path)
            else:
                known[path] = _Known(digest, _mark(state))
                found[path], self._sizes[path] = digest, state.st_size
        self._known = known
        return found

    def whole_listing(self) -> Listing:
        """Return `listing`, and what the host does not see as `HIDDEN`: it takes names all the same."""
        return {**self.listing(), **dict.fromkeys(self._hidden, HIDDEN)}

    def size(self, path: str) -> int:
        """Return how many bytes of a medium a file takes at most, as `listing` found it."""
        return self._sizes.get(path, 0) + 32768

    def _walk(self) -> Iterator[tuple[str, os.stat_result]]:
        device = self._root.stat().st_dev
        for top, folders, files, folder in os.fwalk(self._root):
            prefix = os.path.relpath(top, self._root)
            prefix = "" if prefix == "." else prefix + "/"
            taken: set[str] = set()
            for name in sorted((*folders, *files)):
                state = _state(name, folder)
                if state is not None and self._is_shared(prefix + name, name, state, device, taken):
                    taken.add(names.folded(name))
                    yield prefix + name, state
                    continue
                if state is not None:
                    self._hidden.add(prefix + name)
                if name in folders:
                    folders.remove(name)

    def _is_shared(
        self, path: str, name: str, state: os.stat_result, device: int, taken: set[str]
    ) -> bool:
        usual = stat.S_ISREG(state.st_mode) or stat.S_ISDIR(state.st_mode)
        if not usual or state.st_dev != device or not is_shared(name, state.st_size):
            return False
        if names.folded(name) not in taken:
            return True
        if path not in self._told:
            self._told.add(path)
            _log.warning("%r is not on the USB drive: another name differs in capitals alone", path)
        return False

    def _digest(self, path: str, state: os.stat_result) -> str | None:
        known = self._known.get(path)
        if known is not None and known.state == _mark(state) and _is_old(state):
            return known.digest
        digest = hashlib.blake2s()
        try:
            descriptor = os.open(self._root / path, _READ)
        except OSError:
            return None  # gone meanwhile, or nobody may read it
        with open(descriptor, "rb") as file:
            while piece := file.read(_PIECE):
                digest.update(piece)
        return digest.hexdigest()

    def leaves(self, listing: Listing) -> Iterator[tree.Leaf]:
        """Return what `listing` found, to be written to an image."""
        for path, what in listing.items():
            names_of = tuple(path.split("/"))
            wall = _wall_time(self._root / path)
            if what == FOLDER:
                yield tree.Leaf(names_of, wall)
            else:
                size = self._sizes[path]
                yield tree.Leaf(names_of, wall, size, _Reading(self._root / path, size))

    # Changing.

    def take(self, plan: Merge, content: Content) -> None:
        """Bring what the host has written into the folder; each file takes its place whole.

        Args:
            plan: What is to be done.
            content: The host's files.

        Raises:
            OSError: Something cannot be written; the rest is done all the same.
        """
        failures: list[OSError] = []
        for old, new in plan.aside:
            _tried(failures, self._set_aside, old, new, plan)
        for path in plan.remove:
            _tried(failures, self._jail.remove_one, _place(path))
        for path in plan.make:
            _tried(failures, self._jail.make_folder, _place(path))
        for path in plan.write:
            _tried(failures, self._write, path, content)
        if failures:
            raise failures[0]

    def _set_aside(self, old: str, new: str, plan: Merge) -> None:
        hidden = old in self._hidden
        if old in plan.write and not hidden:
            self._jail.keep(_place(old), _place(new))  # it has its name until it is written over
        else:
            self._jail.move(_place(old), _place(new), any_kind=hidden)

    def _write(self, path: str, content: Content) -> None:
        incoming = self._jail.begin(_place(path))
        try:
            for piece in content.pieces(path):
                incoming.write(piece)
            incoming.finish(int(content.changed(path) * 1_000_000_000))
        finally:
            incoming.discard()


class _Reading:
    """Reads a file piece by piece, and has it open only meanwhile.

    Args:
        path: The file.
        size: How many bytes are wanted.
    """

    def __init__(self, path: Path, size: int) -> None:
        self._path = path
        self._left = size
        self._descriptor = -1

    def __call__(self, count: int) -> bytes:
        """Return the next bytes, none where the file has become shorter, or is gone."""
        if self._descriptor < 0:
            try:
                self._descriptor = os.open(self._path, _READ)
            except FileNotFoundError:
                return b""
        data = os.read(self._descriptor, count)
        self._left -= len(data)
        if not data or self._left <= 0:
            os.close(self._descriptor)
            self._descriptor = -1
        return data


def _tried(
    failures: list[OSError], do: Callable[_P, object], *words: _P.args, **named: _P.kwargs
) -> None:
    try:
        do(*words, **named)
    except OSError as error:
        failures.append(error)


def _wall_time(path: Path) -> float:
    """Return when a file was changed, as the clock on the wall has it: FAT keeps no other time."""
    try:
        changed = path.lstat().st_mtime
    except FileNotFoundError:
        return 0.0  # gone meanwhile
    return changed + (time.localtime(changed).tm_gmtoff or 0)


def _state(name: str, folder: int) -> os.stat_result | None:
    try:
        return os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return None  # gone meanwhile


def _place(path: str) -> Place:
    return Place(tuple(path.split("/")), False)


def _mark(state: os.stat_result) -> tuple[int, int, int]:
    return state.st_mtime_ns, state.st_size, state.st_ino


def _is_old(state: os.stat_result) -> bool:
    return time.time_ns() - state.st_mtime_ns > _TRUSTED_NS
