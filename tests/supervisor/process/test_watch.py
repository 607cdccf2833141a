"""Seeing the changes of a drive."""

from __future__ import annotations

import select
from pathlib import Path

import pytest

from cpcompat.supervisor.process.watch import Watch

pytestmark = [pytest.mark.feature("auto-reload"), pytest.mark.simulated]


def changed(watch: Watch) -> set[tuple[str, str]]:
    """Wait for the kernel to tell, and return all that it tells."""
    found: set[tuple[str, str]] = set()
    while select.select([watch], [], [], 0 if found else 5)[0]:
        found |= {(change.kind, change.path) for change in watch.read()}
    return found


def test_a_write_in_any_folder_is_seen(tmp_path: Path) -> None:
    """Folders that were there are watched."""
    (tmp_path / "lib" / "pkg").mkdir(parents=True)
    watch = Watch(tmp_path)
    (tmp_path / "lib" / "pkg" / "x.py").write_text("1")
    assert ("write", "lib/pkg/x.py") in changed(watch)
    watch.close()


def test_files_of_a_folder_that_comes_in_whole_are_seen(tmp_path: Path) -> None:
    """A folder that is moved in brings its files, and later writes in it are seen."""
    drive, outside = tmp_path / "drive", tmp_path / "new"
    drive.mkdir()
    (outside / "deep").mkdir(parents=True)
    (outside / "deep" / "a.py").write_text("1")
    watch = Watch(drive)
    outside.rename(drive / "new")
    assert ("move", "new/deep/a.py") in changed(watch)
    (drive / "new" / "deep" / "b.py").write_text("2")
    assert ("write", "new/deep/b.py") in changed(watch)
    watch.close()


def test_saving_by_rename_and_removing_are_seen(tmp_path: Path) -> None:
    """Editors that write beside and rename are seen by the file's own name."""
    (tmp_path / "code.py").write_text("1")
    watch = Watch(tmp_path)
    (tmp_path / ".code.py.new").write_text("2")
    (tmp_path / ".code.py.new").rename(tmp_path / "code.py")
    assert ("move", "code.py") in changed(watch)
    (tmp_path / "code.py").unlink()
    assert ("remove", "code.py") in changed(watch)
    watch.close()


def test_reading_a_file_is_no_change(tmp_path: Path) -> None:
    """Opening and reading tells nothing; the write after it is the first news."""
    (tmp_path / "code.py").write_text("1")
    watch = Watch(tmp_path)
    (tmp_path / "code.py").read_text()
    (tmp_path / "other.py").touch()
    assert {path for _, path in changed(watch)} == {"other.py"}
    watch.close()
