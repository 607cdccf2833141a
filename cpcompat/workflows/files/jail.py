"""The drive as the web sees it: nothing outside can be reached, whatever links there are.

A folder or file is opened beneath the drive's own open folder and never through a link, whatever
somebody else renames meanwhile (`beneath`); what is done in a folder is done to one name in it, by
its descriptor. All of this blocks: call it from a thread.
"""

from __future__ import annotations

import errno
import os
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from cpcompat.workflows.files import beneath
from cpcompat.workflows.files.incoming import Incoming
from cpcompat.workflows.files.paths import Place, is_part

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY


class Entry(NamedTuple):
    """A file or folder in a list."""

    name: str
    is_folder: bool
    modified_ns: int
    size: int


class Space(NamedTuple):
    """How full the file system is, in blocks."""

    free: int
    total: int
    block_size: int
    writable: bool


class Jail:
    """One drive.

    Args:
        root: Its folder.
    """

    def __init__(self, root: Path) -> None:
        self._root = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self._open = beneath.opener(self._root)
        self._writing = threading.Lock()

    def close(self) -> None:
        """Let it go."""
        os.close(self._root)

    @contextmanager
    def _folder(self, names: tuple[str, ...]) -> Iterator[int]:
        """Open a folder.

        Raises:
            OSError: There is none; a link is none.
        """
        folder = self._open(self._root, names, _FOLDER)
        try:
            yield folder
        finally:
            os.close(folder)

    # Looking.

    def entries(self, place: Place) -> list[Entry]:
        """Return what is in a folder; links and special files are not.

        Raises:
            OSError: There is no such folder.
        """
        found = []
        with self._folder(place.names) as folder, os.scandir(folder) as entries:
            for entry in entries:
                if is_part(entry.name) or not _is_text(entry.name):
                    continue
                try:
                    state = entry.stat(follow_symlinks=False)
                except FileNotFoundError:
                    continue
                is_folder = stat.S_ISDIR(state.st_mode)
                if _is_usual(state):
                    size = 0 if is_folder else state.st_size
                    found.append(Entry(entry.name, is_folder, state.st_mtime_ns, size))
        return sorted(found)

    def space(self, place: Place) -> Space:
        """Return how full the file system of a folder is.

        Raises:
            OSError: There is no such folder.
        """
        with self._folder(place.names) as folder:
            state = os.fstatvfs(folder)
            writable = not state.f_flag & os.ST_RDONLY and os.access(
                f"/proc/self/fd/{folder}", os.W_OK
            )
        return Space(state.f_bavail, state.f_blocks, state.f_frsize, writable)

    def exists(self, place: Place) -> bool:
        """Tell whether a file or folder is there; a link is none."""
        if not place.names:
            return True
        try:
            with self._parent(place) as folder:
                state = _state(place.names[-1], folder)
        except (FileNotFoundError, NotADirectoryError):
            return False
        return state is not None and _is_usual(state)

    def open(self, place: Place) -> tuple[int, int]:
        """Open a file; return its descriptor and its size.

        Raises:
            OSError: There is no such file.
        """
        if not place.names:
            raise IsADirectoryError(errno.EISDIR, "the drive itself")
        descriptor = self._open(self._root, place.names, _FILE)
        state = os.fstat(descriptor)
        if not stat.S_ISREG(state.st_mode):
            os.close(descriptor)
            raise FileNotFoundError(errno.ENOENT, "no file")
        return descriptor, state.st_size

    @contextmanager
    def _parent(self, place: Place) -> Iterator[int]:
        if not place.names:
            raise IsADirectoryError(errno.EISDIR, "the drive itself")
        with self._folder(place.names[:-1]) as folder:
            yield folder

    # Changing.

    def begin(self, place: Place) -> Incoming:
        """Make ready to take a file in; its folder must be there.

        Raises:
            OSError: It cannot be.
        """
        with self._parent(place) as folder:
            state = _state(place.names[-1], folder)
            if state is not None and not stat.S_ISREG(state.st_mode):
                if stat.S_ISDIR(state.st_mode):
                    raise IsADirectoryError(errno.EISDIR, "a folder")
                raise FileExistsError(errno.EEXIST, "a link or a special file")
            return Incoming(folder, place.names[-1], state, self._writing)

    def make_folder(self, place: Place) -> bool:
        """Make a folder and those above it; return False when there is something already.

        Raises:
            OSError: It cannot be made.
        """
        made = False
        with self._writing:
            for depth in range(len(place.names)):
                with self._folder(place.names[:depth]) as folder:
                    try:
                        os.mkdir(place.names[depth], dir_fd=folder)
                        os.fsync(folder)
                        made = True
                    except FileExistsError:
                        state = _state(place.names[depth], folder)
                        if state is None or not _is_usual(state):
                            raise
                        made = False
        return made

    def remove(self, place: Place) -> None:
        """Remove a file, or a folder with all that is in it; of a link only the link.

        Raises:
            OSError: It is not there, or cannot be removed.
        """
        with self._writing, self._parent(place) as folder:
            _remove(place.names[-1], folder, os.fstat(folder).st_dev)
            os.fsync(folder)

    def remove_one(self, place: Place) -> None:
        """Remove a file, or a folder that is empty; one that is not empty stays.

        Raises:
            OSError: It is not there, or cannot be removed.
        """
        with self._writing, self._parent(place) as folder:
            state = os.stat(place.names[-1], dir_fd=folder, follow_symlinks=False)
            try:
                remove = os.rmdir if stat.S_ISDIR(state.st_mode) else os.unlink
                remove(place.names[-1], dir_fd=folder)
            except OSError as error:
                if error.errno != errno.ENOTEMPTY:
                    raise
            os.fsync(folder)

    def move(self, source: Place, target: Place, *, any_kind: bool = False) -> None:
        """Give a file or folder another name; nothing is ever overwritten.

        Args:
            source: Its name.
            target: The other one.
            any_kind: What is neither, such as a link, is moved too.

        Raises:
            FileExistsError: The other name is taken.
            OSError: It cannot be moved.
        """
        with self._writing, self._parent(source) as here, self._parent(target) as there:
            state = _state(source.names[-1], here)
            if state is None or not (any_kind or _is_usual(state)):
                raise FileNotFoundError(errno.ENOENT, "not there")
            if _state(target.names[-1], there) is not None:
                raise FileExistsError(errno.EEXIST, "taken")
            os.rename(source.names[-1], target.names[-1], src_dir_fd=here, dst_dir_fd=there)
            os.fsync(there)
            os.fsync(here)

    def keep(self, source: Place, target: Place) -> None:
        """Give a file or folder a second name; the first one is about to be written over.

        So a program never finds the first name missing. Folders, and file systems without links (FAT),
        have one name at a time: there it is moved.

        Raises:
            FileExistsError: The other name is taken.
            OSError: It cannot be done.
        """
        with self._writing, self._parent(source) as here, self._parent(target) as there:
            names = source.names[-1], target.names[-1]
            try:
                os.link(*names, src_dir_fd=here, dst_dir_fd=there, follow_symlinks=False)
                os.fsync(there)
                return
            except PermissionError:
                pass  # EPERM, link(2): a folder, or a file system without links
        self.move(source, target)

    def sweep(self) -> None:
        """Remove what uploads left behind that a power cut has ended."""
        for _, _, files, folder in os.fwalk(".", dir_fd=self._root):
            for name in filter(is_part, files):
                os.unlink(name, dir_fd=folder)


def _state(name: str, folder: int) -> os.stat_result | None:
    try:
        return os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return None


def _is_usual(state: os.stat_result) -> bool:
    """Tell a file or folder from links and special files."""
    return stat.S_ISREG(state.st_mode) or stat.S_ISDIR(state.st_mode)


def _remove(name: str, folder: int, device: int) -> None:
    state = os.stat(name, dir_fd=folder, follow_symlinks=False)
    if not stat.S_ISDIR(state.st_mode):
        os.unlink(name, dir_fd=folder)
        return
    if state.st_dev != device:
        raise OSError(errno.EBUSY, "another file system is mounted there")
    inside = os.open(name, _FOLDER, dir_fd=folder)
    try:
        with os.scandir(inside) as entries:
            names = [entry.name for entry in entries]
        for inner in names:
            _remove(inner, inside, device)
    finally:
        os.close(inside)
    os.rmdir(name, dir_fd=folder)


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
