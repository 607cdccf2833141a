"""The table of clusters, after which the file system is named: which one follows which."""

from __future__ import annotations

import errno
import itertools
import struct
from collections.abc import Iterable

from cpcompat.hal.oserrors import board_error
from cpcompat.storage.fat.layout import INFO_FREE, UNKNOWN, Layout
from cpcompat.storage.fat.sectors import Sectors

FREE, END = 0, 0x0FFFFFFF
_AT_ONCE = 64


class Table:
    """Follows, extends and frees chains of clusters.

    Args:
        sectors: The medium.
        layout: Where things are on it.
    """

    def __init__(self, sectors: Sectors, layout: Layout) -> None:
        self._sectors = sectors
        self._layout = layout
        self._mask = (1 << min(layout.bits, 28)) - 1
        self._hint = 2
        self._free: int | None = None
        self._info_stale = False

    def next(self, cluster: int) -> int:
        """Return what the table says of a cluster: `FREE`, the next one, or at least `last`."""
        at = cluster * self._layout.bits // 8
        width = 4 if self._layout.bits == 32 else 2
        value = int.from_bytes(self._bytes(at, width), "little")
        if self._layout.bits == 12:
            return value >> 4 if cluster & 1 else value & 0xFFF
        return value & self._mask

    @property
    def last(self) -> int:
        """The least value that means «the last cluster of its chain»."""
        return self._mask - 7

    def chain(self, first: int, most: int) -> list[int]:
        """Return the first clusters of a file's chain.

        What follows them is nobody's yet: a power cut came before the file's entry told of it.

        Args:
            first: The first cluster; 0 for none.
            most: How many at most.

        Raises:
            OSError: 5 (EIO): it leads nowhere.
        """
        found: list[int] = []
        cluster = first or self.last
        while cluster < self.last and len(found) < most:
            if not self._exists(cluster):
                raise board_error(errno.EIO)
            found.append(cluster)
            cluster = self.next(cluster)
        return found

    def folder_chain(self, first: int) -> list[int]:
        """Return the clusters of a folder's chain.

        One that leads nowhere ends there: an entry of FAT12 that lies across two sectors may be
        half written when the power is cut.

        Raises:
            OSError: 5 (EIO): it goes in a circle.
        """
        found = [first]
        while self._exists(following := self.next(found[-1])):
            if len(found) > self._layout.clusters:
                raise board_error(errno.EIO)
            found.append(following)
        return found

    def _exists(self, cluster: int) -> bool:
        return 2 <= cluster < self._layout.clusters + 2

    def pick(self, count: int) -> list[int]:
        """Return some free clusters, which stay free until `link` or something else takes them.

        Raises:
            OSError: 28 (ENOSPC): there are not so many.
        """
        end = self._layout.clusters + 2
        picked: list[int] = []
        for cluster in itertools.chain(range(self._hint, end), range(2, self._hint)):
            if len(picked) == count:
                break
            if self.next(cluster) == FREE:
                picked.append(cluster)
        if len(picked) < count:
            raise board_error(errno.ENOSPC)
        if picked:
            self._hint = picked[-1]
        return picked

    def link(self, clusters: list[int]) -> None:
        """Make a chain of free clusters, the last of which ends it."""
        self._forget_info()
        self._set_all([*zip(clusters, [*clusters[1:], END], strict=True)])
        if self._free is not None:
            self._free -= len(clusters)

    def join(self, last: int, following: int) -> None:
        """Have a cluster, the last of its chain so far, followed by another or by none (`END`)."""
        self._set_all([(last, following)])

    def release(self, clusters: Iterable[int]) -> None:
        """Make clusters free that nothing points to any longer."""
        freed = list(clusters)
        if not freed:
            return
        self._forget_info()
        self._set_all([(cluster, FREE) for cluster in freed])
        self._hint = min(self._hint, *freed)
        if self._free is not None:
            self._free += len(freed)

    def free(self) -> int:
        """Return how many clusters are free."""
        if self._free is None:
            self._free = self._count_free()
        return self._free

    def settle(self) -> None:
        """Write the count of free clusters for whoever mounts the medium next."""
        if self._info_stale:
            free = struct.pack("<I", self.free())
            self._sectors.change(self._layout.info, INFO_FREE, free)
            self._info_stale = False

    def _forget_info(self) -> None:
        """Have the medium say that the count is not known, as long as it changes."""
        if self._layout.info and not self._info_stale:
            unknown = struct.pack("<II", UNKNOWN, UNKNOWN)
            self._sectors.change(self._layout.info, INFO_FREE, unknown)
            self._info_stale = True

    def _count_free(self) -> int:
        layout = self._layout
        if layout.bits == 12:
            return sum(self.next(cluster) == FREE for cluster in range(2, layout.clusters + 2))
        letter, width = ("H", 2) if layout.bits == 16 else ("I", 4)
        left, count = layout.clusters + 2, 0
        for at in range(0, layout.table_sectors, _AT_ONCE):
            span = min(_AT_ONCE, layout.table_sectors - at)
            data = self._sectors.read(layout.tables[0] + at, span)
            here = min(left, len(data) // width)
            # Four bits of FAT32 are nobody's; makers of file systems leave them zero.
            count += struct.unpack_from(f"<{here}{letter}", data).count(FREE)
            left -= here
        return count

    def _bytes(self, at: int, count: int) -> bytes:
        sector, offset = divmod(at, self._sectors.size)
        first = self._layout.tables[0] + sector
        data = self._sectors.get(first)[offset : offset + count]
        if len(data) < count:  # an entry of FAT12 may lie across two sectors
            data += self._sectors.get(first + 1)[: count - len(data)]
        return data

    def _set_all(self, values: list[tuple[int, int]]) -> None:
        """Write entries, each sector of the table once, and then into its copies."""
        changed: dict[int, bytearray] = {}
        for cluster, value in values:
            self._put(changed, cluster, value & self._mask)
        for table in self._layout.tables:
            for number, sector in changed.items():
                self._sectors.write(table + number, sector)

    def _put(self, changed: dict[int, bytearray], cluster: int, value: int) -> None:
        bits = self._layout.bits
        at = cluster * bits // 8
        for index in range(2 if bits == 12 else bits // 8):
            number, offset = divmod(at + index, self._sectors.size)
            if number not in changed:
                changed[number] = bytearray(self._sectors.get(self._layout.tables[0] + number))
            old, new = changed[number][offset], value >> (8 * index) & 0xFF
            if bits == 12:
                keep = (0x0F, 0x00)[index] if cluster & 1 else (0x00, 0xF0)[index]
                shifted = value << 4 if cluster & 1 else value
                new = old & keep | (shifted >> (8 * index) & 0xFF & ~keep)
            elif bits == 32 and index == 3:
                new = old & 0xF0 | new
            changed[number][offset] = new
