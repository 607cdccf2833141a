"""Writes the pages of docs/ that are made from the product, or tells which are out of date.

``make docs`` writes; with ``--check`` nothing is written and the exit status is 1 if a page would
change. A page has a maker: a function from the tree's root to the page's text.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).parent.parent
if str(ROOT) not in sys.path:
    sys.path.append(str(ROOT))

from tools import (  # noqa: E402  (the tree goes behind the installed package first)
    boards,
    compatibility,
    drawing,
    guides,
    parity,
    parts,
    picture,
    states,
    status,
    tried_boards,
)

if TYPE_CHECKING:
    from collections.abc import Callable

PAGES: dict[str, Callable[[Path], str]] = {
    "docs/architecture.svg": drawing.make,
    "docs/boards.md": boards.make,
    "docs/compatibility.md": compatibility.make,
    "docs/parity.md": parity.make,
    "docs/parts.md": parts.make,
    "docs/screen.svg": picture.make,
    "docs/states.md": states.make,
    "docs/status.md": status.make,
    "docs/tried-boards.md": tried_boards.make,
    **{guide: guides.maker(guide) for guide in guides.EXAMPLES},
}


def outdated(root: Path, pages: dict[str, Callable[[Path], str]]) -> dict[str, str]:
    """Return the pages that are not what their maker makes, with the text that they should have."""
    made = {name: make(root) for name, make in pages.items()}
    return {
        name: text
        for name, text in made.items()
        if not (root / name).is_file() or (root / name).read_text("utf-8") != text
    }


def main() -> int:
    """Run the command; returns its exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing")
    check = parser.parse_args().check
    stale = outdated(ROOT, PAGES)
    for name, text in stale.items():
        if not check:
            (ROOT / name).write_text(text, "utf-8")
        print(f"{name}: {'out of date' if check else 'written'}")
    if not stale:
        print("every page is current")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
