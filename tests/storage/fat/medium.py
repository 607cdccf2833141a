"""A medium in memory that keeps a log of what is written, and Linux's own checker of file systems."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from cpcompat.storage.fat import layout
from cpcompat.storage.fat.sectors import Sectors
from cpcompat.storage.fat.volume import Volume

if TYPE_CHECKING:
    from pathlib import Path

SIZES = {12: 2880, 16: 16384, 32: 1 << 20}
"""Sectors of 512 bytes: a floppy disk, 8 MB, 512 MB."""
NOW_S = 1_700_000_000
FSCK = shutil.which("fsck.vfat") or shutil.which("fsck.vfat", path="/usr/sbin:/sbin")
DAMAGE = (
    "share clusters",
    "chain length",
    "Contains a free cluster",
    "ontains bad cluster",
    "does point to",
    "tart cluster",
    "Bad file name",
    "Bad short file name",
    "Circular",
    "nvalid",
    "Duplicate",
    "Logical sector",
    "Zero size directory",
    '"." ',
    '".." ',
)
"""Words of the checker (dosfstools 4.2, ``check.c`` and ``fat.c``) for more than a cut may leave.

What it may leave: clusters of nobody, parts of a long name without a short one, copies of the table
and counts of free clusters that differ.
"""


class Medium:
    """A block device in memory; only blocks that hold something take room.

    Args:
        count: How many blocks.
        size: Bytes of a block.

    Attributes:
        log: Block number and content of each write, and None for each «be done with it».
    """

    def __init__(self, count: int, size: int = 512) -> None:
        self.count = count
        self.size = size
        self.blocks: dict[int, bytes] = {}
        self.log: list[tuple[int, bytes] | None] = []

    def readblocks(self, start: int, buffer: bytearray) -> int:
        """Fill a buffer."""
        for at in range(len(buffer) // self.size):
            block = self.blocks.get(start + at, bytes(self.size))
            buffer[at * self.size : (at + 1) * self.size] = block
        return 0

    def writeblocks(self, start: int, buffer: bytes) -> int:
        """Write blocks, each by itself."""
        assert start + len(buffer) // self.size <= self.count
        assert len(buffer) % self.size == 0
        for at in range(len(buffer) // self.size):
            block = bytes(buffer[at * self.size : (at + 1) * self.size])
            self.log.append((start + at, block))
            self.put(start + at, block)
        return 0

    def put(self, number: int, block: bytes) -> None:
        """Write one block without a log."""
        if any(block):
            self.blocks[number] = block
        else:
            self.blocks.pop(number, None)

    def ioctl(self, request: int, argument: int) -> int:
        """Answer."""
        if request == 3:
            self.log.append(None)
        return {4: self.count, 5: self.size}.get(request, 0)

    def copy(self) -> Medium:
        """Return one with the same content and an empty log."""
        other = Medium(self.count, self.size)
        other.blocks = dict(self.blocks)
        return other

    def saved(self, path: Path) -> Path:
        """Write it to a file."""
        with path.open("wb") as file:
            for number, block in self.blocks.items():
                file.seek(number * self.size)
                file.write(block)
            file.truncate(self.count * self.size)
        return path

    def load(self, path: Path) -> None:
        """Read it from a file."""
        data = path.read_bytes()
        for number in range(self.count):
            self.put(number, data[number * self.size : (number + 1) * self.size])


def formatted(bits: int) -> Medium:
    """Return a medium with an empty file system of our making."""
    medium = Medium(SIZES[bits])
    layout.make(Sectors(medium), 0x1234ABCD)
    medium.log.clear()
    return medium


def volume(medium: Medium) -> Volume:
    """Mount a medium; it is always the same moment."""
    return Volume(medium, lambda: NOW_S)


def complaints(medium: Medium, folder: Path) -> list[str]:
    """Return what Linux's checker says is wrong with a file system."""
    if FSCK is None:
        pytest.skip("fsck.vfat is not here: see tools/system-packages")
    image = medium.saved(folder / "checked.img")
    done = subprocess.run([FSCK, "-n", str(image)], capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines()[1:]  # the first one is the version
    if done.returncode == 0:
        return []
    return lines


def tree(files: Volume, path: str = "") -> dict[str, bytes | None]:
    """Return every file's content, and None for every folder."""
    found: dict[str, bytes | None] = {}
    for name, kind, _, size in files.ilistdir(path or "/"):
        inside = f"{path}/{name}"
        if kind == 0x4000:
            found[inside] = None
            found.update(tree(files, inside))
        else:
            with files.open(inside, "rb") as file:
                content = file.read()
            assert len(content) == size
            found[inside] = content
    return found
