"""``cpcompat safe-pins``: the last resort, from outside."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from cpcompat.backends.linux import gpio_uapi as uapi
from cpcompat.backends.linux import ledger
from cpcompat.backends.linux.nodes import DirectNodes
from cpcompat.board.detect import definition
from cpcompat.storage.drive.place import DriveLock, run_folder
from tests.running import COMMAND

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.shim.world import World

pytestmark = [pytest.mark.feature("hardware broker"), pytest.mark.shim]

BOARD = definition("raspberry_pi_4b")


@pytest.fixture
def drive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a drive whose folder for running is apart from everybody's."""
    runtime = tmp_path / "run"
    runtime.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    return tmp_path / "drive"


@pytest.fixture
def left(world: World, drive: Path) -> Iterator[list[int]]:
    """Leave lines 17 and 18 driven, as a broker that was killed; return descriptors that hold them."""
    descriptor = os.open(run_folder(drive) / ledger.NAME, os.O_RDWR | os.O_CREAT, 0o600)
    book = ledger.Ledger(descriptor, BOARD.id, str(drive), {18: "low"})
    book.begin((18,), frozenset())
    nodes = DirectNodes(BOARD)
    held = []
    for offset in (17, 18):
        book.claim((offset,))
        asked = uapi.request([offset], [uapi.Setting(uapi.OUTPUT, True)], "cpcompat 1")
        held.append(nodes.lines(asked))
    nodes.close()
    os.close(descriptor)
    yield held
    for copy in held:
        os.close(copy)


def safe_pins(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command."""
    return subprocess.run(
        [str(COMMAND), "safe-pins", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


def test_lines_of_the_dead_are_brought_into_their_states_and_named(
    world: World, drive: Path, left: list[int]
) -> None:
    """Once: the ledger is empty then."""
    while left:
        os.close(left.pop())
    assert world.driven() == ["GPIO17", "GPIO18"]
    done = safe_pins()
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == ["GPIO18: low", "GPIO17: input"]
    assert world.driven() == ["GPIO18"]
    assert not world.level(18)
    assert safe_pins(str(drive)).stdout == ""


def test_a_line_that_somebody_holds_is_named_with_its_holder(
    world: World, drive: Path, left: list[int]
) -> None:
    """It cannot be made safe until that has ended; the rest is, and the ledger keeps it."""
    os.close(left.pop(0))
    done = safe_pins(str(drive))
    assert done.returncode == 1
    assert "GPIO18 is held by 'cpcompat 1'" in done.stderr
    assert world.driven() == ["GPIO18"]
    os.close(left.pop())
    assert safe_pins(str(drive)).returncode == 0
    assert not world.level(18)


def test_lines_of_a_living_supervisor_are_left_alone(
    world: World, drive: Path, left: list[int]
) -> None:
    """They are its programs'."""
    lock = DriveLock(drive)
    done = safe_pins()
    assert done.returncode == 0
    assert f"is run by process {os.getpid()}" in done.stderr
    assert world.driven() == ["GPIO17", "GPIO18"]
    lock.close()


def test_where_nothing_ran_there_is_nothing_to_do(world: World, drive: Path) -> None:
    """For a service that stops before it ran a program."""
    done = safe_pins()
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
