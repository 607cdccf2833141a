"""Each example runs by the real command and prints what it should."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.running import ROOT, cpcompat, drive_from_example, printed_by_code_py

pytestmark = [pytest.mark.feature("cpcompat run"), pytest.mark.simulated]

PRINTED = {
    "blink": [f"blink {count}" for count in range(1, 6)],
    "button": ["pressed 1", "pressed 2", "pressed 3", "released for good"],
    "i2c_scan": ["found 3 devices", "0x57", "0x68", "0x77"],
    "oled": [f"bar at {percent} %" for percent in (0, 25, 50, 75, 100)],
    "own_part": ["-10.5 °C"],
    "storage": [
        "card: ['started.log'] started at 2026 1 2 3 4 6",
        "disk: [Errno 30] Read-only filesystem",
    ],
    "settings": ["Good morning"] * 3 + ["not set: None"],
    "weather": [" 23.5 °C  41.0 %  1002.4 hPa   90.7 m"] * 10,
}


OF_GUIDES = ("own_backend", "own_board", "own_module")
"""Run by `tests/test_guides.py` and `tests/test_own_backend.py`."""


def test_every_example_has_a_test() -> None:
    """A new folder without an expectation here fails."""
    folders = {path.name for path in (ROOT / "examples").iterdir() if path.is_dir()}
    assert folders == set(PRINTED) | set(OF_GUIDES)


@pytest.mark.parametrize("name", PRINTED)
def test_an_example_runs_to_its_end(name: str, tmp_path: Path) -> None:
    """Exit status 0, and the lines that its README promises, at virtual time."""
    drive = drive_from_example(name, tmp_path)
    ran = cpcompat("run", drive, "--runs", "1", "--virtual-time")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert printed_by_code_py(ran.stdout) == PRINTED[name], ran.stdout + ran.stderr


def test_an_example_takes_real_time_unless_told_otherwise(tmp_path: Path) -> None:
    """The blinks last as long as they say: 5 × 0.5 s."""
    start = time.monotonic()
    ran = cpcompat("run", drive_from_example("blink", tmp_path), "--runs", "1")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert time.monotonic() - start >= 2.5
    assert printed_by_code_py(ran.stdout) == PRINTED["blink"]


def test_without_hardware_the_board_is_sim_and_one_line_says_so(tmp_path: Path) -> None:
    """Nobody has to choose a board to try it."""
    ran = cpcompat("run", drive_from_example("settings", tmp_path), "--runs", "1")
    assert "the board is «sim»" in ran.stderr, ran.stderr


def test_every_example_is_in_the_list() -> None:
    """examples/README.md names each drive."""
    listed = (ROOT / "examples" / "README.md").read_text("utf-8")
    assert all(f"[{name}]({name}/code.py)" in listed for name in PRINTED)
    assert all(f"[{name}]({name})" in listed for name in OF_GUIDES)
