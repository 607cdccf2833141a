"""No path leads out of the drive."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cpcompat.vm.root import Root, walking_opener

pytestmark = [pytest.mark.feature("drive world"), pytest.mark.simulated]

STEPS = st.sampled_from(["..", ".", "", "in", "up", "abs", "canary", "loop", "drive", "a.txt"])
PATHS = st.tuples(st.sampled_from(["", "/", "//"]), st.lists(STEPS, max_size=8)).map(
    lambda parts: parts[0] + "/".join(parts[1])
)


@pytest.mark.parametrize("walking", [False, True])
@settings(max_examples=150, deadline=None)
@given(path=PATHS)
def test_no_path_and_no_link_reaches_a_file_outside(path: str, walking: bool) -> None:
    """By the kernel's way and by our own walk: what opens is on the drive."""
    with TemporaryDirectory() as name:
        outside = Path(name).resolve()
        (outside / "canary").write_text("outside")
        drive = outside / "drive"
        (drive / "in").mkdir(parents=True)
        (drive / "a.txt").touch()
        (drive / "up").symlink_to("../..")
        (drive / "abs").symlink_to(outside)
        (drive / "in" / "canary").symlink_to(outside / "canary")
        (drive / "loop").symlink_to("loop")
        root = Root(drive, walking_opener if walking else None)
        try:
            descriptor = root.open(path)
        except OSError:
            return
        finally:
            root.close()
        place = os.readlink(f"/proc/self/fd/{descriptor}")  # noqa: PTH115
        os.close(descriptor)
        assert f"{place}/".startswith(f"{drive}/")
