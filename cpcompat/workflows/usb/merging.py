"""What the USB host has changed on its drive, against what has changed in the folder meanwhile. Pure.

Three lists decide: what both had when they were last the same, what the host has now, and what the folder
has now. Nothing that anybody wrote is lost: where both changed a file, the host's takes the name, and the
folder's is put aside under another.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, TypeAlias

Listing: TypeAlias = Mapping[str, str]
"""Paths from the top (``"lib/neopixel.py"``) to what tells contents apart; `FOLDER` for a folder."""
FOLDER = "folder"
HIDDEN = "hidden"
"""Instead of that: there is something in the folder that the host does not see, a link for instance."""
KEPT = ".kept"
"""What is put aside has this behind its name, and a number where that is taken."""


class Merge(NamedTuple):
    """What is to be done in the folder, in this order.

    Attributes:
        aside: What is to be put aside: its path, and the path that it gets.
        remove: Files and folders to be removed, what is in a folder before the folder. A folder that is
            not empty stays.
        make: Folders to be made, a folder before what is in it.
        write: Files to be taken from the host's drive.
    """

    aside: tuple[tuple[str, str], ...] = ()
    remove: tuple[str, ...] = ()
    make: tuple[str, ...] = ()
    write: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return any(self)


def merge(before: Listing, host: Listing, here: Listing) -> Merge:
    """Return what the folder needs to have what the host has.

    Args:
        before: What both had when they were last the same.
        host: What is on the host's drive.
        here: What is in the folder.
    """
    changed = sorted(path for path, what in host.items() if before.get(path) != what)
    removed = sorted((path for path in before if path not in host), reverse=True)
    wanted = {above: FOLDER for path in changed for above in _above(path)}
    wanted |= {path: host[path] for path in changed}
    aside: dict[str, str] = {}
    remove = [path for path in removed if path in here and here[path] == before[path]]
    for path, what in sorted(wanted.items()):
        found = here.get(path)
        if found in (None, what) or _is_inside(path, aside):
            continue
        if found == FOLDER or found != before.get(path):
            aside[path] = _free(path, host, here, aside)
        elif what == FOLDER:
            remove.append(path)
    there = {p: w for p, w in here.items() if p not in remove and not _is_inside(p, aside)}
    missing = [path for path, what in sorted(wanted.items()) if there.get(path) != what]
    return Merge(
        tuple(aside.items()),
        tuple(path for path in remove if not _is_inside(path, aside)),
        tuple(path for path in missing if wanted[path] == FOLDER),
        tuple(path for path in missing if wanted[path] != FOLDER),
    )


def _above(path: str) -> list[str]:
    """Return the folders that a path leads through."""
    parts = path.split("/")
    return ["/".join(parts[:depth]) for depth in range(1, len(parts))]


def _is_inside(path: str, folders: Mapping[str, str]) -> bool:
    """Tell whether a path is one of some, or beneath one."""
    return any(one in folders for one in (path, *_above(path)))


def _free(path: str, host: Listing, here: Listing, aside: Mapping[str, str]) -> str:
    """Return a name for what is put aside that nobody has."""
    taken = {*host, *here, *aside.values()}
    number = 1
    while (name := path + KEPT + (f"-{number}" if number > 1 else "")) in taken:
        number += 1
    return name
