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


def test_there_are_conversations() -> None:
    """The folder is where it is expected."""
    assert len(FILES) >= 10


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_console_says_what_a_board_says(
    path: Path, board: Start, circuitpy_drive: Path
) -> None:
    """Each byte of it."""
    conversation = conversations.read(path)
    for name, text in conversation.files.items():
        (circuitpy_drive / name).write_text(text)
    one = board(None)
    names = conversations.Names(identity.banner(SIM.name, SIM.chip), SIM.id, UID, identity.RELEASE)
    conversations.hold(AtTerminal(one), conversation, names)
    assert one.leaves() == 0
