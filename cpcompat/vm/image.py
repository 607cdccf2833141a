"""A file with a file system in it, or a medium's own node, as a block device."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from cpcompat.hal.oserrors import board_error
from cpcompat.hal.refusals import noted

if TYPE_CHECKING:
    from cpcompat.vm.root import Root

_SIZE = 512
_BUSY = "Another process uses the image; it would be damaged by two at once."
_SYNC, _COUNT, _BLOCK_SIZE = 3, 4, 5
"""Requests to ``ioctl`` (MicroPython's documentation of ``vfs.AbstractBlockDev``)."""
_READ_ONLY = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


class Image:
    """A block device over an open file, which is this object's from now on.

    Args:
        descriptor: The file; other processes are kept from using it in the same way.
        readonly: It cannot be written.

    Attributes:
        readonly: The same.

    Raises:
        OSError: 16 (EBUSY): another process has it.
    """

    def __init__(self, descriptor: int, readonly: bool) -> None:
        self._descriptor = -1
        self.readonly = readonly
        try:
            fcntl.flock(descriptor, (fcntl.LOCK_SH if readonly else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            raise noted(board_error(errno.EBUSY), _BUSY) from None
        self._descriptor = descriptor
        self._count = os.lseek(descriptor, 0, os.SEEK_END) // _SIZE

    def readblocks(self, start: int, buffer: bytearray) -> int:
        """Fill a buffer with blocks."""
        if os.preadv(self._descriptor, [buffer], start * _SIZE) != len(buffer):
            raise board_error(errno.EIO)
        return 0

    def writeblocks(self, start: int, buffer: bytes) -> int:
        """Write blocks."""
        if self.readonly:
            raise board_error(errno.EROFS)
        if os.pwrite(self._descriptor, buffer, start * _SIZE) != len(buffer):
            raise board_error(errno.ENOSPC)
        return 0

    def ioctl(self, request: int, argument: int) -> int:
        """Answer what `cpcompat.storage.fat.sectors.Sectors` asks."""
        if request == _SYNC and not self.readonly:
            os.fdatasync(self._descriptor)
        return {_COUNT: self._count, _BLOCK_SIZE: _SIZE}.get(request, 0)

    def __del__(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


_images: WeakValueDictionary[tuple[int, int], Image] = WeakValueDictionary()
"""Those in use, by device and inode: a program may name its image twice."""


def opened(root: Root, path: str) -> Image:
    """Open a file of a drive as a block device; one that may not be written is read.

    Raises:
        OSError: It is not there, is no file or device, or another process has it.
    """
    root.announce("write", root.on_host(path))
    try:
        descriptor, readonly = root.open(path, os.O_RDWR), not root.access.python_writable
    except OSError as error:
        number = error.errno or errno.EIO
        if number not in _READ_ONLY:
            raise board_error(number) from None
        descriptor, readonly = root.open(path, os.O_RDONLY), True
    return _known(descriptor, readonly)


def outside(path: str) -> Image:
    """Open a medium's node, or an image, of the host; see `opened`."""
    try:
        return _known(os.open(path, os.O_RDWR | os.O_CLOEXEC), False)
    except OSError as error:
        if error.errno not in _READ_ONLY:
            raise
    return _known(os.open(path, os.O_RDONLY | os.O_CLOEXEC), True)


def _known(descriptor: int, readonly: bool) -> Image:
    """Return the block device over an open file, the same one for the same file."""
    status = os.fstat(descriptor)
    if not (stat.S_ISREG(status.st_mode) or stat.S_ISBLK(status.st_mode)):
        os.close(descriptor)
        raise board_error(errno.ENODEV)
    key = (status.st_dev, status.st_ino)
    known = _images.get(key)
    if known is not None and known.readonly == readonly:
        os.close(descriptor)
        return known
    try:
        image = _images[key] = Image(descriptor, readonly)
        return image
    except OSError:
        os.close(descriptor)
        raise
