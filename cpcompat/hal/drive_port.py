"""The drive as the faces see it: the port behind `storage` and the settings."""

from __future__ import annotations

TYPE_CHECKING = False  # not typing's: that import costs more than all of this package
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, Protocol

    from cpcompat.hal.mounts import Access, Mounts

    Stat = tuple[int, int, int, int, int, int, int, int, int, int]
else:
    Protocol = object


class FileSystem(Protocol):
    """The files of a folder or of a medium. Paths begin at its root: ``"/log/today.txt"``.

    Every method raises `OSError` with a board's number and words.

    Synchronization: one thread at a time.
    """

    def open(
        self,
        path: str,
        mode: str = "r",
        buffering: int = -1,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = "\n",
    ) -> Any:
        """Open a file, as the built-in ``open`` does."""
        ...

    def ilistdir(self, path: str) -> Iterator[tuple[str, int, int, int]]:
        """Return name, kind (0x4000 or 0x8000), 0 and size of each thing in a folder."""
        ...

    def mkdir(self, path: str) -> None:
        """Make a folder."""
        ...

    def rmdir(self, path: str) -> None:
        """Remove an empty folder."""
        ...

    def remove(self, path: str) -> None:
        """Remove a file."""
        ...

    def rename(self, old_path: str, new_path: str) -> None:
        """Move a file or folder; a file of the new name is replaced."""
        ...

    def stat(self, path: str) -> Stat:
        """Return a plain 10-tuple: mode, five zeros, size, and one time three times."""
        ...

    def statvfs(self, path: str) -> Stat:
        """Return a 10-tuple with the sizes of the file system."""
        ...

    def utime(self, path: str, times: tuple[int, int]) -> None:
        """Set the time of change."""
        ...

    def sync(self) -> None:
        """Have everything on the medium."""
        ...


class Drive(Protocol):
    """The folder that a program came from, as a tree of its own.

    Paths are the program's: from the drive's root, or from its working directory.

    Attributes:
        access: Who may write the drive.
        mounts: What the program has mounted in it.
        cwd: The working directory.
    """

    access: Access
    mounts: Mounts
    cwd: str

    def absolute(self, path: str) -> str:
        """Return a path from the drive's root, as it was written."""
        ...

    def read(self, path: str) -> bytes:
        """Return a file's bytes.

        Raises:
            OSError: There is no such file, or it cannot be read.
        """
        ...

    def is_file(self, path: str) -> bool:
        """Return whether a regular file is there."""
        ...

    def is_folder(self, path: str) -> bool:
        """Return whether a folder is there."""
        ...

    def files(self) -> FileSystem:
        """Return the drive's own files, without what is mounted in it."""
        ...

    def part(self, path: str) -> FileSystem:
        """Return a folder of the drive as a file system of its own.

        Raises:
            OSError: It is not there, or is no folder.
        """
        ...

    def image(self, path: str) -> Any:
        """Return a file of the drive, or a device, as a block device: ``readblocks`` and so on.

        Raises:
            OSError: It is not there, or another process has it.
        """
        ...
