"""A drive becomes one of a fresh board, and nothing outside it is touched."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cpcompat.storage.drive import fresh

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.feature("storage"), pytest.mark.simulated]


def test_everything_goes_but_a_repository_and_what_links_lead_to(tmp_path: Path) -> None:
    """Files, folders, hidden ones, links to files and folders."""
    outside, drive = tmp_path / "outside", tmp_path / "drive"
    (outside / "deep").mkdir(parents=True)
    (outside / "deep" / "canary").write_text("alive")
    (drive / "lib" / "old").mkdir(parents=True)
    (drive / "lib" / "old" / "a.py").write_text("")
    (drive / ".hidden").write_text("")
    (drive / ".git").mkdir()
    (drive / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    (drive / "link").symlink_to(outside)
    (drive / "lib" / "link").symlink_to(outside / "deep" / "canary")
    fresh.erase(drive)
    found = {
        path.relative_to(drive).as_posix(): path.read_text() if path.is_file() else None
        for path in drive.rglob("*")
    }
    assert found == {
        ".git": None,
        ".git/HEAD": "ref: refs/heads/main\n",
        "code.py": 'print("Hello World!")\n',
        "lib": None,
        "sd": None,
        "sd/placeholder.txt": "SD cards mounted at /sd will hide this file from Python.\n",
        "settings.toml": "",
    }
    assert (outside / "deep" / "canary").read_text() == "alive"


def test_what_cannot_be_removed_is_told_after_the_rest_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The drive has a program all the same."""
    import os

    drive = tmp_path / "drive"
    drive.mkdir()
    for name in ("a", "stuck", "z"):
        (drive / name).write_text("")
    unlink = os.unlink

    def refuse(name: str, *, dir_fd: int) -> None:
        if name == "stuck":
            raise PermissionError(1, "Operation not permitted", name)
        unlink(name, dir_fd=dir_fd)

    monkeypatch.setattr(os, "unlink", refuse)
    with pytest.raises(PermissionError):
        fresh.erase(drive)
    assert sorted(path.name for path in drive.iterdir()) == [
        "code.py",
        "lib",
        "sd",
        "settings.toml",
        "stuck",
    ]
