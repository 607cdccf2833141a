"""Memory of a list, for what programs see of memory that outlives them."""

from __future__ import annotations


class ListCells:
    """See `cpcompat.hal.cells.Cells`.

    Args:
        size: How many bytes there are.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self.content = bytearray(b"\xff" * size)
        self.full = False

    def read(self) -> bytes:
        """See `Cells.read`."""
        return bytes(self.content)

    def write(self, start: int, data: bytes) -> None:
        """See `Cells.write`."""
        if self.full:
            raise OSError(28, "No space left on device", "nvm")
        self.content[start : start + len(data)] = data
