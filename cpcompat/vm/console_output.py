"""The console as a program writes it: ``sys.stdout`` and ``print()``.

Each line is out at once, as on a board. Source: CircuitPython ``shared/runtime/sys_stdio_mphal.c``.
"""

from __future__ import annotations

import builtins
import io
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_write_text = io.TextIOWrapper.write
_write_bytes = io.FileIO.write


class _Whole(io.FileIO):
    """A descriptor that takes all of what it is given, though signals interrupt the kernel.

    A `io.BufferedWriter` would, too, at a cost of a third of what a printed line costs in all.
    """

    def write(self, data: Any, /) -> int:
        """Write all of it."""
        done = _write_bytes(self, data)
        return done if done == len(data) else self.write_rest(data, done)

    def write_rest(self, data: Any, done: int | None) -> int:
        """Write what the kernel did not take at first; return the size of all."""
        rest = memoryview(data).cast("B")
        size, done = len(rest), done or 0
        while done < size:
            done += _write_bytes(self, rest[done:]) or 0
        return size


class ConsoleOutput(io.TextIOWrapper):
    """``sys.stdout`` of a board: each line is out at once, and bytes can be written as well.

    Args:
        descriptor: Where bytes go; it is not closed.
    """

    def __init__(self, descriptor: int = 1) -> None:
        # Never closed, as it is the stream of the process.
        raw: Any = _Whole(descriptor, "w", closefd=False)
        super().__init__(raw, encoding="utf-8", errors="replace", newline="\n", line_buffering=True)
        self._as_made = True
        self._may_wait = False

    def write(self, text: str, /) -> int:
        """Write text, or as a board does, bytes."""
        # Twice: another thread's line may come right before the writing, an interrupt right after it.
        self._may_wait = True
        # `print` comes here once for each value and end, so what is usual is tried without a look.
        try:
            done = _write_text(self, text)
        except TypeError:
            if isinstance(text, str):
                raise
        else:
            self._may_wait = True
            return done
        super().flush()
        done = self.buffer.write(text)
        self.buffer.flush()
        return done

    def write_line(self, text: str) -> None:
        """Write a text and LF.

        It goes past the text wrapper, which would take two thirds more of the time, unless something
        waits in there that comes first.
        """
        line = text + "\n"
        if self._may_wait:
            _write_text(self, line)
            self._may_wait = not self._as_made
            return
        data = line.encode("utf-8", "replace")
        raw: Any = self.buffer
        done = _write_bytes(raw, data)
        if done != len(data):
            raw.write_rest(data, done)

    def reconfigure(self, **settings: Any) -> None:
        """See `io.TextIOWrapper.reconfigure`; what is set holds for each way to write."""
        super().reconfigure(**settings)
        self._as_made, self._may_wait = False, True


def make_print() -> Callable[..., None]:
    """Return the built-in ``print``: Python's own, but quicker with a line of one value."""
    plain = builtins.print

    def print(
        *values: object,
        sep: str | None = " ",
        end: str | None = "\n",
        file: Any = None,
        flush: bool = False,
    ) -> None:
        out = sys.stdout
        if len(values) == 1 and end == "\n" and file is None and type(out) is ConsoleOutput:
            out.write_line(str(values[0]))
        else:
            plain(*values, sep=sep, end=end, file=file, flush=flush)

    print.__doc__, print.__qualname__ = plain.__doc__, "print"
    return print
