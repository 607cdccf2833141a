"""Where things are in a FAT file system: read from its boot sector, or decided for a new one."""

from __future__ import annotations

import errno
import struct
from typing import NamedTuple

from cpcompat.hal.oserrors import board_error
from cpcompat.storage.fat.sectors import Sectors

_FIELDS = struct.Struct("<HBHBHHBHHHII")
"""BPB_BytsPerSec to BPB_TotSec32, from byte 11."""
_FIELDS32 = struct.Struct("<IHHIHH")
"""BPB_FATSz32 to BPB_BkBootSec, from byte 36."""
_PARTITION = struct.Struct("<B3xB3xII")
_FAT_TYPES = frozenset({0x01, 0x04, 0x06, 0x0B, 0x0C, 0x0E})
_MOST12, _MOST16 = 4084, 65524
"""The most clusters of FAT12 and FAT16; the count alone decides which it is."""
_ENTRY = 32
_INFO = struct.Struct("<4s480x4sII12x4s")
INFO_FREE, UNKNOWN = 488, 0xFFFFFFFF
"""Where the FSInfo sector counts free clusters, and that it is not known."""


class Layout(NamedTuple):
    """Sectors and clusters of a file system.

    Attributes:
        bits: 12, 16 or 32.
        cluster_sectors: The sectors of a cluster.
        tables: Where the copies of the table begin.
        table_sectors: The sectors of one copy.
        root: Where the root folder begins, of FAT12 and FAT16.
        root_sectors: How many sectors it has; 0 for FAT32.
        root_cluster: Where it begins, of FAT32.
        data: Where cluster 2 begins.
        clusters: How many clusters there are.
        info: The FSInfo sector; 0 for none.
    """

    bits: int
    cluster_sectors: int
    tables: tuple[int, ...]
    table_sectors: int
    root: int
    root_sectors: int
    root_cluster: int
    data: int
    clusters: int
    info: int

    @property
    def state_at(self) -> int:
        """Where in the boot sector the state byte is (Linux, include/uapi/linux/msdos_fs.h)."""
        return 65 if self.bits == 32 else 37

    def sector(self, cluster: int) -> int:
        """Return the first sector of a cluster.

        Raises:
            OSError: There is no such cluster: the file system is damaged.
        """
        if not 2 <= cluster < self.clusters + 2:
            raise board_error(errno.EIO)
        return self.data + (cluster - 2) * self.cluster_sectors


def find(sectors: Sectors) -> tuple[Sectors, Layout] | None:
    """Return where the file system is and how it is laid out, or None if there is none.

    It begins with the medium, or is in one of the four partitions of a partition table.
    """
    first = sectors.read(0, 1)
    if first[510:512] != b"\x55\xaa":
        return None
    found = _parsed(first, sectors)
    if found is not None:
        return sectors, found
    for at in range(446, 510, 16):
        _, kind, start, _ = _PARTITION.unpack_from(first, at)
        if kind in _FAT_TYPES and 0 < start < sectors.count:
            inside = sectors.beyond(start)
            found = _parsed(inside.read(0, 1), inside)
            if found is not None:
                return inside, found
    return None


def _parsed(boot: bytes, sectors: Sectors) -> Layout | None:
    size, per, reserved, copies, entries, total, _, table, _, _, _, total32 = _FIELDS.unpack_from(
        boot, 11
    )
    table32, flags, _, root_cluster, info, _ = _FIELDS32.unpack_from(boot, 36)
    total, table = total or total32, table or table32
    plausible = size == sectors.size and per and not per & (per - 1) and reserved and table
    if not plausible or copies not in (1, 2) or boot[0] not in (0xEB, 0xE9):
        return None
    root = reserved + copies * table
    root_sectors = -(-entries * _ENTRY // size)
    data = root + root_sectors
    clusters = (total - data) // per
    if clusters <= 0 or total > sectors.count:
        return None
    bits = 12 if clusters <= _MOST12 else 16 if clusters <= _MOST16 else 32
    if bits != 32:
        root_cluster = info = flags = 0
    tables = tuple(reserved + copy * table for copy in range(copies))
    if flags & 0x80:  # one copy alone is in use
        tables = (tables[flags & 0x0F],)
    return Layout(bits, per, tables, table, root, root_sectors, root_cluster, data, clusters, info)


def _decided(total: int, size: int) -> Layout:
    """Return the layout of a new file system."""
    length = total * size
    wanted = 12 if length < 4 << 20 else 16 if length < 512 << 20 else 32
    return next(
        it
        for it in (_of_bits(total, size, bits) for bits in (32, 16, 12) if bits <= wanted)
        if it.bits == 12 or it.clusters > {16: _MOST12, 32: _MOST16}[it.bits]
    )


def _of_bits(total: int, size: int, bits: int) -> Layout:
    """Return the layout of a new file system whose table has entries of so many bits."""
    reserved, entries = (32, 0) if bits == 32 else (1, 512)
    per = max(1, (4096 if total * size < 8 << 30 else 16384) // size) if bits == 32 else 1
    while total // per > {12: _MOST12, 16: _MOST16, 32: 0x0FFFFFF5}[bits]:
        per *= 2
    table = -(-((total // per + 2) * bits) // (8 * size))
    root, root_sectors = reserved + 2 * table, entries * _ENTRY // size
    data = root + root_sectors
    return Layout(
        bits=bits,
        cluster_sectors=per,
        tables=(reserved, reserved + table),
        table_sectors=table,
        root=root,
        root_sectors=root_sectors,
        root_cluster=2 if bits == 32 else 0,
        data=data,
        clusters=max(0, (total - data) // per),
        info=1 if bits == 32 else 0,
    )


def make(sectors: Sectors, serial: int) -> None:
    """Write an empty file system over the whole medium; what was there is lost.

    Args:
        sectors: The medium.
        serial: Its serial number, 32 bits.

    Raises:
        OSError: 22 (EINVAL): the medium is too small.
    """
    it = _decided(sectors.count, sectors.size)
    if sectors.count < 64 or it.clusters < 16:
        raise board_error(errno.EINVAL)
    empty = bytes(sectors.size)
    # Without a boot sector there is no file system: it goes first and comes back last.
    sectors.write(0, empty)
    sectors.barrier()
    end = it.data + (it.cluster_sectors if it.bits == 32 else 0)
    step = 64
    for at in range(1, end, step):
        sectors.write(at, empty * (min(at + step, end) - at))
    media = {12: b"\xf8\xff\xff", 16: b"\xf8\xff\xff\xff"}.get(
        it.bits, struct.pack("<III", 0x0FFFFFF8, 0x0FFFFFFF, 0x0FFFFFFF)
    )
    for table in it.tables:
        sectors.write(table, media + empty[len(media) :])
    boot = _boot_sector(it, sectors, serial)
    if it.bits == 32:
        info = _INFO.pack(b"RRaA", b"rrAa", it.clusters - 1, 3, b"\0\0\x55\xaa")
        sectors.write(1, info + empty[len(info) :])
        sectors.write(6, boot)
        sectors.write(7, info + empty[len(info) :])
    sectors.barrier()
    sectors.write(0, boot)
    sectors.barrier()


def _boot_sector(it: Layout, sectors: Sectors, serial: int) -> bytes:
    small = sectors.count < 0x10000 and it.bits != 32
    fields = _FIELDS.pack(
        sectors.size,
        it.cluster_sectors,
        it.tables[0],
        2,
        it.root_sectors * sectors.size // _ENTRY,
        sectors.count if small else 0,
        0xF8,
        it.table_sectors if it.bits != 32 else 0,
        63,
        255,
        0,
        0 if small else sectors.count,
    )
    tail = b"\x80\0\x29" + serial.to_bytes(4, "little") + b"NO NAME    "
    tail += f"FAT{it.bits}   ".encode()
    if it.bits == 32:
        tail = _FIELDS32.pack(it.table_sectors, 0, 0, 2, 1, 6) + bytes(12) + tail
    boot = bytearray(sectors.size)
    head = b"\xeb\xfe\x90MSDOS5.0" + fields + tail
    boot[: len(head)] = head
    boot[510:512] = b"\x55\xaa"
    return bytes(boot)
