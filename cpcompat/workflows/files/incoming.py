"""A file that comes in: it takes its place whole, or not at all."""

from __future__ import annotations

import os
import secrets
import stat
import threading

from cpcompat.workflows.files.paths import PART

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class Incoming:
    """A file while it comes in, beside its place and under another name.

    Its methods block: call them from a thread.

    Args:
        folder: The open folder that it is for; it is not kept.
        name: Its name.
        before: What has that name now, or None.
        writing: Held while the drive changes.

    Raises:
        OSError: The drive cannot be written.
    """

    def __init__(
        self, folder: int, name: str, before: os.stat_result | None, writing: threading.Lock
    ) -> None:
        self._name, self._writing = name, writing
        self._part = PART.format(secrets.token_hex(8))
        self._file = os.open(self._part, _NEW, 0o666, dir_fd=folder)
        self._folder = os.dup(folder)
        self._open = True
        if before is not None:
            os.fchmod(self._file, stat.S_IMODE(before.st_mode))

    def write(self, data: bytes) -> None:
        """Take some more of it."""
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(self._file, rest) :]

    def finish(self, modified_ns: int | None) -> bool:
        """Put it in its place, safe from a power cut; return whether the name is new.

        Args:
            modified_ns: When it was modified, in nanoseconds since 1970; None for now.
        """
        if modified_ns is not None:
            os.utime(self._file, ns=(modified_ns, modified_ns))
        os.fsync(self._file)
        with self._writing:
            try:
                state = os.stat(self._name, dir_fd=self._folder, follow_symlinks=False)
                is_new = False
            except FileNotFoundError:
                is_new = True
            if not is_new and not stat.S_ISREG(state.st_mode):
                raise IsADirectoryError("something else has taken the name")
            os.rename(self._part, self._name, src_dir_fd=self._folder, dst_dir_fd=self._folder)
        self._part = ""
        os.fsync(self._folder)
        self.discard()
        return is_new

    def discard(self) -> None:
        """Forget it; what was there before stays as it was."""
        if not self._open:
            return
        self._open = False
        os.close(self._file)
        if self._part:
            try:
                os.unlink(self._part, dir_fd=self._folder)
            except FileNotFoundError:
                self._part = ""  # somebody has emptied the folder
        os.close(self._folder)
