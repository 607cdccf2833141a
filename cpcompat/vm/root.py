"""The drive as a tree of its own: no path, no link and no ``..`` leads out of it."""

from __future__ import annotations

import errno
import os
import posixpath
import stat
from typing import TYPE_CHECKING

from cpcompat.hal.mounts import Access, Mounts

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any

    from cpcompat.vm.folder_files import FolderFiles
    from cpcompat.vm.image import Image

    Opener = Callable[[int, str, int, int], int]

_OPENAT2 = 437  # the same number on every architecture that CPython runs on but Alpha
_RESOLVE_IN_ROOT = 0x10  # linux/openat2.h: "/" and ".." mean the folder that we start from
_RETRIES = 16
_MOST_LINKS = 40


class Root:
    """Opens what is on the drive by the paths that its programs use.

    Args:
        folder: The drive's folder on the host.
        opener: How a path is opened below a folder; None takes the kernel's ``openat2``, or where
            that is not to be had, a walk along the path (which a second program that moves
            folders meanwhile could mislead).

    Attributes:
        folder: The drive's folder on the host, without links.
        cwd: The working directory, a path on the drive.
        access: Whether programs may write.
        mounts: What a program has mounted.
        announce: Is told (kind, path on the host) before a file is opened for writing.
    """

    def __init__(self, folder: Path | str, opener: Opener | None = None) -> None:
        self.folder = os.path.realpath(folder)
        self.cwd = "/"
        self.access = Access()
        self.mounts = Mounts()
        self.announce: Callable[[str, str], None] = _tell_nobody
        self.descriptor = os.open(self.folder, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        self._opener = opener or kernel_opener(self.descriptor) or walking_opener

    def absolute(self, path: str | bytes | os.PathLike[str]) -> str:
        """Return a path from the drive's root, as it was written.

        Raises:
            FileNotFoundError: The path is empty.
            ValueError: The path has a NUL in it.
        """
        text = os.fsdecode(path)
        if not text:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        if "\0" in text:
            raise ValueError("embedded null byte")
        return posixpath.join("/", self.cwd, text)

    def open(
        self, path: str | bytes | os.PathLike[str], flags: int = os.O_PATH, mode: int = 0o666
    ) -> int:
        """Open something on the drive; the descriptor is the caller's to close.

        Args:
            path: From the root, or from the working directory.
            flags: As for ``os.open``.
            mode: The permissions of a file that is made.

        Raises:
            OSError: As the kernel says; nothing outside the drive is ever opened.
        """
        return self._opener(self.descriptor, self.absolute(path), flags | os.O_CLOEXEC, mode)

    def mounted(self, path: str | bytes | os.PathLike[str]) -> tuple[Any, str] | None:
        """Return the mounted file system that a path leads into and the path there, or None."""
        if not self.mounts:
            return None
        return self.mounts.find(posixpath.normpath(self.absolute(path)))

    def parent(self, path: str | bytes | os.PathLike[str]) -> tuple[int, str]:
        """Open the folder that holds a name, for calls that take a ``dir_fd``.

        Returns:
            The folder's descriptor, which is the caller's to close, and the name in it.
        """
        folder, name = posixpath.split(posixpath.normpath(self.absolute(path)))
        return self.open(folder, os.O_PATH | os.O_DIRECTORY), name or "."

    def status(self, path: str | bytes | os.PathLike[str]) -> os.stat_result:
        """Return what ``os.stat`` says of something on the drive."""
        mounted = self.mounted(path)
        if mounted is not None:
            return os.stat_result(mounted[0].stat(mounted[1]))
        descriptor = self.open(path)
        try:
            return os.fstat(descriptor)
        finally:
            os.close(descriptor)

    def is_file(self, path: str) -> bool:
        """Return whether a regular file is there."""
        return self._is(path, stat.S_ISREG)

    def is_folder(self, path: str) -> bool:
        """Return whether a folder is there."""
        return self._is(path, stat.S_ISDIR)

    def _is(self, path: str, kind: Callable[[int], bool]) -> bool:
        try:
            return kind(self.status(path).st_mode)
        except (OSError, ValueError):
            return False

    def read(self, path: str) -> bytes:
        """Return a file's bytes."""
        mounted = self.mounted(path)
        if mounted is not None:
            with mounted[0].open(mounted[1], "rb") as inside:
                return bytes(inside.read())
        with open(self.open(path, os.O_RDONLY), "rb") as file:
            return file.read()

    def files(self) -> FolderFiles:
        """Return the folder's own files, without what is mounted in it."""
        from cpcompat.vm.folder_files import FolderFiles

        return FolderFiles(self)

    def part(self, path: str) -> FolderFiles:
        """Return a folder of this one as a file system of its own.

        Raises:
            OSError: It is not there, or is no folder.
        """
        descriptor = self.open(path, os.O_PATH | os.O_DIRECTORY)
        try:
            root = Root(os.readlink(f"/proc/self/fd/{descriptor}"))
        finally:
            os.close(descriptor)
        root.announce = self.announce
        return root.files()

    def image(self, path: str) -> Image:
        """Return a file of the drive as a block device.

        Raises:
            OSError: It is not there, or another process has it.
        """
        from cpcompat.vm.image import opened

        return opened(self, path)

    def on_host(self, path: str | bytes | os.PathLike[str]) -> str:
        """Return the host's path of something on the drive, as text; links are not followed."""
        return self.folder + posixpath.normpath(self.absolute(path)).rstrip("/")

    def close(self) -> None:
        """Let the drive go."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1


def _tell_nobody(kind: str, path: str) -> None:
    """Announce to nobody."""


def kernel_opener(folder: int) -> Opener | None:
    """Return a way to open paths by ``openat2`` (Linux 5.6), or None where that is refused.

    Args:
        folder: An open folder to try it on.
    """
    import ctypes

    class How(ctypes.Structure):
        """``struct open_how`` of linux/openat2.h."""

        _fields_ = (
            ("flags", ctypes.c_uint64),
            ("mode", ctypes.c_uint64),
            ("resolve", ctypes.c_uint64),
        )

    syscall = ctypes.CDLL(None, use_errno=True).syscall
    syscall.restype = ctypes.c_long
    size = ctypes.c_size_t(ctypes.sizeof(How))
    number = ctypes.c_long(_OPENAT2)

    def opener(folder: int, path: str, flags: int, mode: int) -> int:
        # The kernel refuses a mode where nothing can be made.
        how = How(flags, mode if flags & os.O_CREAT else 0, _RESOLVE_IN_ROOT)
        name = ctypes.c_char_p(os.fsencode(path))
        for _ in range(_RETRIES):
            descriptor: int = syscall(number, ctypes.c_int(folder), name, ctypes.byref(how), size)
            if descriptor >= 0:
                return descriptor
            failed = ctypes.get_errno()
            # EAGAIN: somebody moved a folder while ".." was looked up (openat2(2)).
            if failed not in {errno.EAGAIN, errno.EINTR}:
                break
        raise OSError(failed, os.strerror(failed), path)

    try:
        os.close(opener(folder, ".", os.O_PATH | os.O_CLOEXEC, 0))
    except OSError:  # ENOSYS from an old kernel, EPERM from a container's filter
        return None
    return opener


def walking_opener(folder: int, path: str, flags: int, mode: int) -> int:
    """Open a path below a folder step by step, each link read by us; see `Root`."""
    todo = path.split("/")[::-1]
    trail = [os.dup(folder)]
    links = 0
    try:
        while todo:
            step = todo.pop()
            if step == "..":
                if len(trail) > 1:
                    os.close(trail.pop())
                continue
            if step in {"", "."}:
                continue
            target = _link(step, trail[-1])
            if target is not None and not (flags & os.O_NOFOLLOW and not todo):
                links += 1
                if links > _MOST_LINKS:
                    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)
                if target.startswith("/"):
                    _close(trail[1:])
                    del trail[1:]
                todo.extend(target.split("/")[::-1])
                continue
            if not any(part not in {"", "."} for part in todo):
                last = flags | os.O_NOFOLLOW | (os.O_DIRECTORY if todo else 0)
                return os.open(step, last, mode, dir_fd=trail[-1])
            below = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
            trail.append(os.open(step, below, dir_fd=trail[-1]))
        return os.open(".", flags, mode, dir_fd=trail[-1])
    finally:
        _close(trail)


def _link(name: str, folder: int) -> str | None:
    """Return where a symbolic link leads, or None for anything else."""
    try:
        return os.readlink(name, dir_fd=folder)
    except OSError as error:
        if error.errno in {errno.EINVAL, errno.ENOENT, errno.ENOTDIR}:
            return None
        raise


def _close(descriptors: list[int]) -> None:
    for descriptor in descriptors:
        os.close(descriptor)
