"""Whole file systems at once: one made of a tree of files, and the tree of one that somebody else wrote.

Going through `Volume` for each file looks its folder through each time, which for a few hundred files is
seconds on a small computer. A new medium has nothing to look through.
"""

from __future__ import annotations

import errno
import struct
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from cpcompat.hal.oserrors import board_error
from cpcompat.storage.fat import layout, names
from cpcompat.storage.fat.folder import ARCHIVE, FOLDER, LABEL, SIZE, Entry, packed
from cpcompat.storage.fat.sectors import Sectors
from cpcompat.storage.fat.volume import Volume

PARTITION_START = 1
"""The sector at which the one partition begins, as on upstream's boards (usb_msc_flash.c)."""
_PIECE = 256 * 1024


class Leaf(NamedTuple):
    """A file or folder to be written.

    Attributes:
        path: Its names, from the top.
        changed: When it was changed, in seconds since 1970 as the clock on the wall has them.
        size: Its bytes; None for a folder.
        read: Returns its next bytes, at most as many as asked for.
    """

    path: tuple[str, ...]
    changed: float
    size: int | None = None
    read: Callable[[int], bytes] = lambda count: b""


class Found(NamedTuple):
    """A file or folder that was read.

    Attributes:
        path: Its names, from the top.
        entry: Its entry.
        clusters: Where its content is.
    """

    path: tuple[str, ...]
    entry: Entry
    clusters: list[int]


def write(device: Any, label: str, serial: int, leaves: Iterable[Leaf]) -> None:
    """Make a partition with a file system on a medium, and put files on it.

    Args:
        device: See `Sectors`; nothing of what is on it is kept.
        label: The file system's label.
        serial: Its serial number, 32 bits.
        leaves: What to write; folders before what is in them.

    Raises:
        OSError: 28 (ENOSPC): the medium, or a folder, has no room for them. 22 (EINVAL): a name cannot
            be one on a FAT file system, or the medium is too small.
    """
    whole = Sectors(device)
    inside = whole.beyond(PARTITION_START)
    layout.make(inside, serial)
    volume = Volume(_At(device), lambda: 0.0)
    kind = 0x0C if volume.layout.bits == 32 else 0x06
    whole.write(0, _partition_table(kind, whole.count - PARTITION_START, whole.size))
    volume.label = label
    _Writer(volume).write(leaves)
    volume.sync()


def read(volume: Volume) -> Iterator[Found]:
    """Go through all files and folders of a file system, folders before what is in them.

    Raises:
        OSError: 5 (EIO): it is not sound: a chain leads nowhere, is too short, or belongs to two.
    """
    seen: set[int] = set()
    waiting: list[tuple[tuple[str, ...], int]] = [((), 0)]
    while waiting:
        path, first = waiting.pop()
        for entry in volume.folder(first):
            if entry.attributes & LABEL or entry.short[:1] == b".":
                continue
            clusters = volume.clusters(entry)
            needed = 1 if entry.is_folder else -(-entry.size // volume.cluster_bytes)
            if len(clusters) < needed or not seen.isdisjoint(clusters):
                raise board_error(errno.EIO)
            seen.update(clusters)
            yield Found((*path, entry.name), entry, clusters)
            if entry.is_folder:
                waiting.append(((*path, entry.name), entry.first))


def content(volume: Volume, found: Found) -> Iterator[bytes]:
    """Return a file's bytes, piece by piece."""
    left = found.entry.size
    for first, count in _runs(found.clusters, max(1, _PIECE // volume.cluster_bytes)):
        sectors = count * volume.layout.cluster_sectors
        data = volume.sectors.read(volume.layout.sector(first), sectors)[:left]
        left -= len(data)
        yield data


def _runs(clusters: list[int], most: int) -> Iterator[tuple[int, int]]:
    """Return clusters that lie one after the other as first and count."""
    at = 0
    while at < len(clusters):
        end = at + 1
        while end < len(clusters) and clusters[end] == clusters[end - 1] + 1 and end - at < most:
            end += 1
        yield clusters[at], end - at
        at = end


class _At:
    """A medium whose table of partitions is passed over: its sectors from the partition on."""

    def __init__(self, device: Any) -> None:
        self._device = device

    def readblocks(self, start: int, buffer: bytearray) -> Any:
        return self._device.readblocks(start + PARTITION_START, buffer)

    def writeblocks(self, start: int, buffer: bytes) -> Any:
        return self._device.writeblocks(start + PARTITION_START, buffer)

    def ioctl(self, request: int, argument: int) -> Any:
        answer = self._device.ioctl(request, argument)
        return answer - PARTITION_START if request == 4 else answer


class _Writer:
    """Puts files on a new file system.

    Args:
        volume: The file system; nothing but its label is on it.
    """

    def __init__(self, volume: Volume) -> None:
        self._volume = volume
        self._children: dict[tuple[str, ...], list[Leaf]] = {(): []}

    def write(self, leaves: Iterable[Leaf]) -> None:
        for leaf in leaves:
            names.checked(leaf.path[-1])
            self._children[leaf.path[:-1]].append(leaf)
            if leaf.size is None:
                self._children[leaf.path] = []
        root = self._volume.layout.root_cluster
        self._folder((), self._label_rows(), [root] if root else [], 0)

    def _label_rows(self) -> list[bytes]:
        top = self._volume.folder(0)
        return [top.row(slot) for entry in top for slot in entry.slots]

    def _folder(
        self, path: tuple[str, ...], head: list[bytes], clusters: list[int], own: int
    ) -> None:
        """Write a folder and what is in it.

        Args:
            path: Its names.
            head: Its first entries.
            clusters: Those that it has; none for the root of FAT12 and FAT16.
            own: What «..» in its folders says: its first cluster, 0 for the root.
        """
        named = self._named(self._children[path])
        rows = len(head) + sum(1 + len(long) for _, _, _, long in named)
        self._reserve(rows, clusters)
        content = list(head)
        for leaf, short, flags, long in named:
            first = self._subfolder(leaf, own) if leaf.size is None else self._file(leaf)
            attributes = FOLDER if leaf.size is None else ARCHIVE
            entry = packed(short, attributes, flags, first, leaf.size or 0, leaf.changed)
            content += [*long, entry]
        self._put(b"".join(content), clusters)

    def _named(self, leaves: list[Leaf]) -> list[tuple[Leaf, bytes, int, list[bytes]]]:
        """Return files with short names, flags, and the entries of their long ones."""
        taken: set[bytes] = set()
        found = []
        for leaf in leaves:
            name = leaf.path[-1]
            simple = names.simple(name)
            if simple is not None and simple[0] not in taken:
                short, flags = simple
                long: list[bytes] = []
            else:
                short, flags = names.alias(name, taken), 0
                long = names.long_entries(name, short)
            taken.add(short)
            found.append((leaf, short, flags, long))
        return found

    def _reserve(self, rows: int, clusters: list[int]) -> None:
        """See that a folder has room for its entries."""
        it, per = self._volume.layout, self._volume.cluster_bytes // SIZE
        if not clusters:
            if rows > it.root_sectors * self._volume.sectors.size // SIZE:
                raise board_error(errno.ENOSPC)
            return
        more = -(-rows // per) - len(clusters)
        if more > 0:
            added = self._volume.table.pick(more)
            self._volume.table.link(added)
            self._volume.table.join(clusters[-1], added[0])
            clusters += added

    def _subfolder(self, leaf: Leaf, parent: int) -> int:
        clusters = self._volume.table.pick(1)
        self._volume.table.link(clusters)
        dots = [
            packed(b".          ", FOLDER, 0, clusters[0], 0, leaf.changed),
            packed(b"..         ", FOLDER, 0, parent, 0, leaf.changed),
        ]
        self._folder(leaf.path, dots, clusters, clusters[0])
        return clusters[0]

    def _file(self, leaf: Leaf) -> int:
        size = leaf.size or 0
        if not size:
            return 0
        volume = self._volume
        clusters = volume.table.pick(-(-size // volume.cluster_bytes))
        volume.table.link(clusters)
        left = size
        for first, count in _runs(clusters, max(1, _PIECE // volume.cluster_bytes)):
            room = count * volume.cluster_bytes
            data = _all(leaf, min(room, left))
            left -= len(data)
            volume.sectors.write(volume.layout.sector(first), data.ljust(room, b"\0"))
        return clusters[0]

    def _put(self, content: bytes, clusters: list[int]) -> None:
        volume = self._volume
        if not clusters:
            room = volume.layout.root_sectors * volume.sectors.size
            volume.sectors.write(volume.layout.root, content.ljust(room, b"\0"))
            return
        for index, cluster in enumerate(clusters):
            part = content[index * volume.cluster_bytes : (index + 1) * volume.cluster_bytes]
            sector = volume.layout.sector(cluster)
            volume.sectors.write(sector, part.ljust(volume.cluster_bytes, b"\0"))


def _all(leaf: Leaf, count: int) -> bytes:
    """Return the next bytes of a file; one that has become shorter meanwhile is filled up."""
    parts: list[bytes] = []
    while count > 0 and (part := leaf.read(count)):
        parts.append(part)
        count -= len(part)
    return b"".join(parts) + bytes(count)


def _partition_table(kind: int, count: int, size: int) -> bytes:
    """Return a first sector with one partition (UEFI specification 2.10, 5.2.1: legacy MBR)."""
    row = struct.pack(
        "<B3sB3sII", 0, b"\xfe\xff\xff", kind, b"\xfe\xff\xff", PARTITION_START, count
    )
    return (bytes(446) + row).ljust(510, b"\0").ljust(size - 2, b"\0") + b"\x55\xaa"
