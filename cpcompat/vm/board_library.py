"""Which installed libraries are board libraries: those whose distribution requires Adafruit-Blinka.

`importlib.metadata` answers the same question, and its import alone costs more than this search.
"""

from __future__ import annotations

import os
import sys

_BLINKA = "adafruit-blinka"
_found: dict[tuple[str, int], dict[str, str]] = {}


def folder_of(top: str) -> str | None:
    """Return the site-packages folder of a board library, or None for any other module.

    Args:
        top: The name of a top-level module or package.
    """
    for folder in sys.path:
        try:
            key = (folder, os.stat(folder).st_mtime_ns)
        except OSError:
            continue
        found = _found.get(key)
        if found is None:
            found = _found[key] = _search(folder)
        if top in found:
            return found[top]
    return None


def _search(folder: str) -> dict[str, str]:
    """Return the top-level names of a folder's board libraries; a file such as a ZIP has none."""
    try:
        names = [name for name in os.listdir(folder) if name.endswith(".dist-info")]
    except OSError:
        return {}
    found: dict[str, str] = {}
    for name in names:
        info = f"{folder}/{name}"
        if _requires_blinka(_read(f"{info}/METADATA")):
            for top in _tops(_read(f"{info}/RECORD"), _read(f"{info}/top_level.txt")):
                found[top] = folder
    return found


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""


def _requires_blinka(metadata: str) -> bool:
    """Return whether a distribution's metadata names Adafruit-Blinka among what it requires."""
    head = metadata.partition("\n\n")[0].lower()
    if "blinka" not in head:
        return False
    for line in head.splitlines():
        key, _, value = line.partition(":")
        if key == "requires-dist":
            name = value.strip().replace("_", "-").replace(".", "-", 1)
            if name == _BLINKA or (name.startswith(_BLINKA) and name[len(_BLINKA)] in " <>=!~[;("):
                return True
    return False


def _tops(record: str, top_level: str) -> set[str]:
    """Return the top-level names that a distribution installs (``top_level.txt`` if editable)."""
    tops = {line.strip() for line in top_level.splitlines() if line.strip().isidentifier()}
    for line in record.splitlines():
        path = line.split(",", 1)[0].strip('"')
        if path.endswith(".py"):
            top = path.split("/", 1)[0].removesuffix(".py")
            if top.isidentifier():
                tops.add(top)
    return tops
