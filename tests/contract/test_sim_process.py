"""The circuit in a process of its own keeps the same contracts, and outlives its programs."""

from __future__ import annotations

import multiprocessing
import os
import select
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cpcompat.backends.sim import circuit_broker, page, process, remote
from cpcompat.backends.sim import wire_format as wire
from cpcompat.backends.sim.backend import SimBackend
from cpcompat.backends.sim.circuit import Circuit
from cpcompat.backends.sim.circuit_broker import SimBroker
from cpcompat.backends.sim.circuit_file import load
from cpcompat.backends.sim.clock import VirtualClock
from cpcompat.backends.sim.connection import Connection
from cpcompat.backends.sim.looking import ask
from cpcompat.backends.sim.serving import Program
from cpcompat.board.detect import definition
from cpcompat.errors import CpcompatError
from cpcompat.hal.errors import Fault, HalError
from cpcompat.hal.gpio import Direction, Drive, Pull
from tests.contract.analog import AnalogContract
from tests.contract.edges import EdgesContract
from tests.contract.gpio import GpioContract
from tests.contract.i2c import I2cContract
from tests.contract.line_group import LineGroupContract
from tests.contract.pixels import PixelsContract
from tests.contract.pwm import PwmContract
from tests.contract.rig import CIRCUIT, Rig
from tests.contract.spi import SpiContract
from tests.contract.test_sim import CircuitRig
from tests.contract.uart import UartContract

pytestmark = [pytest.mark.feature("sim board"), pytest.mark.simulated]


class ServedRig(CircuitRig):
    """The same circuit, but the program reaches it by messages, answered as the process does."""

    def __init__(self) -> None:
        super().__init__()
        asked, asks = os.pipe2(os.O_DIRECT)
        answers, answered = os.pipe2(os.O_DIRECT)
        shared = page.make()
        mirror = page.Mirror(self.circuit, shared)
        self.circuit.reflect(mirror)
        served = Program(SimBackend(self.circuit), asked, answered, mirror)
        connection = Connection([asks, answers, shared], self.circuit.board)
        self._close: list[Callable[[], None]] = [
            connection.close,
            lambda: os.close(asked),
            lambda: os.close(answered),
        ]
        receive = connection._receive
        ready = select.poll()
        ready.register(answers, select.POLLIN)

        def serve_and_receive() -> bytes:
            # One thread: the answer is made when the program begins to wait for it.
            while not ready.poll(0):
                served.serve_one()
            return receive()

        connection._receive = serve_and_receive
        post = connection.post

        def post_and_serve(port: int, data: bytes) -> None:
            post(port, data)
            served.serve_one()

        connection.post = post_and_serve  # type: ignore[method-assign]
        self.backend = remote.RemoteBackend(connection, None)

    def close(self) -> None:
        """Let the pipes go."""
        for close in self._close:
            close()


@pytest.fixture
def rig() -> Iterator[Rig]:
    """Return a new circuit behind messages."""
    made = ServedRig()
    yield made
    made.close()


class TestPixels(PixelsContract):
    """Pixels by messages."""


class TestGpio(GpioContract):
    """GPIO by messages."""


class TestLineGroup(LineGroupContract):
    """Lines together, by messages."""


class TestEdges(EdgesContract):
    """Edges by messages."""


class TestI2c(I2cContract):
    """I2C by messages."""


class TestSpi(SpiContract):
    """SPI by messages."""


class TestUart(UartContract):
    """UART by messages."""


class TestPwm(PwmContract):
    """PWM by messages."""


class TestAnalog(AnalogContract):
    """Analog by messages."""


def launch(module: str, arguments: dict[str, object], descriptors: list[int]) -> int:
    """Fork the circuit's process, as the zygote does."""
    assert module == process.__name__
    pid = os.fork()
    if pid == 0:
        # Another end of a control connection in here would keep the circuit alive for ever.
        for descriptor in set(range(3, 1024)) - set(descriptors):
            os.closerange(descriptor, descriptor + 1)
        process.main(arguments, descriptors)
        os._exit(0)
    return pid


class World:
    """A broker with a circuit's process, as a supervisor has them."""

    def __init__(self, folder: Path, virtual: bool = False, circuit: Path = CIRCUIT) -> None:
        self.socket = folder / "circuit"
        self.board = definition("sim")
        self.pids: list[int] = []
        options: dict[str, object] = {
            "circuit": str(circuit),
            "trace": None,
            "screen": None,
            "virtual": virtual,
            "socket": str(self.socket),
            "drive": str(folder),
        }
        self.broker: SimBroker = circuit_broker.broker(self.board, options, self._launch)

    def _launch(self, module: str, arguments: dict[str, object], descriptors: list[int]) -> int:
        self.pids.append(launch(module, arguments, descriptors))
        return self.pids[-1]

    def program(self) -> remote.RemoteBackend:
        """Connect a program."""
        return remote.attach(self.board, *self.broker.grant())

    def close(self) -> None:
        """End the circuit."""
        self.broker.close()
        for pid in self.pids:
            os.waitpid(pid, 0)

    def shown(self, pin: str) -> tuple[bool, bool]:
        """Return whether a pin is driven by the board, and its level."""
        row = ask(self.socket, "show")["pins"][pin]
        return row["mode"] != 0, row["level"]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A circuit's process and its broker."""
    made = World(tmp_path)
    yield made
    made.close()


def drive_high(backend: remote.RemoteBackend, board: object, name: str) -> None:
    """Drive a pin high and leave it so."""
    line = backend.line(board.pins[name])  # type: ignore[attr-defined]
    line.configure(Direction.OUTPUT, Pull.NONE, Drive.PUSH_PULL, True)


def test_levels_outlive_a_killed_program_until_the_broker_makes_them_safe(world: World) -> None:
    """As on a Raspberry Pi: death leaves the pin driven, safe() lets it go."""
    ready, said = multiprocessing.Pipe()
    pid = os.fork()
    if pid == 0:
        drive_high(world.program(), world.board, "GPIO5")
        said.send_bytes(b"driven")
        os.kill(os.getpid(), 9)
    assert ready.recv_bytes() == b"driven"
    os.waitpid(pid, 0)
    assert world.shown("D5") == (True, True)
    world.broker.safe()
    assert world.shown("D5")[0] is False


def test_another_process_can_make_the_lines_safe(world: World) -> None:
    """What the zygote keeps works without the broker."""
    spare = world.broker.spare()
    drive_high(world.program(), world.board, "GPIO5")
    circuit_broker.safe_from(spare)
    assert world.shown("D5")[0] is False


def test_a_circuit_whose_process_died_is_told_as_gone_and_built_anew(world: World) -> None:
    """The program gets a fault with a cure, the next one a new circuit."""
    backend = world.program()
    os.kill(world.pids[0], 9)
    os.waitpid(world.pids.pop(0), 0)
    with pytest.raises(HalError) as caught:
        backend.cpu_temperature_c()
    assert caught.value.fault is Fault.GONE
    assert caught.value.cure
    assert world.program().cpu_temperature_c() is not None


def test_the_chip_tells_its_supply_where_the_circuit_says_it(world: World) -> None:
    """A chip of which nothing is said cannot tell."""
    assert world.program().cpu_voltage_v() is None


def test_a_forked_process_has_no_board(world: World) -> None:
    """A copy of the connection would mix up answers."""
    backend = world.program()
    pid = os.fork()
    if pid == 0:
        try:
            backend.cpu_temperature_c()
        except HalError as error:
            os._exit(0 if error.fault is Fault.GONE else 1)
        os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert backend.cpu_temperature_c() is not None


def test_a_refused_order_says_what_there_is(world: World) -> None:
    """Somebody who looks on gets errors with a way out, and the circuit lives on."""
    with pytest.raises(CpcompatError, match="no part 'nothing'"):
        ask(world.socket, "set", "nothing", "x", 1)
    with pytest.raises(CpcompatError, match="no order"):
        ask(world.socket, "explode")
    assert ask(world.socket, "drive", "D6", True) is None
    assert world.shown("D6") == (False, True)


def test_a_circuit_file_that_cannot_be_built_is_the_broker_s_error(tmp_path: Path) -> None:
    """File, line and legal values come through to the command line."""
    bad = tmp_path / "sim.toml"
    bad.write_text('[[i2c]]\npart = "nonsense"\n')
    options: dict[str, object] = dict.fromkeys(("trace", "screen", "drive"))
    options.update(circuit=str(bad), virtual=False, socket=str(tmp_path / "circuit"))
    pids: list[int] = []

    def start(module: str, arguments: dict[str, object], descriptors: list[int]) -> int:
        pids.append(launch(module, arguments, descriptors))
        return pids[-1]

    with pytest.raises(CpcompatError, match="nonsense"):
        circuit_broker.broker(definition("sim"), options, start)
    os.waitpid(pids[0], 0)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(st.binary(max_size=60))
def test_no_message_of_a_program_ends_the_circuit(request_bytes: bytes) -> None:
    """Whatever a program sends, it gets an answer, and the next one is served."""
    circuit = Circuit(definition("sim"), VirtualClock())
    load(circuit, CIRCUIT)
    asked, asks = os.pipe2(os.O_DIRECT)
    answers, answered = os.pipe2(os.O_DIRECT)
    served = Program(SimBackend(circuit), asked, answered)
    try:
        os.write(asks, request_bytes or b"\xff")
        assert served.serve_one()
        # A request that nothing is wrong with, and that is not held up by what came before.
        os.write(asks, wire.REQUEST.pack(7, 0, wire.TEMPERATURE, 0))
        assert served.serve_one()
        packets = [os.read(answers, wire.PACKET)]
        while wire.ANSWER.unpack_from(packets[-1])[0] != 7:
            packets.append(os.read(answers, wire.PACKET))
        assert wire.ANSWER.unpack_from(packets[-1])[1] == wire.DONE
    finally:
        for descriptor in (asked, asks, answers, answered):
            os.close(descriptor)
