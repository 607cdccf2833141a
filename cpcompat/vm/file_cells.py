"""Memory that outlives programs, kept in files: see `cpcompat.hal.cells.Cells`."""

from __future__ import annotations

import os
from pathlib import Path

from cpcompat.durable import write_durably

NVM_SIZE = 8192
"""As on nRF and ESP32 boards."""
SLEEP_MEMORY_SIZE = 4096
"""As on ESP32 boards."""


class DurableCells:
    """Cells in a file that is replaced as a whole with each write: nothing is ever half written.

    Args:
        path: The file; it need not be there yet. Bytes that it lacks read 0xFF.
    """

    size = NVM_SIZE

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> bytes:
        """See `Cells.read`."""
        try:
            found = self._path.read_bytes()
        except FileNotFoundError:
            found = b""
        return found[: self.size].ljust(self.size, b"\xff")

    def write(self, start: int, data: bytes) -> None:
        """See `Cells.write`."""
        content = bytearray(self.read())
        content[start : start + len(data)] = data
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_durably(self._path, bytes(content))


class MemoryCells:
    """Cells in a file of a file system in memory: they outlive programs, not a power cut.

    Args:
        path: The file; it need not be there yet. Bytes that it lacks read 0.
    """

    size = SLEEP_MEMORY_SIZE

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> bytes:
        """See `Cells.read`."""
        try:
            found = self._path.read_bytes()
        except FileNotFoundError:
            found = b""
        return found[: self.size].ljust(self.size, b"\0")

    def write(self, start: int, data: bytes) -> None:
        """See `Cells.write`."""
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.pwrite(descriptor, data, start)
        finally:
            os.close(descriptor)
