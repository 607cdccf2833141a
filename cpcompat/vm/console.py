"""The console as a program reads it: ``sys.stdin`` and ``input()``.

Nothing is read ahead: what a program leaves unread is there for the next one.
Source: CircuitPython ``shared/runtime/sys_stdio_mphal.c``, ``py/builtinevex.c``.
"""

from __future__ import annotations

import codecs
import io
import os
import sys
from typing import TYPE_CHECKING, Any

from cpcompat.vm.line_editor import Asks, LineEditor

if TYPE_CHECKING:
    from collections.abc import Callable


class ConsoleInput(io.TextIOBase):
    """``sys.stdin`` of a board: character by character, no echo, CR read as LF.

    Args:
        descriptor: Where bytes come from; it is not closed.
    """

    def __init__(self, descriptor: int = 0) -> None:
        self._descriptor = descriptor
        self._raw = io.FileIO(descriptor, closefd=False)

    @property
    def buffer(self) -> io.FileIO:
        """The bytes under the text."""
        return self._raw

    def fileno(self) -> int:
        """Return the descriptor, for ``select``."""
        return self._descriptor

    def isatty(self) -> bool:
        """Return whether a terminal is there."""
        return os.isatty(self._descriptor)

    def readable(self) -> bool:
        """Return True."""
        return True

    def byte(self) -> bytes:
        """Wait for one byte; none at the end of input."""
        return os.read(self._descriptor, 1)

    def read(self, size: int | None = -1, /) -> str:
        """Wait for so many characters, or for all until the end of input."""
        wanted = sys.maxsize if size is None or size < 0 else size
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        text: list[str] = []
        while len(text) < wanted:
            byte = self.byte()
            text.extend(decoder.decode(byte, final=not byte).replace("\r", "\n"))
            if not byte:
                break
        return "".join(text)

    def readline(self, size: int | None = -1, /) -> str:  # type: ignore[override]
        """Wait for a line, and return it with its LF."""
        wanted = sys.maxsize if size is None or size < 0 else size
        line = ""
        while len(line) < wanted and not line.endswith("\n"):
            character = self.read(1)
            if not character:
                break
            line += character
        return line


def make_input() -> Callable[[Any], str]:
    """Return the built-in ``input``. On a terminal the line can be edited, and Enter is CR."""
    editor = LineEditor()

    def input(prompt: Any = "", /) -> str:
        """Ask for a line; Ctrl-D on an empty one raises `EOFError`."""
        stdin = sys.stdin
        if not isinstance(stdin, ConsoleInput) or not stdin.isatty():
            sys.stdout.write(str(prompt))
            sys.stdout.flush()
            line = stdin.readline()
            if not line:
                raise EOFError
            return line.removesuffix("\n")
        return _edited(editor, str(prompt), stdin.byte)

    return input


def _edited(editor: LineEditor, prompt: str, read: Callable[[], bytes]) -> str:
    out = sys.stdout
    out.write(editor.start(prompt))
    while True:
        out.flush()
        byte = read()
        output, asks = editor.feed(byte) if byte else ("", Asks.END)
        out.write(output)
        if asks is Asks.LINE:
            editor.remember(editor.line)
            return editor.line
        if asks is Asks.END:
            raise EOFError
        if asks is Asks.INTERRUPT:
            raise KeyboardInterrupt
