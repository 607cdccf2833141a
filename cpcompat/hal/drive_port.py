"""The drive as the faces see it: the port behind `storage` and the settings."""

from __future__ import annotations

TYPE_CHECKING = False  # not typing's: that import costs more than all of this package
if TYPE_CHECKING:
    from typing import Protocol
else:
    Protocol = object


class Drive(Protocol):
    """The folder that a program came from, as a tree of its own.

    Paths are the program's: from the drive's root, or from its working directory.
    """

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

    def space(self) -> tuple[int, int, int]:
        """Return the size of a block in bytes, how many blocks there are, and how many are free."""
        ...
