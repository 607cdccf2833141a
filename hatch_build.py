"""Build hook: turns the boards' TOML files into one Python table, so that no import parses TOML.

Each entry has the checksum of its file and those it includes, so that a file changed since (in a
checkout) is read anew. An index says which board a device tree means, without a look into each file.
"""

from __future__ import annotations

import pprint
import runpy
import tomllib
import zlib
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


def read_boards(root: str | Path) -> dict[str, tuple[int, tuple[str, ...], dict[str, Any]]]:
    """Return what a source tree's board files say, by board id.

    Returns:
        For each the checksum, the names of the files it includes, and what it says with them.

    Raises:
        Exception: A file is not TOML, or includes what it cannot include.
    """
    package = Path(root, "cpcompat", "board")
    resolve = runpy.run_path(str(package / "inclusion.py"))["resolve"]
    texts = {path.stem: path.read_bytes() for path in sorted(package.glob("data/*.toml"))}
    tables = {name: tomllib.loads(text.decode("utf-8")) for name, text in texts.items()}
    boards = {}
    for name in (name for name in texts if not name.startswith("_")):
        table, included = resolve(tables[name], tables.get)
        checksum = zlib.crc32(b"".join(texts[part] for part in (name, *included)))
        boards[name] = (checksum, included, table)
    return boards


def write_table(root: str | Path) -> None:
    """Write ``cpcompat/board/_table.py`` in a source tree."""
    matching = runpy.run_path(str(Path(root, "cpcompat", "board", "matching.py")))
    boards = read_boards(root)
    detect = matching["index"]({name: table for name, (_, _, table) in boards.items()})
    Path(root, "cpcompat", "board", "_table.py").write_text(
        '"""Made from data/*.toml by the build; not to be edited."""\n\n'
        f"BOARDS = {pprint.pformat(boards, sort_dicts=False, width=100)}\n\n"
        f"DETECT = {pprint.pformat(detect, sort_dicts=False, width=100)}\n",
        encoding="utf-8",
    )


class BoardTable(BuildHookInterface[Any]):
    """Has the table written before the wheel is packed."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """See `write_table`; hatchling calls it."""
        write_table(self.root)
