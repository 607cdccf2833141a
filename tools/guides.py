"""Puts the files of the examples into the guides that show them.

In a guide a block of code under a line with just a file's name in backquotes and a colon is that
file of the guide's example, whole. The tests run these files.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

EXAMPLES = {
    "docs/adding-a-backend.md": "own_backend",
    "docs/adding-a-board.md": "own_board",
    "docs/adding-a-module.md": "own_module",
    "docs/adding-a-part.md": "own_part",
    "docs/storage.md": "storage",
}
_SHOWN = re.compile(r"^(`([\w./]+)`:\n\n```\w*\n)(.*?)(^```)$", re.MULTILINE | re.DOTALL)


def files(text: str) -> list[str]:
    """Return the names of the files that a guide shows."""
    return [match[2] for match in _SHOWN.finditer(text)]


def maker(guide: str) -> Callable[[Path], str]:
    """Return the maker of a guide: it keeps the words and renews the files.

    Args:
        guide: A key of `EXAMPLES`.
    """

    def make(root: Path) -> str:
        folder = root / "examples" / EXAMPLES[guide]

        def renewed(match: re.Match[str]) -> str:
            return f"{match[1]}{(folder / match[2]).read_text('utf-8')}{match[4]}"

        return _SHOWN.sub(renewed, (root / guide).read_text("utf-8"))

    return make
