"""Build hook: turns the boards' TOML files into one Python table, so that no import parses TOML."""

from __future__ import annotations

import pprint
import tomllib
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class BoardTable(BuildHookInterface):  # type: ignore[misc]
    """Writes ``cpcompat/board/_table.py`` from ``cpcompat/board/data/*.toml``."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write the table before the wheel is packed."""
        folder = Path(self.root, "cpcompat", "board")
        boards = {
            path.stem: tomllib.loads(path.read_text(encoding="utf-8"))
            for path in sorted(folder.glob("data/[!_]*.toml"))
        }
        text = '"""Made from data/*.toml by the build; not to be edited."""\n\nBOARDS = '
        folder.joinpath("_table.py").write_text(
            text + pprint.pformat(boards, sort_dicts=False, width=100) + "\n", encoding="utf-8"
        )
