"""Memory whose address the kernel may be told: it stays where it is as long as the object lives."""

from __future__ import annotations

from array import array


class Pinned:
    """Bytes at a fixed address.

    ``array`` tells its address without ctypes, whose import takes longer than opening a bus; and an
    array with a view on it refuses to change its size, so it cannot move.

    Args:
        size: How many bytes.

    Attributes:
        address: Where they are.
        view: The bytes.
    """

    __slots__ = ("address", "view")

    def __init__(self, size: int) -> None:
        block = array("B", bytes(size))
        self.view = memoryview(block)
        self.address = block.buffer_info()[0]
