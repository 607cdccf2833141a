"""The image that the USB host gets: made of the drive's folder, and read after the host has written.

Blocks: call it from a thread.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cpcompat.durable import write_durably
from cpcompat.storage.fat import tree
from cpcompat.storage.fat.volume import Volume
from cpcompat.workflows.usb.choosing import SEEDS, image_bytes, is_shared
from cpcompat.workflows.usb.merging import FOLDER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cpcompat.workflows.usb.folder import Folder
    from cpcompat.workflows.usb.merging import Listing

_SECTOR = 512
_SYNC, _COUNT, _SIZE = 3, 4, 5
"""Requests to ``ioctl`` (MicroPython's documentation of ``vfs.AbstractBlockDev``)."""
_MANIFEST = "manifest.json"


class _File:
    """A file as a block device: nothing is waited for, `Image.make` waits once at the end.

    Args:
        path: The file.
        size: Its bytes, if it is to be made.
    """

    def __init__(self, path: Path, size: int | None = None) -> None:
        flags = os.O_RDONLY if size is None else os.O_RDWR | os.O_CREAT | os.O_TRUNC
        self._descriptor = os.open(path, flags | os.O_CLOEXEC, 0o600)
        self.readonly = size is None
        if size is not None:
            os.ftruncate(self._descriptor, size)
        self._count = os.fstat(self._descriptor).st_size // _SECTOR

    def readblocks(self, start: int, buffer: bytearray) -> None:
        if os.preadv(self._descriptor, [buffer], start * _SECTOR) != len(buffer):
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    def writeblocks(self, start: int, buffer: bytes) -> None:
        os.pwrite(self._descriptor, buffer, start * _SECTOR)

    def ioctl(self, request: int, argument: int) -> int:
        return {_COUNT: self._count, _SIZE: _SECTOR}.get(request, 0)

    def close(self) -> None:
        if not self.readonly:
            os.fsync(self._descriptor)
        os.close(self._descriptor)


class Image:
    """The image of one drive, and what both sides had when they were last the same.

    Args:
        folder: Where it is kept; made if need be.

    Attributes:
        listing: What both sides had; empty before the first image.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = folder
        self.listing: Listing = {}
        self._name = ""
        try:
            kept: dict[str, Any] = json.loads((folder / _MANIFEST).read_text("utf-8"))
            name, listing = str(kept["image"]), dict(kept["listing"])
        except (OSError, ValueError, KeyError, TypeError):
            return  # there is no image yet
        if "/" not in name and (folder / name).is_file():
            self._name, self.listing = name, listing

    @property
    def path(self) -> Path | None:
        """Where the image is; None before the first."""
        return self._folder / self._name if self._name else None

    @property
    def touched(self) -> bool:
        """Whether somebody has written the image since `same` was last told what is on it."""
        path, manifest = self.path, self._folder / _MANIFEST
        return path is not None and path.stat().st_mtime_ns > manifest.stat().st_mtime_ns

    def same(self, listing: Listing) -> None:
        """Note, safe from a power cut, what both sides have now."""
        kept = {"image": self._name, "listing": dict(listing)}
        write_durably(self._folder / _MANIFEST, json.dumps(kept).encode())
        self.listing = dict(listing)

    def make(self, source: Folder, label: str, serial: int) -> None:
        """Make the image anew; the one before is there until this one is whole.

        Args:
            source: The drive's folder.
            label: The file system's label.
            serial: The file system's serial number.

        Raises:
            OSError: 27 (EFBIG): the folder is too large for one. 28 (ENOSPC): no room is left on the
                disk, or the topmost folder has too many files.
        """
        listing = source.listing()
        size = image_bytes(sum(map(source.size, listing)))
        if size is None:
            raise OSError(errno.EFBIG, "the drive's files are too large for a USB drive")
        before, name = self.path, f"drive-{time.time_ns():x}.img"
        try:
            with closing(_File(self._folder / name, size)) as device:
                tree.write(device, label, serial, (*source.leaves(listing), *_seeds()))
        except OSError:
            (self._folder / name).unlink(missing_ok=True)
            raise
        self._name = name
        self.same(listing)
        if before is not None:
            before.unlink(missing_ok=True)

    def read(self) -> Content:
        """Return what is on the image now.

        Raises:
            OSError: 5 (EIO): it is not sound, as it may be while the host is about to write.
        """
        if self.path is None:
            raise OSError(errno.ENOENT, "no image")
        return Content(self.path)

    def put_aside(self) -> Path | None:
        """Give up the image, which is damaged; return where it is kept for people to look at."""
        path = self.path
        if path is not None:
            kept = path.with_name("damaged.img")
            path.replace(kept)
            self._name = ""
            return kept
        return None


class Content:
    """What is on an image.

    Args:
        path: The image.

    Attributes:
        listing: Its files and folders.

    Raises:
        OSError: 5 (EIO): it is not sound, or was written meanwhile.
    """

    def __init__(self, path: Path) -> None:
        self._device = _File(path)
        try:
            before = path.stat().st_mtime_ns
            self._volume = Volume(self._device, time.time)
            self._found = {"/".join(f.path): f for f in tree.read(self._volume) if _shared(f)}
            self.listing: Listing = {p: self._digest(f) for p, f in self._found.items()}
            if path.stat().st_mtime_ns != before:
                raise OSError(errno.EIO, "written meanwhile")
        except OSError:
            self._device.close()
            raise

    def _digest(self, found: tree.Found) -> str:
        if found.entry.is_folder:
            return FOLDER
        digest = hashlib.blake2s()
        for piece in tree.content(self._volume, found):
            digest.update(piece)
        return digest.hexdigest()

    def pieces(self, path: str) -> Iterator[bytes]:
        """Return a file's bytes, piece by piece."""
        return tree.content(self._volume, self._found[path])

    def changed(self, path: str) -> float:
        """Return when a file was changed, in seconds since 1970, as this computer's clock has them."""
        wall = self._found[path].entry.changed
        return wall - (time.localtime(wall).tm_gmtoff or 0)

    def close(self) -> None:
        """Let the image go."""
        self._device.close()


def _shared(found: tree.Found) -> bool:
    return all(is_shared(name) for name in found.path)


def _seeds() -> Iterator[tree.Leaf]:
    for path in SEEDS:
        if len(path) > 1:
            yield tree.Leaf(path[:1], 0.0)
        yield tree.Leaf(path, 0.0, 0)
