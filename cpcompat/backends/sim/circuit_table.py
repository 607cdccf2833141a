"""One table of a circuit file: its keys with their types and lines, so that errors can name them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from cpcompat.errors import CircuitError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cpcompat.backends.sim.toml_lines import TomlLines

_Value = TypeVar("_Value")
_WORDS: dict[type, str] = {
    str: "a text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    list: "a list",
}


class CircuitTable:
    """One ``[[kind]]`` of a circuit file.

    Args:
        file: The file, as errors name it.
        lines: Where its tables and keys are.
        kind: The table's name.
        index: Which of the tables of that name, from 0.
        values: What it says.
    """

    def __init__(
        self, file: str, lines: TomlLines, kind: str, index: int, values: Mapping[str, Any]
    ) -> None:
        self._file = file
        self._lines = lines
        self._index = index
        self.kind = kind
        self.values = values

    def error(self, text: str, remedy: str | None = None, key: str | None = None) -> CircuitError:
        """Return an error at a key of this table, or at the table.

        Args:
            text: What is wrong; with a key, it goes on after ``key = value``.
            remedy: How to get out of it.
            key: The key.
        """
        line = self._lines.line(self.kind, self._index, key)
        where = self._file if line is None else f"{self._file}:{line}"
        if key is not None and key in self.values:
            text = f"{key} = {self.values[key]!r} {text}"
        return CircuitError(f"{where}: [[{self.kind}]] {text}", remedy)

    def located(self, error: CircuitError, key: str | None = None) -> CircuitError:
        """Return an error that came from further down, with its place in the file."""
        line = self._lines.line(self.kind, self._index, key)
        where = self._file if line is None else f"{self._file}:{line}"
        found = CircuitError(f"{where}: [[{self.kind}]] {error}")
        for note in getattr(error, "__notes__", ()):
            found.add_note(note)
        return found

    def get(self, key: str, kind: type[_Value]) -> _Value | None:
        """Return a key's value, or None when the table does not have it.

        Raises:
            CircuitError: It is of another type. A whole number will do for a number.
        """
        value = self.values.get(key)
        if kind is float and type(value) is int:
            value = float(value)
        if value is not None and type(value) is not kind:
            raise self.error(f"is not {_WORDS[kind]}", key=key)
        return value

    def need(self, key: str, kind: type[_Value]) -> _Value:
        """Return the value of a key that must be there.

        Raises:
            CircuitError: It is missing or of another type.
        """
        value = self.get(key, kind)
        if value is None:
            raise self.error(f"lacks {key!r}", f"It must have {key} = {_WORDS[kind]}.")
        return value

    def only(self, legal: Iterable[str]) -> None:
        """See that there is no other key.

        Raises:
            CircuitError: There is one; the remedy lists the legal ones.
        """
        known = list(legal)
        for key in self.values:
            if key not in known:
                raise self.error("is not a known key", f"Legal keys: {', '.join(known)}.", key)
