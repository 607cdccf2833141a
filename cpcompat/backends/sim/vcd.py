"""A writer of value change dumps: the format that logic analysers and wave viewers read.

The format is that of IEEE 1364-2005, clause 18. It is text, and each change is complete by itself,
so that a file whose writer was killed still reads up to its end.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_FLUSH_AT = 64 * 1024
_FIRST, _DIGITS = 33, 94  # The printable characters that a signal's code is made of.


class VcdWriter:
    """Writes the levels of a fixed set of signals to a file, in order of time.

    Synchronization: one caller at a time.

    Args:
        descriptor: Where to write; it is the writer's from now on.
        signals: Name and first level of each.
    """

    def __init__(self, descriptor: int, signals: Iterable[tuple[str, bool]]) -> None:
        self._descriptor = descriptor
        named = list(signals)
        self._codes = [_code(index) for index in range(len(named))]
        self._levels = [level for _, level in named]
        self._time_ns = 0
        self._lines: list[str] = []
        self._size = 0
        self._put("$version cpcompat $end\n$timescale 1 ns $end\n$scope module board $end\n")
        for (name, _), code in zip(named, self._codes, strict=True):
            self._put(f"$var wire 1 {code} {name} $end\n")
        self._put("$upscope $end\n$enddefinitions $end\n#0\n$dumpvars\n")
        for (_, level), code in zip(named, self._codes, strict=True):
            self._put(f"{level:d}{code}\n")
        self._put("$end\n")
        self.flush()

    def change(self, time_ns: int, signal: int, level: bool) -> None:
        """Write that a signal has a level from a time on; a level it has already is left out.

        Args:
            time_ns: When; a time before the last one written counts as that one.
            signal: Index of the signal.
            level: Its new level.
        """
        if self._levels[signal] == level:
            return
        self._levels[signal] = level
        stamp = ""
        if time_ns > self._time_ns:
            self._time_ns = time_ns
            stamp = f"#{time_ns}\n"
        self._put(f"{stamp}{'1' if level else '0'}{self._codes[signal]}\n")

    @property
    def time_ns(self) -> int:
        """The last time written."""
        return self._time_ns

    def level(self, signal: int) -> bool:
        """Return the level that a signal was last written with."""
        return self._levels[signal]

    def end(self, time_ns: int) -> None:
        """Write that time went on to here without a change, so that the last level is seen."""
        if time_ns > self._time_ns:
            self._time_ns = time_ns
            self._put(f"#{time_ns}\n")

    def flush(self) -> None:
        """Hand what is kept back to the kernel, in whole lines."""
        data = "".join(self._lines).encode("ascii")
        self._lines.clear()
        self._size = 0
        while data:
            data = data[os.write(self._descriptor, data) :]

    def close(self) -> None:
        """Write the rest and close the file. Closing again does nothing."""
        if self._descriptor >= 0:
            self.flush()
            os.close(self._descriptor)
            self._descriptor = -1

    def _put(self, text: str) -> None:
        self._lines.append(text)
        self._size += len(text)
        if self._size >= _FLUSH_AT:
            self.flush()


def _code(index: int) -> str:
    """Return the short name of a signal: ``!``, ``"``, … and longer ones when those run out."""
    text = chr(_FIRST + index % _DIGITS)
    while index >= _DIGITS:
        index = index // _DIGITS - 1
        text += chr(_FIRST + index % _DIGITS)
    return text
