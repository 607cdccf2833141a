"""The USB drive's service with a slot that does what a host can do at the worst moment."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from cpcompat.supervisor.process.facts import Facts
from cpcompat.supervisor.process.states import State
from cpcompat.workflows.usb import service
from cpcompat.workflows.usb.service import Service

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = [pytest.mark.feature("USB drive"), pytest.mark.simulated]
PATIENCE_S = 20.0


class Slot:
    """A slot in memory; see `cpcompat.workflows.usb.slot.DriveSlot`.

    Attributes:
        last: Done with the medium just before it is forced out.
        mounted: The host does not give the medium back.
        refuses: Raised when a medium is to be put in.
    """

    def __init__(self) -> None:
        self.connected = True
        self.told_by: Path | None = None
        self.medium = ""
        self.writable = False
        self.last: Callable[[str], None] = lambda medium: None
        self.mounted = False
        self.refuses: OSError | None = None
        self.asked = 0

    def put_in(self, medium: Path, *, writable: bool) -> None:
        """See `DriveSlot.put_in`."""
        if self.refuses is not None:
            raise self.refuses
        self.medium, self.writable = str(medium), writable

    def ask_back(self) -> bool:
        """See `DriveSlot.ask_back`."""
        self.asked += 1
        if not self.mounted:
            self.medium = ""
        return not self.mounted

    def force_out(self) -> None:
        """See `DriveSlot.force_out`."""
        self.last(self.medium)
        self.medium = ""


class Cable(Slot):
    """A slot whose controller has a file for its state, as the kernel's has.

    Args:
        folder: Where the file is.
    """

    def __init__(self, folder: Path) -> None:
        self._state = folder / "controller"
        super().__init__()
        self.told_by = self._state

    @property
    def connected(self) -> bool:
        """See `DriveSlot.connected`."""
        return self._state.exists() and self._state.read_text() == "configured\n"

    @connected.setter
    def connected(self, value: bool) -> None:
        self._state.write_text("configured\n" if value else "not attached\n")


class Keeper:
    """The lists of a `DriveKeeper`."""

    def __init__(self) -> None:
        self.changed: list[Callable[[], None]] = []
        self.asked: list[Callable[[], None]] = []
        self.taking_back: list[Callable[[], Any]] = []


class Stages:
    """Has the keeper."""

    def __init__(self) -> None:
        self.drive = Keeper()


class Board:
    """What the service needs of a supervisor."""

    def __init__(self, drive: Path) -> None:
        self.options = self
        self.drive = drive
        self.facts = Facts(True, {})
        self.state = State.CODE
        self.program = None
        self.listeners: list[Callable[[], None]] = []
        self.said: list[str] = []
        self.stages = Stages()
        self.console = self.quiet = self

    def say(self, text: str) -> None:
        """Note what people are told."""
        self.said.append(text)

    @contextlib.contextmanager
    def hold(self) -> Iterator[None]:
        """There is no reload to be held."""
        yield


def is_connected(board: Board) -> bool:
    """Tell what programs are told: whether a host has the board."""
    return bool(cast("Any", board.facts.get("usb_drive"))["connected"])


def writes(medium: str, name: str, data: bytes) -> None:
    """Write a file on a medium, as the host."""
    words = ["mcopy", "-o", "-i", f"{medium}@@512", "-", f"::{name}"]
    subprocess.run(words, input=data, check=True, env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"})


async def until(condition: Callable[[], object]) -> None:
    """Let the service work until something is the case."""
    async with asyncio.timeout(PATIENCE_S):
        while not condition():
            await asyncio.sleep(0.01)


@pytest.fixture
def board(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Board:
    """A board with one file."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    drive = tmp_path / "drive"
    drive.mkdir()
    (drive / "code.py").write_text("print(1)\n")
    return Board(drive)


def lives(board: Board, slot: Slot, then: Callable[[Service], Any]) -> None:
    """Run a service, do what a test wants, and end it."""

    async def live() -> None:
        one = Service(cast("Any", board), slot, 1)
        await one.ready()
        for booted in board.listeners:
            booted()
        try:
            await then(one)
        finally:
            await one.close()

    asyncio.run(live())


def test_what_the_host_writes_while_the_medium_is_forced_out_is_not_lost(board: Board) -> None:
    """The kernel tells of it when nobody looks any more."""
    slot = Slot()
    slot.last = lambda medium: writes(medium, "last.txt", b"last")

    async def then(one: Service) -> None:
        await until(lambda: slot.medium)
        asyncio.get_running_loop().remove_reader(one._seen.fileno())

    lives(board, slot, then)
    assert (board.drive / "last.txt").read_bytes() == b"last"


def test_a_medium_that_cannot_be_put_in_is_told_once_and_tried_again(board: Board) -> None:
    """With what the kernel says."""
    slot = Slot()
    slot.refuses = OSError(errno.EACCES, os.strerror(errno.EACCES))

    async def then(one: Service) -> None:
        await until(lambda: board.said)
        slot.refuses = None
        await until(lambda: slot.medium)

    lives(board, slot, then)
    assert len(board.said) == 1
    assert "Permission denied" in board.said[0]


def test_a_folder_that_is_too_large_for_a_drive_is_told(
    board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is offered, nothing is lost."""
    monkeypatch.setattr("cpcompat.workflows.usb.image.image_bytes", lambda content: None)
    slot = Slot()

    async def then(one: Service) -> None:
        await until(lambda: board.said)

    lives(board, slot, then)
    assert "too large for a USB drive" in board.said[0]
    assert slot.medium == ""


def test_a_mounted_medium_is_asked_for_seldom(
    board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A change here; the host keeps the medium until it lets it go, then it sees the change."""
    monkeypatch.setattr(service, "CALM_S", 0.05)
    slot = Slot()
    slot.mounted = True

    async def then(one: Service) -> None:
        await until(lambda: slot.medium)
        (board.drive / "new.txt").write_text("new")
        for changed in board.stages.drive.changed:
            changed()
        await until(lambda: slot.asked)
        first, asked = slot.medium, slot.asked
        for _ in range(20):
            one._wake()
            await asyncio.sleep(0)
        assert (slot.medium, slot.asked) == (first, asked)
        slot.mounted = False
        one._ask_at = 0.0
        one._wake()
        await until(lambda: slot.medium not in ("", first))

    lives(board, slot, then)


def test_an_image_is_used_again_where_the_folder_has_not_changed(board: Board) -> None:
    """No block of the disk is written at a start like the last one."""
    media = []
    for _ in range(2):
        slot = Slot()

        async def then(one: Service, slot: Slot = slot) -> None:
            await until(lambda: slot.medium)
            media.append((slot.medium, Path(slot.medium).stat().st_mtime_ns))

        lives(board, slot, then)
    assert media[0] == media[1]


def test_a_host_that_comes_and_goes_is_noticed_without_looking(
    board: Board, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who ejects the drive and plugs it in anew at once gets it back, however seldom one looks."""
    monkeypatch.setattr(service, "TICK_S", 3600.0)
    slot = Cable(tmp_path)

    async def then(one: Service) -> None:
        await until(lambda: slot.medium)
        slot.medium = ""  # ejected
        slot.connected = False
        await until(lambda: not is_connected(board))
        assert slot.medium == ""
        slot.connected = True
        await until(lambda: slot.medium)

    lives(board, slot, then)


def test_while_nobody_is_plugged_in_one_does_not_wake(
    board: Board, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kernel tells of a host that comes; only what a connected one does has to be looked at."""
    waits: list[float | None] = []
    wait = Service._wait

    async def noted(self: Service, most_s: float | None) -> None:
        waits.append(most_s)
        await wait(self, most_s)

    monkeypatch.setattr(Service, "_wait", noted)
    slot = Cable(tmp_path)

    async def then(one: Service) -> None:
        await until(lambda: slot.medium)
        await until(lambda: waits[-1:] == [service.TICK_S])
        slot.connected = False
        await until(lambda: waits[-1] is None)

    lives(board, slot, then)


def test_a_controller_that_goes_away_is_looked_for_again(
    board: Board, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when its module is removed: nothing tells of it any more."""
    monkeypatch.setattr(service, "TICK_S", 0.05)
    slot = Cable(tmp_path)

    async def then(one: Service) -> None:
        await until(lambda: slot.medium)
        slot.medium = ""  # ejected
        slot._state.unlink()
        await until(lambda: not is_connected(board))
        slot.connected = True
        await until(lambda: slot.medium)

    lives(board, slot, then)
