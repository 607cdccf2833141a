"""Completes names at the prompt, from what is there; nothing is called but ``getattr``."""

from __future__ import annotations

import keyword
import re
from typing import TYPE_CHECKING, Any

from cpcompat.vm.names import FACES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_NAME = re.compile(r"((?:[^\W\d]\w*\.)*)((?:[^\W\d]\w*)?)\Z")
_IMPORT = re.compile(r"\s*(?:import|from)\s+(\w*)\Z")


def completer(
    names: Mapping[str, Any], builtins: Mapping[str, Any]
) -> Callable[[str], tuple[str, list[str]]]:
    """Return a function for `cpcompat.vm.line_editor.LineEditor`.

    Args:
        names: The namespace of the prompt.
        builtins: The built-ins under it.
    """

    def complete(before: str) -> tuple[str, list[str]]:
        wanted = _IMPORT.match(before)
        if wanted:
            return _rest(wanted.group(1), FACES)
        match = _NAME.search(before)
        path, start = match.groups() if match else ("", "")
        if not path:
            return _rest(start, [*names, *builtins, *keyword.kwlist]) if start else ("", [])
        first, *others = path[:-1].split(".")
        try:
            thing = names[first] if first in names else builtins[first]
            for name in others:
                thing = getattr(thing, name)
            return _rest(start, dir(thing))
        except Exception:
            return "", []

    return complete


def _rest(start: str, words: Any) -> tuple[str, list[str]]:
    """Return what all the words that begin so have in common further on, and the words."""
    found = sorted({w for w in words if w.startswith(start) and (start or not w.startswith("_"))})
    if not found:
        return "", []
    first, last = found[0], found[-1]
    length = next(
        (i for i, pair in enumerate(zip(first, last, strict=False)) if len({*pair}) > 1), len(first)
    )
    return first[len(start) : length], found
