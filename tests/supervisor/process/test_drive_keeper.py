"""The drive is erased and its label kept while the supervisor does everything else."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from cpcompat.storage.drive import fresh
from cpcompat.supervisor.process import drive_keeper
from cpcompat.supervisor.process.drive_keeper import DriveKeeper

pytestmark = [pytest.mark.feature("storage"), pytest.mark.simulated]
PATIENCE_S = 20


class SlowDisk:
    """A disk that takes its time: each write waits until a test lets it go on.

    Attributes:
        written: What was written, in order.
    """

    def __init__(self) -> None:
        self.written: list[str] = []
        self.go_on = threading.Event()

    def label(self, path: Path, data: bytes) -> None:
        """Write a label."""
        assert self.go_on.wait(PATIENCE_S)
        self.written.append(data.decode())

    def erase(self, drive: Path) -> None:
        """Erase the drive."""
        assert self.go_on.wait(PATIENCE_S)
        self.written.append("erased")


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> SlowDisk:
    """Put a slow disk in the place of the computer's."""
    made = SlowDisk()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr(drive_keeper, "write_durably", made.label)
    monkeypatch.setattr(fresh, "erase", made.erase)
    return made


def keeper(drive: Path) -> tuple[DriveKeeper, dict[str, str], list[str]]:
    """Return a keeper, the facts that it sets, and what it says."""
    facts: dict[str, str] = {}
    said: list[str] = []
    supervisor: Any = SimpleNamespace(
        options=SimpleNamespace(drive=drive),
        facts=SimpleNamespace(set=facts.__setitem__),
        console=SimpleNamespace(say=said.append),
        watch=SimpleNamespace(read=list),
    )
    return DriveKeeper(supervisor), facts, said


def test_a_slow_disk_holds_the_supervisor_up_in_nothing(disk: SlowDisk, tmp_path: Path) -> None:
    """Labels and an erasing are begun at once, and end in their order."""
    kept, facts, _ = keeper(tmp_path)

    async def supervise() -> None:
        kept.keep_label("ONE")
        kept.keep_label("TWO")
        erasing = asyncio.ensure_future(kept.erase())
        for _ in range(100):  # the loop goes round while the disk has not begun
            await asyncio.sleep(0)
        assert disk.written == []
        assert not erasing.done()
        disk.go_on.set()
        await erasing

    asyncio.run(supervise())
    assert disk.written == ["ONE", "TWO", "erased"]
    assert facts["drive_label"] == "CIRCUITPY"


def test_others_give_the_drive_back_before_it_is_erased(disk: SlowDisk, tmp_path: Path) -> None:
    """What they bring last goes with all the rest; the next boot erases nothing."""
    kept, _, _ = keeper(tmp_path)

    async def give_back() -> None:
        disk.written.append("given back")

    kept.taking_back.append(give_back)
    kept.erase_wanted = True
    disk.go_on.set()
    asyncio.run(kept.before_boot())
    assert disk.written == ["given back", "erased"]
    asyncio.run(kept.before_boot())
    assert disk.written == ["given back", "erased", "given back"]


def test_a_drive_that_cannot_be_erased_is_told(
    disk: SlowDisk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the console, with the reason; the boot goes on."""

    def refuse(drive: Path) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(fresh, "erase", refuse)
    kept, _, said = keeper(tmp_path)
    asyncio.run(kept.erase())
    assert "Read-only file system" in said[0]


def test_a_label_that_cannot_be_kept_is_logged(
    disk: SlowDisk,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """And nothing else happens; what comes after it is done."""

    def refuse(path: Path, data: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(drive_keeper, "write_durably", refuse)
    disk.go_on.set()
    kept, _, said = keeper(tmp_path)
    kept.keep_label("ONE")
    asyncio.run(kept.erase())
    assert "No space left on device" in caplog.text
    assert said == []
    assert disk.written == ["erased"]


def test_what_an_erasing_changes_is_nothing_to_reload_for(disk: SlowDisk, tmp_path: Path) -> None:
    """All that was seen of it is forgotten, however many pieces it comes in."""
    seen: list[list[str]] = [["code.py"], ["lib"], []]
    kept, _, _ = keeper(tmp_path)
    cast("Any", kept._up).watch.read = lambda: seen.pop(0)
    disk.go_on.set()
    asyncio.run(kept.erase())
    assert seen == []
