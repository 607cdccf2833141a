"""What may be a drive, and who may supervise it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cpcompat import durable
from cpcompat.errors import DriveError
from cpcompat.storage.drive import place

pytestmark = [pytest.mark.feature("drive"), pytest.mark.simulated]


@pytest.fixture(autouse=True)
def runtime_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep this test's sockets and locks to itself."""
    folder = tmp_path / "runtime"
    folder.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))


@pytest.fixture
def drive(tmp_path: Path) -> Path:
    """A drive with a program."""
    folder = tmp_path / "drive"
    folder.mkdir()
    (folder / "code.py").write_text("")
    return folder


def test_the_root_and_a_home_folder_are_refused(
    monkeypatch: pytest.MonkeyPatch, drive: Path
) -> None:
    """A program that erases its drive must never erase those."""
    monkeypatch.setenv("HOME", str(drive))
    for folder in ("/", str(drive)):
        with pytest.raises(DriveError, match="cannot be a drive"):
            place.checked(folder)


def test_a_link_to_a_home_folder_is_refused_too(
    monkeypatch: pytest.MonkeyPatch, drive: Path, tmp_path: Path
) -> None:
    """It is the folder that counts, not its name."""
    monkeypatch.setenv("HOME", str(drive))
    (tmp_path / "link").symlink_to(drive)
    with pytest.raises(DriveError, match="home folder"):
        place.checked(tmp_path / "link")


def test_a_folder_with_nothing_of_a_drive_is_refused(tmp_path: Path) -> None:
    """The message tells how to make one."""
    with pytest.raises(DriveError) as caught:
        place.checked(tmp_path)
    assert "cpcompat new" in caught.value.__notes__[0]


@pytest.mark.parametrize("name", ["code.py", "main.txt", "boot.py", "settings.toml"])
def test_any_file_of_a_drive_makes_one(tmp_path: Path, name: str) -> None:
    """Code, boot or settings: one is enough."""
    (tmp_path / name).write_text("")
    assert place.checked(tmp_path) == tmp_path.resolve()


def test_a_drive_has_one_supervisor_at_a_time(drive: Path) -> None:
    """The second one is told who the first one is; a dead one holds nothing."""
    program = (
        "import sys; from pathlib import Path; from cpcompat.storage.drive.place import DriveLock;"
        "lock = DriveLock(Path(sys.argv[1])); print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(drive)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(DriveError, match=str(other.pid)):
            place.DriveLock(drive)
        other.kill()
        other.wait()
    place.DriveLock(drive).close()


def test_a_runtime_folder_of_somebody_else_is_refused(
    drive: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Sockets never lie where others can write."""
    open_to_all = tmp_path / "open"
    (open_to_all / "cpcompat").mkdir(parents=True)
    (open_to_all / "cpcompat").chmod(0o777)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(open_to_all))
    with pytest.raises(DriveError, match="not private"):
        place.run_folder(drive)


def test_a_durable_write_replaces_the_file_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    """The folder holds the new file only."""
    path = tmp_path / "boot_out.txt"
    path.write_bytes(b"old")
    durable.write_durably(path, b"new")
    assert path.read_bytes() == b"new"
    assert {entry.name for entry in tmp_path.iterdir()} == {"boot_out.txt", "runtime"}


def test_a_durable_write_that_fails_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk costs the new content, never the old."""
    path = tmp_path / "boot_out.txt"
    path.write_bytes(b"old")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        durable.write_durably(path, b"new")
    assert path.read_bytes() == b"old"
    assert {entry.name for entry in tmp_path.iterdir()} == {"boot_out.txt", "runtime"}
