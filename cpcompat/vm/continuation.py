"""When a line at the prompt needs another one, and how far that one is indented.

Source: CircuitPython ``py/repl.c``.
"""

from __future__ import annotations

import re

_COMPOUND = re.compile(r"@|(if|while|for|try|with|def|class|async)(?!\w)")
_TOKEN = re.compile(r"\\[\s\S]|#[^\n]*|'''|\"\"\"|['\"()\[\]{}\n]")
_INDENT = 4


def needs_more(text: str) -> bool:
    """Return whether what was typed so far is not complete yet.

    Args:
        text: The lines so far, with LF between them and none behind the last.
    """
    if _COMPOUND.match(text) and text.rpartition("\n")[2]:
        return True
    depth, quote = _state(text)
    return depth > 0 or len(quote) == 3 or (not quote and text.endswith("\\"))


def _state(text: str) -> tuple[int, str]:
    """Return how many brackets are open at the end, and the quote that is."""
    depth, quote = 0, ""
    for token in _TOKEN.findall(text):
        if quote:
            if token == quote or (token == "\n" and len(quote) == 1):
                quote = ""
            elif len(quote) == 1 and token == quote * 3:
                quote = ""  # the end of this text and a whole empty one
        elif token[0] in "'\"":
            quote = token
        elif token in "([{":
            depth += 1
        elif token in ")]}":
            depth -= 1
    return depth, quote


def indentation(text: str) -> str:
    """Return the spaces that the next line begins with.

    Args:
        text: The lines so far, without the one that begins.
    """
    line = text.rpartition("\n")[2]
    if "\n" in text and not line.strip(" "):
        return ""
    levels = (len(line) - len(line.lstrip(" "))) // _INDENT + line.endswith(":")
    return " " * (_INDENT * levels)
