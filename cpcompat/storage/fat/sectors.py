"""A medium in sectors: what programs' block devices and images look like from above."""

from __future__ import annotations

import errno
from typing import Any

from cpcompat.hal.oserrors import board_error

_SYNC, _COUNT, _SIZE = 3, 4, 5
"""Requests to ``ioctl`` (MicroPython's documentation of ``vfs.AbstractBlockDev``)."""
_KEPT = 256


class Sectors:
    """Reads and writes whole sectors; single ones are kept, writes go through at once.

    Args:
        device: Has ``readblocks(start, buffer)``, and to be written ``writeblocks(start, buffer)``;
            and ``ioctl(request, argument)``, or of old ``count()`` and perhaps ``sync()``.
        start: The sector that counts as the first.

    Attributes:
        size: The bytes of a sector.
        writable: Whether anything can be written.
        count: How many sectors there are from the first on.
    """

    def __init__(self, device: Any, start: int = 0) -> None:
        self._device = device
        self._start = start
        self._kept: dict[int, bytes] = {}
        self.writable = hasattr(device, "writeblocks") and not getattr(device, "readonly", False)
        self.size = int(self._ask(_SIZE) or 512)
        count = self._ask(_COUNT)
        self.count = int(device.count() if count is None else count) - start

    def beyond(self, start: int) -> Sectors:
        """Return the same medium from a later sector on: a partition."""
        return Sectors(self._device, self._start + start)

    def get(self, number: int) -> bytes:
        """Return one sector."""
        kept = self._kept.get(number)
        if kept is None:
            kept = self.read(number, 1)
            self._keep(number, kept)
        return kept

    def read(self, number: int, count: int) -> bytes:
        """Return some sectors, past what is kept."""
        if number < 0 or number + count > self.count:
            raise board_error(errno.EIO)
        buffer = bytearray(count * self.size)
        self._done(self._device.readblocks(self._start + number, buffer))
        return bytes(buffer)

    def write(self, number: int, data: bytes | bytearray) -> None:
        """Write whole sectors."""
        count = len(data) // self.size
        if number < 0 or number + count > self.count:
            raise board_error(errno.EIO)
        for at in range(count):
            self._kept.pop(number + at, None)
        self._done(self._device.writeblocks(self._start + number, data))
        if count == 1:
            self._keep(number, bytes(data))

    def change(self, number: int, at: int, data: bytes) -> None:
        """Replace some bytes of one sector."""
        sector = bytearray(self.get(number))
        sector[at : at + len(data)] = data
        self.write(number, sector)

    def barrier(self) -> None:
        """Have everything on the medium before anything that is written from now on."""
        if hasattr(self._device, "ioctl"):
            self._device.ioctl(_SYNC, 0)
        elif hasattr(self._device, "sync"):
            self._device.sync()

    def _ask(self, request: int) -> Any:
        return self._device.ioctl(request, 0) if hasattr(self._device, "ioctl") else None

    def _keep(self, number: int, data: bytes) -> None:
        if len(self._kept) >= _KEPT:
            del self._kept[next(iter(self._kept))]
        self._kept[number] = data

    @staticmethod
    def _done(status: Any) -> None:
        """Raise if a block device returned an error number instead of nothing or 0."""
        if isinstance(status, int) and not isinstance(status, bool) and status:
            raise board_error(abs(status))
