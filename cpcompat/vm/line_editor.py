"""The line editor of the REPL and of ``input()``: bytes in, bytes out, no terminal of its own.

Source: CircuitPython ``shared/readline/readline.c`` for keys and their effects.
"""

from __future__ import annotations

import codecs
import enum
import unicodedata
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    Completer = Callable[[str], tuple[str, list[str]]]

_HISTORY = 8
_INDENT = "    "
_TERMINAL_WIDTH = 80


class Asks(enum.Enum):
    """What the person at the terminal asks for, beyond editing."""

    LINE = "the line is complete"
    INTERRUPT = "Ctrl-C: drop the line"
    END = "Ctrl-D on an empty line"
    RAW = "Ctrl-A on an empty line: the raw REPL"
    FRIENDLY = "Ctrl-B on an empty line: the friendly REPL"
    PASTE = "Ctrl-E on an empty line: paste mode"


_ON_EMPTY = {1: Asks.RAW, 2: Asks.FRIENDLY, 3: Asks.INTERRUPT, 4: Asks.END, 5: Asks.PASTE}
_LONGEST_ESCAPE = 8


class Fed(NamedTuple):
    """What one byte led to.

    Attributes:
        output: For the terminal.
        asks: What is asked for, if anything.
    """

    output: str = ""
    asks: Asks | None = None


class LineEditor:
    """Edits one line after the other.

    Args:
        complete: Given the text before the cursor, returns what to insert and the candidates.

    Attributes:
        line: The text so far, or when it is complete, the line.
        cursor: Where the cursor is in it.
    """

    def __init__(self, complete: Completer | None = None) -> None:
        self.line = ""
        self.cursor = 0
        self._complete = complete
        self._prompt = ""
        self._history: list[str] = []
        self._shown = -1
        self._escape = ""
        self._indented = False
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def start(self, prompt: str, text: str = "") -> str:
        """Begin a line.

        Args:
            prompt: What stands before it.
            text: The indentation that it begins with.

        Returns:
            What to write to the terminal.
        """
        self._prompt = prompt
        self.line = text
        self.cursor = len(text)
        self._shown = -1
        self._escape = ""
        self._indented = bool(text)
        return prompt + text

    def remember(self, line: str) -> None:
        """Put a line into the history, unless it is empty or the one before."""
        if line.strip() and self._history[:1] != [line]:
            self._history.insert(0, line)
            del self._history[_HISTORY:]

    def feed(self, byte: bytes) -> Fed:
        """Take one byte from the terminal."""
        code = byte[0]
        if self._escape:
            return self._in_escape(chr(code))
        if code >= 0x80:
            return self._insert(self._decoder.decode(byte))
        self._decoder.reset()  # a character that was cut short is dropped
        if code < 0x20 or code == 0x7F:
            return self._control(code)
        return self._insert(chr(code))

    def _control(self, code: int) -> Fed:
        if code == 0x03 or (not self.line and code in _ON_EMPTY):
            return Fed(asks=_ON_EMPTY[code])
        action = _KEYS.get(code)
        return action(self) if action else Fed()

    def _in_escape(self, character: str) -> Fed:
        self._escape += character
        rest = self._escape[1:]
        if rest in {"[", "O"} or (rest[0] == "[" and (character.isdigit() or character == ";")):
            if len(rest) > _LONGEST_ESCAPE:
                self._escape = ""
            return Fed()
        self._escape = ""
        action = _ESCAPES.get(rest)
        return action(self) if action else Fed()

    def _enter(self) -> Fed:
        self.cursor = len(self.line)
        return Fed("\r\n", Asks.LINE)

    def _begin_escape(self) -> Fed:
        self._escape = "\x1b"
        return Fed()

    def _clear_screen(self) -> Fed:
        return Fed("\x1b[;H\x1b[2J" + self._prompt + self._redrawn(0))

    def _home(self) -> Fed:
        return self._move(0)

    def _end(self) -> Fed:
        return self._move(len(self.line))

    def _left(self) -> Fed:
        return self._move(max(self.cursor - 1, 0))

    def _right(self) -> Fed:
        return self._move(min(self.cursor + 1, len(self.line)))

    def _older(self) -> Fed:
        return self._recall(self._shown + 1)

    def _newer(self) -> Fed:
        return self._recall(self._shown - 1)

    def _delete_here(self) -> Fed:
        return self._delete(self.cursor, self.cursor + 1)

    def _insert(self, text: str) -> Fed:
        if not text:
            return Fed()
        withdrawn = ""
        if self._indented and text == " ":
            # Text with an indentation of its own is being pasted: ours would double it.
            withdrawn = self._delete(0, self.cursor).output
        self._indented = False
        at = self.cursor
        self.line = self.line[:at] + text + self.line[at:]
        self.cursor += len(text)
        return Fed(withdrawn + self._redrawn(at))

    def _backspace(self) -> Fed:
        before = self.line[: self.cursor]
        self._indented = False
        count = 4 if len(before) >= 4 and not before.strip(" ") else 1
        return self._delete(max(self.cursor - count, 0), self.cursor)

    def _delete(self, start: int, stop: int) -> Fed:
        if not self.line[start:stop]:
            return Fed()
        back = self._move(start).output
        self.line = self.line[:start] + self.line[stop:]
        return Fed(back + "\x1b[K" + self._redrawn(start))

    def _tab(self) -> Fed:
        before = self.line[: self.cursor]
        if not before or before[-1] in " \t":
            return self._insert(_INDENT)
        if self._complete is None:
            return Fed()
        text, candidates = self._complete(before)
        if text:
            return self._insert(text)
        if len(candidates) < 2:
            return Fed()
        return Fed("\r\n" + _columns(candidates) + self._prompt + self._redrawn(0))

    def _recall(self, which: int) -> Fed:
        if not -1 <= which < len(self._history):
            return Fed()
        self._shown = which
        back = self._move(0).output
        self.line = self._history[which] if which >= 0 else ""
        self.cursor = len(self.line)
        return Fed(back + "\x1b[K" + self.line)

    def _move(self, to: int) -> Fed:
        steps = _width(self.line[min(to, self.cursor) : max(to, self.cursor)])
        letter = "D" if to < self.cursor else "C"
        self.cursor = to
        return Fed(f"\x1b[{steps}{letter}" if steps else "")

    def _redrawn(self, start: int) -> str:
        """Return the line from a place on, with the cursor put where it is."""
        behind = _width(self.line[self.cursor :])
        return self.line[start:] + (f"\x1b[{behind}D" if behind else "")


_KEYS: dict[int, Callable[[LineEditor], Fed]] = {
    0x01: LineEditor._home,
    0x05: LineEditor._end,
    0x08: LineEditor._backspace,
    0x09: LineEditor._tab,
    0x0C: LineEditor._clear_screen,
    0x0D: LineEditor._enter,
    0x1B: LineEditor._begin_escape,
    0x7F: LineEditor._backspace,
}

_ESCAPES: dict[str, Callable[[LineEditor], Fed]] = {
    "[A": LineEditor._older,
    "[B": LineEditor._newer,
    "[C": LineEditor._right,
    "[D": LineEditor._left,
    "[3~": LineEditor._delete_here,
    **dict.fromkeys(("[H", "OH", "[1~", "[7~"), LineEditor._home),
    **dict.fromkeys(("[F", "OF", "[4~", "[8~"), LineEditor._end),
}


def _width(text: str) -> int:
    """Return how many columns a text takes on a terminal."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


def _columns(words: list[str]) -> str:
    """Return words in columns, as lines."""
    width = max(len(word) for word in words) + 4
    across = max(_TERMINAL_WIDTH // width, 1)
    rows = [words[i : i + across] for i in range(0, len(words), across)]
    return "".join("".join(word.ljust(width) for word in row).rstrip() + "\r\n" for row in rows)
