"""An idle bus is taken at the first try, whoever else has it open."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from cpcompat.backends.linux import bus_lock
from cpcompat.backends.linux.bus_lock import BusLock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OTHER = """\
import sys
from cpcompat.backends.linux import bus_lock
bus_lock._SHARED_FOLDER = sys.argv[1]
lock = bus_lock.BusLock("spi-0")
if sys.argv[2] == "using":
    assert lock.take()
print("ready", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let the locks lie in a folder of the test's own."""
    monkeypatch.setattr(bus_lock, "_SHARED_FOLDER", str(tmp_path))
    return tmp_path


@contextmanager
def running(folder: Path, how: str) -> Iterator[subprocess.Popen[str]]:
    """Run another process that has the bus open, idle or in use."""
    pipe = subprocess.PIPE
    with subprocess.Popen(command(folder, how), stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process
        process.kill()


def command(folder: Path, how: str) -> list[str]:
    """Return what starts the other process."""
    return [sys.executable, "-P", "-c", OTHER, str(folder), how]


@pytest.fixture
def other(folder: Path, request: pytest.FixtureRequest) -> Iterator[subprocess.Popen[str]]:
    """Run another process, idle or using the bus."""
    with running(folder, request.param) as process:
        yield process


@pytest.mark.parametrize("other", ["idle"], indirect=True)
def test_a_bus_that_another_process_has_open_but_does_not_use_is_taken_at_the_first_try(
    other: subprocess.Popen[str],
) -> None:
    """Programs that call try_lock() once and go on are right to."""
    lock = BusLock("spi-0")
    try:
        assert lock.take()
    finally:
        lock.close()
    assert other.poll() is None


@pytest.mark.parametrize("other", ["using"], indirect=True)
def test_a_bus_in_use_is_refused_until_its_user_is_dead(other: subprocess.Popen[str]) -> None:
    """A killed process has given it back."""
    lock = BusLock("spi-0")
    try:
        assert not lock.take()
        other.kill()
        other.wait()
        assert lock.take()
    finally:
        lock.close()


def test_a_bus_that_is_kept_for_ever_can_still_be_opened(folder: Path) -> None:
    """A program may take the lock when it starts and never give it back: others come and ask in vain."""
    first = BusLock("spi-0")  # so that the keeper is not alone, and asks the kernel for it
    with running(folder, "using"):
        third = subprocess.run(
            command(folder, "idle"),
            input="",
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
    first.close()
    assert third.stdout == "ready\n", third.stderr


def test_a_dead_users_process_id_that_somebody_else_has_now_keeps_no_bus(folder: Path) -> None:
    """What a process left behind when it died with the bus in its hands is not believed."""
    BusLock("spi-0").close()
    path = folder / "cpcompat" / "spi-0"
    page = bytearray(path.read_bytes())
    page[20:24] = os.getppid().to_bytes(4, sys.byteorder)
    page[bus_lock._BUSY] = 1
    path.write_bytes(page)
    lock = BusLock("spi-0")
    try:
        assert lock.take()
        assert not lock._page[bus_lock._SHARED]
    finally:
        lock.close()
