"""A drive whose program has ended costs nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bench import idle

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.feature("cpcompat run"), pytest.mark.simulated]


def test_an_idle_drive_hardly_wakes_and_never_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At most two wake-ups a second of all its processes together, and not a byte on the disk."""
    (tmp_path / "run").mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    drive = tmp_path / "drive"
    drive.mkdir()
    (drive / "code.py").write_text("pass\n")
    wakes, written = idle.measured(drive, 3.0)
    assert wakes <= 2
    assert written == 0
