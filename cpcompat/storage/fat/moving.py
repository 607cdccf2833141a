"""Moving files and folders to other names, so that a power cut loses neither."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING, NamedTuple

from cpcompat.hal.oserrors import board_error
from cpcompat.storage.fat import repair
from cpcompat.storage.fat.folder import Entry, Folder

if TYPE_CHECKING:
    from cpcompat.storage.fat.volume import Volume


class Place(NamedTuple):
    """Where a path leads.

    Attributes:
        folder: The folder that it is in.
        name: Its name there; empty for the root itself.
        entry: What is there, if anything.
    """

    folder: Folder
    name: str
    entry: Entry | None


def move(volume: Volume, folder: Folder, entry: Entry, target: Place) -> None:
    """Move a file or folder; a file of the new name is replaced.

    A power cut in between leaves the old name or the new one. Where the two are in different
    sectors it may leave both for a moment: then the next who mounts it takes the old one away
    (`cpcompat.storage.fat.repair`).

    Args:
        volume: The file system.
        folder: Where it is.
        entry: What it is.
        target: Where it is to be.

    Raises:
        OSError: 22 (EINVAL): a folder cannot be inside itself. 17 (EEXIST): a folder is there.
    """
    if not target.name or (entry.is_folder and _is_below(volume, target.folder, entry)):
        raise board_error(errno.EINVAL)
    there = target.entry
    beside = target.folder.first == folder.first
    if there is None or (beside and there.slots == entry.slots):
        _give_name(volume, folder, entry, target)
    elif there.is_folder or entry.is_folder:
        raise board_error(errno.EEXIST)
    else:
        _replace(volume, folder, entry, target.folder, there)


def _replace(volume: Volume, folder: Folder, entry: Entry, above: Folder, there: Entry) -> None:
    """Point the old file's entry at the new content, and let the old content go."""
    slot = there.slots[-1]
    row = above.pointed(slot, entry.first, entry.size, entry.changed)
    if above.first != folder.first or not folder.exchange(entry, slot, [row]):
        with repair.announced(volume, folder, entry):
            above.put(slot, row)
            volume.sectors.barrier()
            folder.remove(entry)
            volume.sectors.barrier()
    volume.sectors.barrier()
    volume.table.release(volume.clusters(there))
    volume.sectors.barrier()


def _give_name(volume: Volume, folder: Folder, entry: Entry, target: Place) -> None:
    facts = (entry.attributes, entry.first, entry.size, entry.changed)
    beside = target.folder.first == folder.first
    if beside:
        rows = folder.rows(target.name, *facts, besides=entry.short)
        if folder.exchange(entry, entry.slots[-1], rows):
            volume.sectors.barrier()
            return
    with repair.announced(volume, folder, entry):
        target.folder.add(target.name, *facts)
        volume.sectors.barrier()
        if entry.is_folder and not beside:
            repair.lead_up(volume, entry, target.folder.first)
        volume.folder(folder.first).remove(entry)
        volume.sectors.barrier()


def _is_below(volume: Volume, folder: Folder, entry: Entry) -> bool:
    """Tell whether a folder is the entry's, or inside it."""
    first, steps = folder.first, 0
    while first and steps < volume.layout.clusters:
        if first == entry.first:
            return True
        above = next((e for e in volume.folder(first) if e.short == repair.DOTS), None)
        first, steps = (above.first if above else 0), steps + 1
    return False
