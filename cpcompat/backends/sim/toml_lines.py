"""Finds the line of a table or a key in a TOML file, which the parser does not tell."""

from __future__ import annotations

import re

_HEADER = re.compile(r"\s*\[\[?\s*([A-Za-z0-9_-]+|\"[^\"]*\"|'[^']*')\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(r"\s*([A-Za-z0-9_-]+|\"[^\"]*\"|'[^']*')\s*(\.[^=]*)?=")
_OPENS = re.compile(r"\"\"\"|'''|\"(?:\\.|[^\"\\])*\"|'[^']*'|#|\[|\]|\{|\}")


class TomlLines:
    """The lines of one file's tables and keys.

    Tables written inline (``i2c = [{…}]``) count as the line of their key.

    Args:
        text: The file.
    """

    def __init__(self, text: str) -> None:
        self._headers: dict[tuple[str, int], int] = {}
        self._keys: dict[tuple[str, int, str], int] = {}
        self._scan(text)

    def line(self, table: str, index: int, key: str | None = None) -> int | None:
        """Return a line, from 1, or None where it is not known.

        Args:
            table: The table's name; ``""`` for the keys before the first table.
            index: Which of the tables of that name, from 0.
            key: A key in it; None for the table itself. An unknown key is the table itself.
        """
        found = self._keys.get((table, index, key)) if key is not None else None
        found = found or self._headers.get((table, index))
        return found or self._keys.get(("", 0, table))

    def _scan(self, text: str) -> None:
        table, index, depth = "", 0, 0
        counts: dict[str, int] = {}
        quote = ""
        for number, line in enumerate(text.splitlines(), 1):
            fresh = depth == 0 and not quote
            if fresh and (header := _HEADER.match(line)):
                table = _bare(header[1])
                index = counts.get(table, 0)
                counts[table] = index + 1
                self._headers[table, index] = number
                continue
            if fresh and (key := _KEY.match(line)):
                self._keys.setdefault((table, index, _bare(key[1])), number)
            depth, quote = _left_open(line, depth, quote)


def _bare(name: str) -> str:
    return name.strip("\"'")


def _left_open(line: str, depth: int, quote: str) -> tuple[int, str]:
    """Return how many brackets and which long string are open at the end of a line."""
    place = 0
    while True:
        if quote:
            end = line.find(quote, place)
            if end < 0:
                return depth, quote
            place, quote = end + 3, ""
        found = _OPENS.search(line, place)
        if found is None or found[0] == "#":
            return depth, ""
        place = found.end()
        if found[0] in ('"""', "'''"):
            quote = found[0]
        elif found[0] in "[{":
            depth += 1
        elif found[0] in "]}":
            depth -= 1
