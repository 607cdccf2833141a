"""Moves between folders that a power cut has interrupted are finished by the next who mounts.

Such a move takes two writes, and between them a file has two names. So before the first the old entry
is marked as one that goes, and the state byte of the boot sector says that there is a move; it says, too,
what tells Linux that somebody has not finished. Who mounts it and finds that, takes marked entries away
whose file has another name. The marks are bits that Windows NT, Linux and FatFs leave alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from cpcompat.storage.fat.folder import FOLDER, LABEL, Entry, Folder, packed

if TYPE_CHECKING:
    from cpcompat.storage.fat.volume import Volume

DOTS = b"..         "
_IN_USE, _MOVES = 0x01, 0x40
_FLAGS_AT, _GOES = 12, 0x40
"""The byte of an entry with NT's flags for small letters, and the bit in it that is ours."""


@contextmanager
def announced(volume: Volume, folder: Folder, entry: Entry) -> Iterator[None]:
    """Mark an entry as one that goes, for as long as its file may have two names."""
    state = _state(volume)
    _set_state(volume, state | _MOVES | _IN_USE)
    _mark(folder, entry, True)
    volume.sectors.barrier()
    yield
    _set_state(volume, state)


def lead_up(volume: Volume, entry: Entry, first: int) -> None:
    """Have a folder's «..» lead to the folder that begins at a cluster."""
    row = packed(DOTS, FOLDER, 0, first, 0, volume.now())
    volume.folder(entry.first).put(1, row)
    volume.sectors.barrier()


def finish_moves(volume: Volume) -> None:
    """Take away the old names of interrupted moves, if there may be any."""
    state = _state(volume)
    if not state & _MOVES:
        return
    going, staying = [], {}
    for folder, entry in _walk(volume):
        if folder.row(entry.slots[-1])[_FLAGS_AT] & _GOES:
            going.append((folder, entry))
        elif entry.first:
            staying[entry.first] = folder.first
    for folder, entry in going:
        if entry.first not in staying:  # the cut came before the new name, or it is empty
            _mark(folder, entry, False)
            continue
        if entry.is_folder:
            lead_up(volume, entry, staying[entry.first])
        folder.remove(entry)
        volume.sectors.barrier()
    _set_state(volume, state & ~(_MOVES | _IN_USE))


def _walk(volume: Volume) -> Iterator[tuple[Folder, Entry]]:
    """Go through all files and folders; each folder once, though it have two names."""
    seen, waiting = {0}, [volume.folder(0)]
    while waiting:
        folder = waiting.pop()
        for entry in folder:
            if entry.attributes & LABEL or entry.short[:1] == b".":
                continue
            yield folder, entry
            if entry.is_folder and entry.first not in seen:
                seen.add(entry.first)
                waiting.append(volume.folder(entry.first))


def _mark(folder: Folder, entry: Entry, goes: bool) -> None:
    slot = entry.slots[-1]
    row = bytearray(folder.row(slot))
    row[_FLAGS_AT] = row[_FLAGS_AT] | _GOES if goes else row[_FLAGS_AT] & ~_GOES
    folder.put(slot, bytes(row))


def _state(volume: Volume) -> int:
    return volume.sectors.get(0)[volume.layout.state_at]


def _set_state(volume: Volume, state: int) -> None:
    volume.sectors.change(0, volume.layout.state_at, bytes((state,)))
    volume.sectors.barrier()
