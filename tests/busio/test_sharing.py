"""Two processes on one bus: the lock holds between them, and ends with its holder."""

from __future__ import annotations

import mmap
import os
import signal
import time
from collections.abc import Iterator

import pytest

from cpcompat import board, busio, hal
from cpcompat.backends.linux.backend import LinuxBackend
from cpcompat.backends.linux.nodes import DirectNodes
from cpcompat.board.detect import definition
from tests.shim.world import World

pytestmark = [pytest.mark.feature("busio"), pytest.mark.shim]

BOARD = definition("raspberry_pi_4b")


@pytest.fixture
def machine(world: World) -> Iterator[World]:
    """A Raspberry Pi with its buses on, as this process's machine."""
    world.add_header()
    hal.set_machine(hal.Machine(BOARD, LinuxBackend(BOARD, DirectNodes(BOARD))))
    yield world
    hal.set_machine(None)


def bus(kind: str) -> busio.I2C | busio.SPI:
    """Open a bus."""
    if kind == "i2c":
        return busio.I2C(board.SCL, board.SDA)
    return busio.SPI(board.SCLK, board.MOSI, board.MISO)


@pytest.mark.parametrize("kind", ["i2c", "spi"])
def test_a_lock_that_another_process_holds_cannot_be_had_until_that_dies(
    machine: World, kind: str
) -> None:
    """SIGKILL gives it back."""
    ready, said = os.pipe()
    pid = os.fork()
    if pid == 0:
        hal.set_machine(hal.Machine(BOARD, LinuxBackend(BOARD, DirectNodes(BOARD))))
        theirs = bus(kind)
        takes(theirs)
        os.write(said, b"1")
        signal.pause()
    try:
        assert os.read(ready, 1) == b"1"
        ours = bus(kind)  # second: the other one was alone, and holds the lock so
        assert not ours.try_lock()
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    takes(ours)
    ours.unlock()
    assert ours.try_lock()
    ours.deinit()


def takes(ours: busio.I2C | busio.SPI) -> None:
    """Try until the lock is had, as programs do."""
    end_s = time.monotonic() + 10
    while not ours.try_lock():
        assert time.monotonic() < end_s


def test_two_processes_never_hold_the_lock_at_once(machine: World) -> None:
    """Whoever was alone first, and whoever comes while the bus is busy: no step of either is lost."""
    count = memoryview(mmap.mmap(-1, 4096)).cast("q")
    steps = 20_000  # for long enough that they meet on one processor, too

    def step(bus: busio.I2C | busio.SPI) -> None:
        takes(bus)
        seen = count[0]
        for _ in range(200):  # long enough for the other one to come in between
            pass
        count[0] = seen + 1
        bus.unlock()

    ours = bus("i2c")
    for _ in range(100):
        step(ours)
    pid = os.fork()
    if pid == 0:
        hal.set_machine(hal.Machine(BOARD, LinuxBackend(BOARD, DirectNodes(BOARD))))
        theirs = bus("i2c")
        for _ in range(steps):
            step(theirs)
        os._exit(0)
    beside = 0
    while (ended := os.waitpid(pid, os.WNOHANG)) == (0, 0):
        step(ours)
        beside += 1
    assert ended[1] == 0
    ours.deinit()
    assert count[0] == 100 + steps + beside
