"""Memory that outlives programs, in files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cpcompat.vm.file_cells import DurableCells, MemoryCells

pytestmark = [pytest.mark.feature("nvm"), pytest.mark.simulated]


class PowerCut(BaseException):
    """The power goes at this system call."""


@pytest.mark.parametrize("call", ["write", "fsync", "replace", "none"])
def test_a_power_cut_leaves_the_bytes_before_or_those_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    """Wherever in the writing it comes."""
    path = tmp_path / "deep" / "nvm"
    cells = DurableCells(path)
    cells.write(0, b"old!")
    before = cells.read()
    assert before[:5] == b"old!\xff"
    assert len(before) == cells.size == 8192

    def cut(*arguments: object, **named: object) -> None:
        raise PowerCut

    if call == "write":
        # Half of the new file is there when the power goes.
        (path.parent / ".nvm.new").write_bytes(b"ne")
        monkeypatch.setattr(os, "fsync", cut)
    elif call == "fsync":
        monkeypatch.setattr(os, "fsync", cut)
    elif call == "replace":
        monkeypatch.setattr(Path, "replace", cut)
    if call == "none":
        cells.write(0, b"new!")
    else:
        with pytest.raises(PowerCut):
            cells.write(0, b"new!")
    monkeypatch.undo()
    found = DurableCells(path).read()
    assert found == (before if call != "none" else b"new!" + before[4:])
    DurableCells(path).write(8191, b"z")
    assert DurableCells(path).read() == found[:-1] + b"z"


def test_a_file_of_another_length_is_filled_up(tmp_path: Path) -> None:
    """It can still be read and written."""
    path = tmp_path / "nvm"
    path.write_bytes(b"ab")
    assert DurableCells(path).read()[:3] == b"ab\xff"


def test_sleep_memory_begins_as_zeros_and_keeps_what_is_written(tmp_path: Path) -> None:
    """Without a disk's help."""
    path = tmp_path / "sleep_memory"
    cells = MemoryCells(path)
    assert cells.read() == bytes(cells.size)
    cells.write(10, b"abc")
    assert MemoryCells(path).read()[9:14] == b"\0abc\0"
