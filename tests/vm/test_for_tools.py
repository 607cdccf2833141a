"""What tools find in the raw REPL besides a board's names."""

from __future__ import annotations

from pathlib import Path

import pytest

from cpcompat.hal.clock import RealClock
from cpcompat.vm import for_tools
from cpcompat.vm.drive_world import DriveWorld

pytestmark = [pytest.mark.feature("tools"), pytest.mark.simulated]


def test_folders_are_listed_with_kind_and_size_and_without_the_repository(tmp_path: Path) -> None:
    """As MicroPython does; what leads nowhere is left out."""
    (tmp_path / "a.txt").write_text("12345")
    (tmp_path / "lib").mkdir()
    (tmp_path / ".git").mkdir()
    (tmp_path / "nowhere").symlink_to("/nowhere")
    world = DriveWorld(tmp_path, RealClock())
    assert not hasattr(world.modules["os"], "ilistdir")
    for_tools.offer(world)
    drive_os = world.modules["os"]
    for folder in ("", "/"):
        assert sorted(drive_os.ilistdir(folder)) == [
            ("a.txt", 0x8000, 0, 5),
            ("lib", 0x4000, 0, 0),
        ]
    assert ".git" not in drive_os.listdir()
    assert drive_os.stat("")[0] == 0x4000
