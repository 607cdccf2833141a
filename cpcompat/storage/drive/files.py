"""Finding the files of a drive that mean something to the supervisor."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def first_file(root: Path, names: tuple[str, ...]) -> str | None:
    """Return the first of some names that is a regular file of the drive, or None."""
    return next((name for name in names if (root / name).is_file()), None)
