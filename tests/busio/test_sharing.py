"""Two processes on one bus: the lock holds between them, and ends with its holder."""

from __future__ import annotations

import os
import signal
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
        os.write(said, b"1" if theirs.try_lock() else b"0")
        signal.pause()
    ours = bus(kind)
    try:
        assert os.read(ready, 1) == b"1"
        assert not ours.try_lock()
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    assert ours.try_lock()
    ours.unlock()
    assert ours.try_lock()
    ours.deinit()
