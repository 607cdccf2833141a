"""Which file runs next, and for how long that holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from cpcompat.supervisor.process.next_code import (
    NextCode,
    found,
    from_fact,
    runs_again,
    stays,
    to_fact,
)

pytestmark = [pytest.mark.feature("supervisor"), pytest.mark.simulated]


@pytest.mark.parametrize(
    ("how", "flag"),
    [
        ("done", "sticky_on_success"),
        ("exception", "sticky_on_error"),
        ("interrupt", "sticky_on_error"),
        ("exit", "sticky_on_error"),
        ("died", "sticky_on_error"),
        ("reload", "sticky_on_reload"),
    ],
)
def test_each_ending_asks_for_its_own_sticky_flag(how: str, flag: str) -> None:
    """With only that flag it stays, with all the others it does not."""
    flags = ("sticky_on_success", "sticky_on_error", "sticky_on_reload")
    assert stays(NextCode(**{flag: True}), how)  # type: ignore[arg-type]
    assert not stays(NextCode(**{other: True for other in flags if other != flag}), how)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("how", "success", "error"),
    [("done", True, False), ("exception", False, True), ("exit", False, False)],
)
def test_the_reload_flags_run_the_file_again_at_once(how: str, success: bool, error: bool) -> None:
    """SystemExit goes to the REPL, whatever the flags."""
    assert runs_again(NextCode(reload_on_success=True), how) is success
    assert runs_again(NextCode(reload_on_error=True), how) is error


def test_what_a_program_stores_survives_the_way_there_and_back() -> None:
    """A fact becomes a configuration and the same fact again."""
    wanted = NextCode("other.py", "/sub", True, False, True, False, True)
    assert from_fact(to_fact(wanted)) == wanted
    assert from_fact("nonsense") == NextCode()


def test_a_file_outside_the_drive_is_never_the_next_one(tmp_path: Path) -> None:
    """Neither dots nor a link lead out."""
    drive = tmp_path / "drive"
    drive.mkdir()
    (tmp_path / "evil.py").write_text("")
    (drive / "link.py").symlink_to(tmp_path / "evil.py")
    (drive / "good.py").write_text("")
    assert found(drive, NextCode("/good.py")) == "good.py"
    assert found(drive, NextCode("../evil.py")) is None
    assert found(drive, NextCode("link.py")) is None
