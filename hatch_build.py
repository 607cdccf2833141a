"""Build hook: turns the boards' TOML files into one Python table, so that no import parses TOML.

Each entry has its file's checksum, so that a file changed since (in a checkout) is read anew.
"""

from __future__ import annotations

import pprint
import tomllib
import zlib
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


def read_boards(root: str | Path) -> dict[str, tuple[int, dict[str, Any]]]:
    """Return each board's file in a source tree, by board id: its checksum and what it says."""
    folder = Path(root, "cpcompat", "board", "data")
    return {
        path.stem: (
            zlib.crc32(path.read_bytes()),
            tomllib.loads(path.read_text(encoding="utf-8")),
        )
        for path in sorted(folder.glob("[!_]*.toml"))
    }


def write_table(root: str | Path) -> None:
    """Write ``cpcompat/board/_table.py`` in a source tree."""
    text = '"""Made from data/*.toml by the build; not to be edited."""\n\nBOARDS = '
    Path(root, "cpcompat", "board", "_table.py").write_text(
        text + pprint.pformat(read_boards(root), sort_dicts=False, width=100) + "\n",
        encoding="utf-8",
    )


class BoardTable(BuildHookInterface[Any]):
    """Has the table written before the wheel is packed."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """See `write_table`; hatchling calls it."""
        write_table(self.root)
