"""Whole conversations at the console, byte for byte, from files that other boards can be held to."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pexpect
import pytest

from cpcompat import identity
from cpcompat.board.detect import definition

from . import conversations
from .conftest import Board, as_bytes

pytestmark = [pytest.mark.feature("console"), pytest.mark.simulated]

Start = Callable[..., Board]
SIM = definition("sim")
UID = b"cpcmpsim".hex().upper()
WAY_OUT = "Reset is «cpcompat reset», or «import microcontroller; microcontroller.reset()» in the REPL.\r\n"
"""What this board says after «Press reset»: there is no button on a computer."""
FILES = sorted(conversations.FOLDER.glob("*.txt"))


class AtTerminal:
    """The command's board, seen from its terminal."""

    def __init__(self, board: Board) -> None:
        self._board = board
        # The command's own first line is for people, not the board's.
        board.sees(b"Ctrl-] leaves.\r\n")

    def send(self, data: bytes) -> None:
        """Type."""
        self._board.types(data)

    def read(self, count: int) -> bytes:
        """Wait for so many bytes."""
        terminal = self._board.terminal
        try:
            terminal.expect(re.compile(b".{%d}" % count, re.DOTALL))
        except (pexpect.TIMEOUT, pexpect.EOF):
            return as_bytes(terminal.buffer)
        assert isinstance(terminal.after, bytes)
        return terminal.after

    def skip(self, text: bytes) -> None:
        """Wait until a text has come."""
        self._board.sees(text)

    def save(self, name: str, text: str) -> None:
        """Save a file of its drive."""
        self._board.saves(text, name)


def test_each_of_upstreams_transcripts_is_a_file() -> None:
    """A to N: boots, endings, tracebacks, keys, reloads, resets, safe mode, sleep."""
    shown = frozenset().union(*(conversations.read(path).transcripts for path in FILES))
    assert "".join(sorted(shown)) == "ABCDEFGHIJKLMN"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_console_says_what_a_board_says(
    path: Path, board: Start, circuitpy_drive: Path
) -> None:
    """Each byte of it."""
    conversation = conversations.read(path)
    for name, text in conversation.files.items():
        (circuitpy_drive / name).parent.mkdir(exist_ok=True)
        (circuitpy_drive / name).write_text(text)
    one = board(None)
    banner = identity.banner(SIM.name, SIM.chip)
    names = conversations.Names(banner, SIM.id, UID, identity.RELEASE, WAY_OUT)
    conversations.hold(AtTerminal(one), conversation, names)
    assert one.leaves() == 0
