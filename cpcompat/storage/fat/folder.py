"""Folders: their entries, and how these come, change and go."""

from __future__ import annotations

import calendar
import errno
import struct
import time
from collections.abc import Iterator
from typing import NamedTuple

from cpcompat.hal.oserrors import board_error
from cpcompat.storage.fat import names
from cpcompat.storage.fat.layout import Layout
from cpcompat.storage.fat.sectors import Sectors
from cpcompat.storage.fat.table import Table

SIZE = 32
READ_ONLY, LABEL, FOLDER, ARCHIVE, LONG = 0x01, 0x08, 0x10, 0x20, 0x0F
_NEVER_USED, _REMOVED = 0x00, 0xE5
_ROW = struct.Struct("<11sBBBHHHHHHHI")
_EPOCH_YEAR = 1980
_MOST_SLOTS = 65536


class Entry(NamedTuple):
    """One file, folder or label.

    Attributes:
        name: What it is called.
        short: Its short name, 11 bytes.
        attributes: `READ_ONLY`, `LABEL`, `FOLDER`, `ARCHIVE`.
        first: Its first cluster; 0 for none.
        size: Its bytes.
        changed: When, in seconds since 1970.
        slots: Where its entries are in the folder, the last one is the short name's.
    """

    name: str
    short: bytes
    attributes: int
    first: int
    size: int
    changed: int
    slots: range

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder."""
        return bool(self.attributes & FOLDER)


def stamp(seconds: float) -> tuple[int, int]:
    """Return date and time as they are kept: steps of two seconds, since 1980."""
    at = time.gmtime(max(int(seconds), calendar.timegm((_EPOCH_YEAR, 1, 1, 0, 0, 0))))
    year = min(at.tm_year - _EPOCH_YEAR, 127)
    return year << 9 | at.tm_mon << 5 | at.tm_mday, (
        at.tm_hour << 11 | at.tm_min << 5 | at.tm_sec // 2
    )


def seconds(date: int, clock: int) -> int:
    """Return the seconds since 1970 of what `stamp` gives."""
    month, day = max(date >> 5 & 15, 1), max(date & 31, 1)
    year = _EPOCH_YEAR + (date >> 9)
    return calendar.timegm((year, month, day, clock >> 11, clock >> 5 & 63, (clock & 31) * 2))


def packed(short: bytes, attributes: int, flags: int, first: int, size: int, at: float) -> bytes:
    """Return the bytes of an entry."""
    day, clock = stamp(at)
    return _ROW.pack(
        short, attributes, flags, 0, clock, day, day, first >> 16, clock, day, first & 0xFFFF, size
    )


class Folder:
    """The entries of one folder.

    Args:
        sectors: The medium.
        layout: Where things are on it.
        table: Its table.
        first: The folder's first cluster; 0 for the root.
    """

    def __init__(self, sectors: Sectors, layout: Layout, table: Table, first: int) -> None:
        self._sectors = sectors
        self._layout = layout
        self._table = table
        self.first = first
        start = first or layout.root_cluster
        if start:
            self._clusters = table.folder_chain(start)
            per = layout.cluster_sectors
            self._numbers = [
                layout.sector(cluster) + at for cluster in self._clusters for at in range(per)
            ]
        else:
            self._clusters = []
            self._numbers = list(range(layout.root, layout.root + layout.root_sectors))
        self._per_sector = sectors.size // SIZE

    def row(self, slot: int) -> bytes:
        """Return the bytes of a slot."""
        number, at = divmod(slot, self._per_sector)
        return self._sectors.get(self._numbers[number])[at * SIZE : (at + 1) * SIZE]

    def __iter__(self) -> Iterator[Entry]:
        """Go through what is there, the label and the two folders of dots included."""
        long: list[bytes] = []
        for slot in range(len(self._numbers) * self._per_sector):
            row = self.row(slot)
            if row[0] == _NEVER_USED:
                return
            if row[0] == _REMOVED:
                long = []
            elif row[11] & 0x3F == LONG:
                long = [*long, row] if not row[0] & 0x40 else [row]
            else:
                yield self._entry(row, long, slot)
                long = []

    def _entry(self, row: bytes, long: list[bytes], slot: int) -> Entry:
        short, attributes, flags, _, _, _, _, high, clock, day, low, size = _ROW.unpack(row)
        name = names.from_long_entries(long, short)
        first_slot = slot if name is None else slot - len(long)
        first = low | high << 16 if self._layout.bits == 32 else low
        return Entry(
            name=names.shown(short, flags) if name is None else name,
            short=short,
            attributes=attributes,
            first=first,
            size=size,
            changed=seconds(day, clock),
            slots=range(first_slot, slot + 1),
        )

    def find(self, name: str) -> Entry | None:
        """Return the file or folder of a name, in whatever letters."""
        wanted = names.folded(name)
        for entry in self:
            if not entry.attributes & LABEL and wanted in (
                names.folded(entry.name),
                names.shown(entry.short, 0),
            ):
                return entry
        return None

    def label(self) -> Entry | None:
        """Return the entry of the file system's label."""
        return next((entry for entry in self if entry.attributes & LABEL), None)

    def add(self, name: str, attributes: int, first: int, size: int, at: float) -> Entry:
        """Add an entry; it is there whole or, after a power cut, not at all.

        Raises:
            OSError: 28 (ENOSPC): no room is left.
        """
        rows = self.rows(name, attributes, first, size, at)
        slots = self.write(rows)
        return self._entry(rows[-1], rows[:-1], slots[-1])

    def rows(
        self, name: str, attributes: int, first: int, size: int, at: float, besides: bytes = b""
    ) -> list[bytes]:
        """Return the entries for a name; ``besides`` is a short name that is about to go."""
        simple = names.simple(name)
        taken = {entry.short for entry in self} - {besides}
        if simple is not None and simple[0] not in taken:
            short, flags, rows = simple[0], simple[1], []
        else:
            short, flags = names.alias(name, taken), 0
            rows = names.long_entries(name, short)
        return [*rows, packed(short, attributes, flags, first, size, at)]

    def exchange(self, entry: Entry, slot: int, rows: list[bytes]) -> bool:
        """Take an entry away and write others, in one write; return whether one was enough.

        Args:
            entry: What goes.
            slot: Where the last of the new entries is to be: in the old one's place, or another's.
            rows: The new entries.
        """
        slots = range(slot + 1 - len(rows), slot + 1)
        touched = {at // self._per_sector for at in (*entry.slots, *slots)}
        taken = slot in entry.slots and slots[0] < entry.slots[0]
        if len(touched) > 1 or slots[0] < 0 or taken:
            return False
        (number,) = touched
        sector = bytearray(self._sectors.get(self._numbers[number]))
        for at in entry.slots:
            sector[at % self._per_sector * SIZE] = _REMOVED
        for at, row in zip(slots, rows, strict=True):
            place = at % self._per_sector * SIZE
            sector[place : place + SIZE] = row
        self._sectors.write(self._numbers[number], sector)
        return True

    def pointed(self, slot: int, first: int, size: int, at: float) -> bytes:
        """Return a file's entry as `point` makes it."""
        row = bytearray(self.row(slot))
        day, clock = stamp(at)
        row[20:28] = struct.pack("<HHHH", first >> 16, clock, day, first & 0xFFFF)
        row[28:32] = size.to_bytes(4, "little")
        return bytes(row)

    def write(self, rows: list[bytes]) -> range:
        """Write entries into free slots; return which."""
        start, fresh = self._room(len(rows))
        slots = range(start, start + len(rows))
        by_sector: dict[int, list[tuple[int, bytes]]] = {}
        for slot, row in zip(slots, rows, strict=True):
            by_sector.setdefault(slot // self._per_sector, []).append((slot, row))
        # Past the end nothing is seen until the sector with the old end mark is written: that last.
        # Among removed entries the long name's parts come first, which mean nothing by themselves.
        order = sorted(by_sector, reverse=fresh)
        for number in order:
            sector = bytearray(self._sectors.get(self._numbers[number]))
            for slot, row in by_sector[number]:
                at = slot % self._per_sector * SIZE
                sector[at : at + SIZE] = row
            if fresh and number == slots[-1] // self._per_sector:
                end = (slots[-1] % self._per_sector + 1) * SIZE
                sector[end:] = bytes(len(sector) - end)
            if number != order[0]:
                self._sectors.barrier()
            self._sectors.write(self._numbers[number], sector)
        return slots

    def _room(self, count: int) -> tuple[int, bool]:
        """Return the first of some free slots, and whether they are past the end."""
        run = slot = 0
        total = len(self._numbers) * self._per_sector
        for slot in range(total):
            mark = self.row(slot)[0]
            if mark == _NEVER_USED:
                break
            run = run + 1 if mark == _REMOVED else 0
            if run == count:
                return slot - count + 1, False
        else:
            slot = total
        if slot + count > _MOST_SLOTS:
            raise board_error(errno.ENOSPC)
        while slot + count > len(self._numbers) * self._per_sector:
            self._grow()
        if slot + count < len(self._numbers) * self._per_sector:
            self._end_at(slot + count)
        return slot, True

    def _end_at(self, slot: int) -> None:
        """See that the slot after new entries says that it was never used, before they are seen."""
        number, at = divmod(slot, self._per_sector)
        if at == 0 and self.row(slot)[0] != _NEVER_USED:
            self._sectors.write(self._numbers[number], bytes(self._sectors.size))
            self._sectors.barrier()

    def _grow(self) -> None:
        if not self._clusters:
            raise board_error(errno.ENOSPC)
        (cluster,) = self._table.pick(1)
        first, per = self._layout.sector(cluster), self._layout.cluster_sectors
        self._sectors.write(first, bytes(per * self._sectors.size))
        self._table.link([cluster])
        self._sectors.barrier()
        self._table.join(self._clusters[-1], cluster)
        self._clusters.append(cluster)
        self._numbers += range(first, first + per)

    def remove(self, entry: Entry) -> None:
        """Take an entry away: its short name first, which is the one that counts."""
        numbers = sorted({slot // self._per_sector for slot in entry.slots}, reverse=True)
        for number in numbers:
            sector = bytearray(self._sectors.get(self._numbers[number]))
            for slot in entry.slots:
                if slot // self._per_sector == number:
                    sector[slot % self._per_sector * SIZE] = _REMOVED
            if number != numbers[0]:
                self._sectors.barrier()
            self._sectors.write(self._numbers[number], sector)

    def point(self, slot: int, first: int, size: int, at: float) -> None:
        """Have a file's entry say where it begins, how long it is and when it changed: one write."""
        self.put(slot, self.pointed(slot, first, size, at))

    def put(self, slot: int, row: bytes) -> None:
        """Replace the bytes of one slot."""
        number, at = divmod(slot, self._per_sector)
        self._sectors.change(self._numbers[number], at * SIZE, row)
