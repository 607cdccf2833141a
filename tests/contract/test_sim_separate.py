"""The circuit's own process, reached as a supervised program reaches it, keeps every contract.

On virtual time, and on the host's.
"""

from __future__ import annotations

import gc
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cpcompat import board, busio, hal
from cpcompat.backends.sim import remote
from cpcompat.backends.sim.looking import ask
from cpcompat.hal.gpio import Direction, Drive, Pull
from tests.contract.analog import AnalogContract
from tests.contract.edges import EdgesContract
from tests.contract.gpio import GpioContract
from tests.contract.i2c import I2cContract
from tests.contract.line_group import LineGroupContract
from tests.contract.pixels import PixelsContract
from tests.contract.pwm import PwmContract
from tests.contract.rig import Rig
from tests.contract.spi import SpiContract
from tests.contract.test_sim_process import World
from tests.contract.uart import UartContract

pytestmark = [pytest.mark.feature("sim board"), pytest.mark.simulated]


class SeparateRig(Rig):
    """A circuit in a process of its own, and a program's connection to it."""

    def __init__(self, world: World) -> None:
        self._socket = world.socket
        self.board = world.board
        self.backend = world.program()

    def drive(self, pin: str, level: bool | None) -> None:
        """See `Rig.drive`."""
        ask(self._socket, "drive", pin, level)

    def _pin(self, pin: str) -> dict[str, Any]:
        shown: dict[str, Any] = ask(self._socket, "show")["pins"][self.pin(pin).label]
        return shown

    def level(self, pin: str) -> bool:
        """See `Rig.level`."""
        return bool(self._pin(pin)["level"])

    def set_volts(self, pin: str, volts: float) -> None:
        """See `Rig.set_volts`."""
        ask(self._socket, "volts", pin, volts)

    def dac(self, pin: str) -> int | None:
        """See `Rig.dac`."""
        made: int | None = self._pin(pin)["dac"]
        return made

    def pwm(self, pin: str) -> tuple[int, int] | None:
        """See `Rig.pwm`."""
        pulses = self._pin(pin)["pwm"]
        return None if pulses is None else tuple(pulses)

    def pixels(self) -> bytes:
        """See `Rig.pixels`."""
        shown = ask(self._socket, "show")["parts"]["Pixels"]["channels"]["seen"]["value"]
        return bytes.fromhex(shown)


@pytest.fixture(params=[True, False], ids=["virtual time", "real time"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """A circuit's process and its broker."""
    made = World(tmp_path, virtual=request.param)
    yield made
    made.close()


@pytest.fixture
def rig(world: World) -> Iterator[Rig]:
    """Return a new circuit behind its process."""
    made = SeparateRig(world)
    yield made
    made.backend.close()


class TestGpio(GpioContract):
    """GPIO of the separate process."""


class TestLineGroup(LineGroupContract):
    """Lines together, of the separate process."""


class TestEdges(EdgesContract):
    """Edges of the separate process."""


class TestI2c(I2cContract):
    """I2C of the separate process."""


class TestSpi(SpiContract):
    """SPI of the separate process."""


class TestUart(UartContract):
    """UART of the separate process."""


class TestPwm(PwmContract):
    """PWM of the separate process."""


class TestAnalog(AnalogContract):
    """Analog of the separate process."""


def test_a_level_that_the_world_changed_is_seen_at_once(rig: Rig) -> None:
    """By a program that reads the page, without asking."""
    line = rig.backend.line(rig.pin("D4"))
    line.configure(Direction.INPUT, Pull.UP, Drive.PUSH_PULL, False)
    for level in (False, True) * 50:
        rig.drive("D4", level)
        assert line.read() is level


def test_a_posted_level_is_seen_by_whatever_comes_after_it(rig: Rig) -> None:
    """By a read of another pin on its net, each time."""
    here, there = rig.backend.line(rig.pin("D20")), rig.backend.line(rig.pin("D21"))
    here.configure(Direction.OUTPUT, Pull.NONE, Drive.PUSH_PULL, False)
    there.configure(Direction.INPUT, Pull.NONE, Drive.PUSH_PULL, False)
    for level in (True, False) * 500:
        here.write(level)
        assert there.read() is level


def test_a_posted_chip_select_comes_before_the_transfer_after_it(rig: Rig) -> None:
    """A part that is not selected says nothing."""
    bus = rig.backend.spi(rig.board.spi[0])
    bus.configure(1_000_000, 0, 8)
    select = rig.backend.line(rig.pin("D5"))
    select.configure(Direction.OUTPUT, Pull.NONE, Drive.PUSH_PULL, True)
    for _ in range(200):
        answer = bytearray(1)
        select.write(False)
        bus.transfer(b"\x0f", answer, 0)
        select.write(True)
        assert answer == b"\xf0"
        bus.transfer(b"\x0f", answer, 0)
        assert answer != b"\xf0"


def test_a_level_that_an_event_will_change_is_not_believed_after_it(tmp_path: Path) -> None:
    """The page says when the next event is due; from then on the circuit is asked.

    The circuit is held up here, so that it cannot write the new level in time.
    """
    circuit = tmp_path / "sim.toml"
    circuit.write_text('[[input]]\npin = "D4"\nevents = [[0, 0], [500000000, 1]]\n')
    made = World(tmp_path, circuit=circuit)
    backend = made.program()
    line = backend.line(made.board.names["D4"])
    line.configure(Direction.INPUT, Pull.NONE, Drive.PUSH_PULL, False)
    os.kill(made.pids[0], signal.SIGSTOP)
    goes_on = threading.Timer(0.2, os.kill, (made.pids[0], signal.SIGCONT))
    try:
        assert line.read() is False
        assert backend.clock.now_ns() < 500_000_000
        backend.clock.sleep_ns(510_000_000 - backend.clock.now_ns())
        goes_on.start()
        assert line.read() is True
    finally:
        os.kill(made.pids[0], signal.SIGCONT)
        goes_on.cancel()
    backend.close()
    made.close()


def test_garbage_that_is_found_amid_a_request_is_closed_after_it(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On the same thread, over the same connection: the pin is free, and nobody waits for ever."""
    line = rig.backend.line(rig.pin("D4"))
    line.configure(Direction.OUTPUT, Pull.NONE, Drive.PUSH_PULL, True)
    read = os.read

    class Dropped:
        def __init__(self) -> None:
            self.itself = self

        def __del__(self) -> None:
            line.close()

    def collecting(descriptor: int, size: int) -> bytes:
        gc.collect()
        return read(descriptor, size)

    gc.disable()
    try:
        Dropped()
        monkeypatch.setattr(os, "read", collecting)
        other = rig.backend.line(rig.pin("D20"))
        other.configure(Direction.INPUT, Pull.UP, Drive.PUSH_PULL, False)
        assert other.read() is True
    finally:
        monkeypatch.undo()
        gc.enable()
    rig.drive("D4", False)
    assert rig.level("D4") is False


def test_an_exception_in_the_middle_of_a_request_mixes_up_no_answers(rig: Rig) -> None:
    """Ctrl-C comes at any time; whoever goes on must get answers to what it asks."""

    class Enough(Exception):
        pass

    def interrupt(number: int, frame: object) -> None:
        raise Enough

    assert isinstance(rig.backend, remote.RemoteBackend)
    bus = rig.backend.i2c(rig.board.i2c[0], 100_000)
    for register in range(64):
        bus.transfer(0x50, bytes((register, register)), None)
    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        for n in range(60):
            signal.setitimer(signal.ITIMER_REAL, 0.0005 + n * 0.00002)
            read = bytearray(1)
            try:
                while True:
                    for register in range(64):
                        bus.transfer(0x50, bytes((register,)), read)
                        assert read[0] == register
            except Enough:
                pass
            bus.transfer(0x50, b"\x2a", read)
            assert read[0] == 0x2A
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_two_threads_on_one_connection_never_mix(rig: Rig) -> None:
    """Through the bus's lock, and each gets its own bytes."""
    hal.set_machine(hal.Machine(rig.board, rig.backend))
    bus = busio.I2C(board.SCL, board.SDA)
    wrong: list[object] = []

    def use(first: int) -> None:
        for n in range(200):
            while not bus.try_lock():
                os.sched_yield()
            try:
                register, value = first + n % 16, (first + n) & 0xFF
                bus.writeto(0x50, bytes((register, value)))
                read = bytearray(1)
                bus.writeto_then_readfrom(0x50, bytes((register,)), read)
                if read[0] != value:
                    wrong.append((register, value, read[0]))
            finally:
                bus.unlock()

    threads = [threading.Thread(target=use, args=(first,)) for first in (0, 100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    bus.deinit()
    hal.set_machine(None)
    assert not wrong


class TestPixels(PixelsContract):
    """Pixels."""
