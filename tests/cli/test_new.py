"""``cpcompat new`` makes a drive and never overwrites anything."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from cpcompat.cli import new
from cpcompat.errors import DriveError
from cpcompat.storage.drive.place import checked
from tests.running import cpcompat

pytestmark = pytest.mark.feature("command line")


def test_a_new_drive_is_one_that_run_accepts(tmp_path: Path) -> None:
    """With a program, settings, a circuit and a folder for libraries."""
    new.make(tmp_path / "board")
    assert checked(tmp_path / "board") == (tmp_path / "board").resolve()
    names = {path.name for path in (tmp_path / "board").iterdir()}
    assert names == {"code.py", "lib", "settings.toml", "sim.toml"}


def test_what_is_there_stays_as_it_is(tmp_path: Path) -> None:
    """Each file of a drive in use is kept, to the byte; only missing ones are made."""
    (tmp_path / "code.py").write_bytes(b"print('mine')\r\n")
    made = dict(new.make(tmp_path))
    assert (tmp_path / "code.py").read_bytes() == b"print('mine')\r\n"
    assert made == {"code.py": False, "settings.toml": True, "sim.toml": True}


@pytest.mark.parametrize("name", ["settings.toml", "sim.toml"])
def test_a_new_drives_toml_is_legal_with_and_without_its_comments(name: str) -> None:
    """What the comments suggest can be used as it stands."""
    text = new.FILES[name]
    assert tomllib.loads(text) == {}
    suggested = [
        line.removeprefix("# ")
        for line in text.splitlines()
        if line.startswith("# [") or " = " in line
    ]
    assert tomllib.loads("\n".join(suggested))


def test_a_home_folder_does_not_become_a_drive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program may erase its whole drive."""
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(DriveError, match="home folder"):
        new.make(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_said_in_one_line(tmp_path: Path) -> None:
    """Exit status 2 and no traceback."""
    (tmp_path / "file").write_text("")
    ran = cpcompat("new", tmp_path / "file" / "drive")
    assert ran.returncode == 2
    assert "cannot make the drive" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_new_drive_runs(tmp_path: Path) -> None:
    """The command says how, and that works."""
    assert cpcompat("new", "board", cwd=tmp_path).returncode == 0
    drive = tmp_path / "board"
    drive.joinpath("code.py").write_text(new.CODE.replace("while True:", "for _ in range(2):"))
    ran = cpcompat("run", drive, "--runs", "1", "--virtual-time")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "LED on\nLED off\n" in ran.stdout
