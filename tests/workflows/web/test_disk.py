"""The event loop waits for no disk, whatever a program has the supervisor write."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from tests.workflows.conftest import PATIENCE_S, make_board, seen
from tests.workflows.fuzz.doubles import FSYNC_IN_LOOP
from tests.workflows.fuzz.test_stateful import double

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.feature("web workflow"), pytest.mark.simulated]
CODE = """\
import storage, os
for label in ("one", "two", "garden"):
    storage.getmount("/").label = label
print("labelled", storage.getmount("/").label)
input()
storage.erase_filesystem()
"""


def test_a_label_and_an_erased_drive_reach_the_disk_without_the_event_loop(tmp_path: Path) -> None:
    """The last label of several, and then none."""
    board = make_board(tmp_path, CODE, command=double("none"))
    try:
        with board.socket("/cp/serial/?past=1") as console:
            seen(console, "labelled GARDEN")
            label = until_there(tmp_path / "state")
            assert label.read_text() == "GARDEN"
            console.send("\r")
            seen(console, "Hello World!")
        assert (board.drive / "code.py").read_text() == 'print("Hello World!")\n'
    finally:
        board.close()
    assert not label.exists()
    assert FSYNC_IN_LOOP not in board.log.read_text()


def until_there(folder: Path) -> Path:
    """Wait until the supervisor keeps the right label; return its file."""
    end_s = time.monotonic() + PATIENCE_S
    while True:
        for found in folder.rglob("label"):
            if found.read_text() == "GARDEN":
                return found
        assert time.monotonic() < end_s
