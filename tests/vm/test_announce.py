"""The program's writes are announced before they happen."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from cpcompat.vm.announce import Announcer

pytestmark = [pytest.mark.feature("auto-reload"), pytest.mark.simulated]

PROGRAM = """
import json, os, pathlib, sys
from cpcompat.vm import announce
root = pathlib.Path(sys.argv[1])
told = []
def callback(kind, path):
    told.append([kind, path, sorted(p.name for p in root.iterdir())])
    (root / "by_the_callback").touch()
    (root / "by_the_callback").unlink()
os.chdir(root)
announce.install(root, callback)
exec(sys.argv[2])
print(json.dumps(told))
"""


def announced(folder: Path, code: str) -> list[tuple[str, str]]:
    """Run code in a process whose writes are announced; return (kind, path) of each."""
    return [(kind, path) for kind, path, _ in _told(folder, code)]


def _told(folder: Path, code: str) -> list[tuple[str, str, list[str]]]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(folder), code],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert not done.stderr, done.stderr
    return [tuple(row) for row in json.loads(done.stdout)]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("open('log.txt', 'w').close()", [("write", "/log.txt")]),
        ("open('kept.txt', 'a').close()", [("write", "/kept.txt")]),
        ("open('kept.txt', 'r+').close()", [("write", "/kept.txt")]),
        ("open('kept.txt').close()", []),
        ("os.close(os.open('new.txt', os.O_CREAT | os.O_WRONLY))", [("write", "/new.txt")]),
        ("pathlib.Path('p.txt').write_text('x')", [("write", "/p.txt")]),
        ("pathlib.Path('sub').mkdir()", [("mkdir", "/sub")]),
        ("os.rename('kept.txt', 'b.txt')", [("rename", "/kept.txt"), ("rename", "/b.txt")]),
        ("os.replace('kept.txt', 'c.txt')", [("rename", "/kept.txt"), ("rename", "/c.txt")]),
        ("os.remove('kept.txt')", [("remove", "/kept.txt")]),
        ("os.rmdir('empty')", [("rmdir", "/empty")]),
        ("os.truncate('kept.txt', 0)", [("write", "/kept.txt")]),
        ("os.chmod('kept.txt', 0o600)", [("change", "/kept.txt")]),
        ("os.symlink('kept.txt', 'link')", [("write", "/link")]),
        (
            "d = os.open('empty', os.O_PATH)\nos.mkdir('in', dir_fd=d)\nos.rmdir('in', dir_fd=d)",
            [("mkdir", "/empty/in"), ("rmdir", "/empty/in")],
        ),
        (
            "f = os.open('kept.txt', os.O_RDWR)\nos.ftruncate(f, 0)",
            [("write", "/kept.txt"), ("write", "/kept.txt")],
        ),
        (
            "import logging\nlogging.basicConfig(filename='run.log')\nlogging.warning('x')",
            [("write", "/run.log")],
        ),
        (
            "import shutil\nshutil.copyfile('kept.txt', 'copy.txt')",
            [("write", "/copy.txt")],
        ),
        ("import tempfile\ntempfile.TemporaryFile().close()\nopen('/dev/null', 'w').close()", []),
    ],
)
def test_every_way_to_write_is_announced(
    tmp_path: Path, code: str, expected: list[tuple[str, str]]
) -> None:
    """By ``open``, ``os`` and what is built on them; reading and other folders are not."""
    (tmp_path / "kept.txt").touch()
    (tmp_path / "empty").mkdir()
    assert announced(tmp_path, code) == expected


def test_a_database_is_announced_with_the_files_beside_it(tmp_path: Path) -> None:
    """SQLite opens files by itself: its journal comes and goes while the program runs."""
    told = announced(
        tmp_path, "import sqlite3\nsqlite3.connect('d.db')\nsqlite3.connect(':memory:')"
    )
    assert told == [
        (kind, f"/d.db{end}")
        for end in ("", "-journal", "-wal", "-shm")
        for kind in ("write", "remove")
    ]


def test_the_announcement_comes_before_the_write(tmp_path: Path) -> None:
    """At the time of the announcement the file is not there yet."""
    told = _told(tmp_path, "open('a.txt', 'w').close()\nopen('b.txt', 'w').close()")
    assert [names for _, _, names in told] == [[], ["a.txt"]]


def test_a_write_through_a_link_from_elsewhere_is_announced(tmp_path: Path) -> None:
    """The path on the drive is told, whichever way led to it."""
    drive = tmp_path / "drive"
    drive.mkdir()
    (tmp_path / "alias").symlink_to(drive)
    assert announced(drive, f"open('{tmp_path}/alias/x', 'w').close()") == [("write", "/x")]


def test_a_listener_that_has_gone_does_not_stop_the_write(tmp_path: Path) -> None:
    """The supervisor may have died; the data logger goes on."""

    def gone(kind: str, path: str) -> None:
        raise BrokenPipeError

    Announcer(str(tmp_path), gone).tell("write", tmp_path / "x")
