"""What is read of the computer that this runs on."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cpcompat.backends.linux import facts, line_names

pytestmark = [pytest.mark.feature("doctor"), pytest.mark.simulated]


def test_this_computer_can_be_read_whatever_it_is() -> None:
    """Nothing needs to be there."""
    read = facts.read(facts.ThisComputer())
    assert read.kernel == os.uname().release
    assert read.user
    assert len(read.groups) >= 1


def test_a_node_tells_whose_it_is_and_for_whom(tmp_path: Path) -> None:
    """By its permission bits."""
    path = tmp_path / "export"
    path.touch()
    path.chmod(0o620)
    node = facts.ThisComputer().node(str(path))
    assert node is not None
    assert node.group == path.group()
    assert node.for_group
    assert node.usable
    path.chmod(0o600)
    node = facts.ThisComputer().node(str(path))
    assert node is not None
    assert not node.for_group
    assert facts.ThisComputer().node(str(tmp_path / "none")) is None


def test_a_node_that_is_no_chip_is_said_to_refuse(tmp_path: Path) -> None:
    """The error's name, and no exception."""
    (tmp_path / "gpiochip0").touch()
    (tmp_path / "gpiochip4").symlink_to("gpiochip0")
    (found,) = line_names.chips(str(tmp_path))
    assert found == line_names.Chip(f"{tmp_path}/gpiochip0", "", (), "ENOTTY")
    assert line_names.chips(str(tmp_path / "none")) == []
