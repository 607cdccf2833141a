"""Which lines a broker has given to programs: a file that outlives it, written before each claim.

It lies in a folder that a restart of the computer empties. Its first line describes the board, as JSON;
each other one is a claim (``+17 18``), a release (``-17 18``) or a file to be stopped by (``!PATH``).
"""

from __future__ import annotations

import json
import os
from typing import NamedTuple

NAME = "lines"
"""The file's name in the folder of a running drive."""


class Told(NamedTuple):
    """What a ledger says.

    Attributes:
        board: The board's id.
        drive: The drive whose programs used the lines.
        states: The safe states that are not the usual one, by offset.
        lines: The lines that were claimed and not released, in order.
        outputs: Lines that looked like outputs before the program began.
        switches: Files into which a 0 is to be written.
    """

    board: str
    drive: str
    states: dict[int, str]
    lines: tuple[int, ...]
    outputs: frozenset[int]
    switches: tuple[str, ...]


class Ledger:
    """A ledger that is being written.

    Args:
        descriptor: The file, open for reading and writing; it stays the caller's.
        board: The board's id.
        drive: The drive.
        states: The safe states that are not the usual one, by offset.
    """

    def __init__(self, descriptor: int, board: str, drive: str, states: dict[int, str]) -> None:
        self._descriptor = descriptor
        self._about = {"board": board, "drive": drive, "states": states}

    def begin(self, claimed: tuple[int, ...], outputs: frozenset[int]) -> None:
        """Start over for a new program.

        Args:
            claimed: Lines that are claimed already.
            outputs: Lines that look like outputs by now.
        """
        head = json.dumps({**self._about, "outputs": sorted(outputs)})
        # Written over in one go; a reader takes the length from the file, and the rest is cut after.
        text = f"{head}\n+{_numbers(claimed)}\n" if claimed else f"{head}\n"
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, text.encode(), 0)
        self._at = len(text.encode())

    def claim(self, offsets: tuple[int, ...]) -> None:
        """Note lines that are about to be claimed."""
        self._write(f"+{_numbers(offsets)}\n")

    def release(self, offsets: tuple[int, ...]) -> None:
        """Note lines that have been released."""
        self._write(f"-{_numbers(offsets)}\n")

    def switch(self, path: str) -> None:
        """Note a file into which a 0 is to be written at the end."""
        self._write(f"!{path}\n")

    def _write(self, line: str) -> None:
        self._at += os.pwrite(self._descriptor, line.encode(), self._at)


def read(descriptor: int) -> Told | None:
    """Return what a ledger says, None for one that says nothing; a torn last line does not count."""
    os.lseek(descriptor, 0, os.SEEK_SET)
    parts = []
    while part := os.read(descriptor, 65_536):
        parts.append(part)
    head, *lines = b"".join(parts).decode("utf-8", "replace").split("\n")[:-1] or [""]
    try:
        about = json.loads(head)
    except ValueError:
        return None
    claimed: dict[int, None] = {}
    switches: dict[str, None] = {}
    for line in lines:
        if line.startswith("+"):
            claimed.update(dict.fromkeys(map(int, line[1:].split())))
        elif line.startswith("-"):
            for offset in map(int, line[1:].split()):
                claimed.pop(offset, None)
        elif line.startswith("!"):
            switches[line[1:]] = None
    states = {int(offset): state for offset, state in about["states"].items()}
    return Told(
        about["board"],
        about["drive"],
        states,
        tuple(claimed),
        frozenset(about["outputs"]),
        tuple(switches),
    )


def clear(descriptor: int) -> None:
    """Have a ledger say nothing: its lines are safe."""
    os.ftruncate(descriptor, 0)


def _numbers(offsets: tuple[int, ...]) -> str:
    return " ".join(map(str, offsets))
