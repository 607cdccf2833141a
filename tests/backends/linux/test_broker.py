"""The broker's process: what it hands over, what it refuses, and that lines are safe after any death."""

from __future__ import annotations

import errno
import gc
import os
import socket
from typing import TYPE_CHECKING, Any

import pytest

from cpcompat.backends.linux import ledger, line_broker
from cpcompat.backends.linux import link_format as wire
from cpcompat.backends.linux.backend import LinuxBackend
from cpcompat.backends.linux.brokered_nodes import BrokeredNodes
from cpcompat.backends.linux.line_broker import LinuxBroker
from cpcompat.backends.linux.lines import LinuxLine
from cpcompat.board.detect import definition
from cpcompat.errors import CpcompatError
from cpcompat.hal.errors import Fault, HalError
from cpcompat.hal.gpio import Direction, Drive, Pull
from tests.fakes.launching import Launcher
from tests.shim.world import World

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cpcompat.hal.gpio import Line

pytestmark = [pytest.mark.feature("hardware broker"), pytest.mark.shim]

BOARD = definition("raspberry_pi_4b")
D17, D18 = BOARD.names["D17"], BOARD.names["D18"]


class Bench:
    """A broker with its process, and programs of it in this process.

    Args:
        folder: Where the ledger is to be.
        safe: The declared states.
    """

    def __init__(self, folder: Path, safe: dict[str, str]) -> None:
        self.launcher = Launcher()
        options = {"drive": "/d", "folder": str(folder), "safe": safe}
        self.broker = LinuxBroker(BOARD, options, self.launcher)
        self.book = folder / ledger.NAME
        self.programs: list[LinuxBackend] = []
        self._lines: list[LinuxLine] = []
        self.nodes = self.attach()

    def attach(self) -> BrokeredNodes:
        """Begin a program."""
        _, (descriptor,) = self.broker.grant()
        self.nodes = BrokeredNodes(descriptor)
        self.programs.append(LinuxBackend(BOARD, self.nodes))
        return self.nodes

    @property
    def program(self) -> LinuxBackend:
        """The program that began last."""
        return self.programs[-1]

    def drive(self, *names: str) -> list[Line]:
        """Have the program drive pins high."""
        lines = [self.program.line(BOARD.names[name]) for name in names]
        for line in lines:
            line.configure(Direction.OUTPUT, Pull.NONE, Drive.PUSH_PULL, True)
            assert isinstance(line, LinuxLine)
            self._lines.append(line)
        return lines

    def die(self) -> None:
        """Have the program gone without a word: its descriptors close, and nothing else happens."""
        self.program._ports = None
        for line in self._lines:
            line._descriptor = -1  # so that nothing is let go by its end
        self._lines.clear()
        for descriptor in self.nodes._numbers:
            os.close(descriptor)
        self.nodes._numbers.clear()
        self.nodes.close()

    def close(self) -> None:
        """End it all."""
        for program in self.programs:
            program._nodes.close()
        self.broker.close()
        self.launcher.close()


@pytest.fixture
def safe() -> dict[str, str]:
    """Declare no state; a test's parameter may."""
    return {}


@pytest.fixture
def bench(world: World, tmp_path: Path, safe: dict[str, str]) -> Iterator[Bench]:
    """Start a broker and begin a program."""
    made = Bench(tmp_path, safe)
    yield made
    made.close()


def declared(**states: str) -> pytest.MarkDecorator:
    """Give the broker of a test declared states."""
    return pytest.mark.parametrize("safe", [states], ids=["declared"])


def test_lines_of_a_dead_program_are_inputs_by_one_call_for_each_request(
    world: World, bench: Bench
) -> None:
    """Then they are anybody's."""
    bench.drive("D17", "D18")
    bench.die()
    assert world.driven() == ["GPIO17", "GPIO18"]
    start = world.mark()
    bench.broker.safe()
    calls = [call.op for call in world.calls(start) if call.op != "lineinfo"]
    assert calls == ["set_config", "set_config"]
    assert world.driven() == []
    assert not world.line(17).used


def test_a_line_that_a_program_gave_back_can_be_had_again(world: World, bench: Bench) -> None:
    """By the program and by others: the broker's copy is closed, too."""
    (line,) = bench.drive("D17")
    line.close()
    assert not world.line(17).used
    bench.drive("D17")
    assert world.driven() == ["GPIO17"]


def test_garbage_that_is_found_amid_a_question_is_given_back_after_it(
    bench: Bench, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On the same thread, over the same connection: the line is free, and nobody waits for ever."""
    line = LinuxLine(bench.nodes, D17)
    line.configure(Direction.OUTPUT, Pull.NONE, Drive.PUSH_PULL, True)
    receive = socket.recv_fds

    class Dropped:
        def __init__(self) -> None:
            self.itself = self

        def __del__(self) -> None:
            line.close()

    def collecting(*arguments: Any) -> Any:
        gc.collect()
        return receive(*arguments)

    gc.disable()
    try:
        Dropped()
        monkeypatch.setattr(socket, "recv_fds", collecting)
        other = LinuxLine(bench.nodes, D18)
        other.configure(Direction.OUTPUT, Pull.NONE, Drive.PUSH_PULL, True)
    finally:
        monkeypatch.undo()
        gc.enable()
    assert world.driven() == ["GPIO18"]
    again = LinuxLine(bench.nodes, D17)
    again.configure(Direction.OUTPUT, Pull.NONE, Drive.PUSH_PULL, True)
    assert world.driven() == ["GPIO17", "GPIO18"]
    for each in (other, again):
        each.close()


def test_a_request_whose_answer_was_lost_is_handed_over_again(world: World, bench: Bench) -> None:
    """An exception from outside may come between question and answer."""
    bench.drive("D17")
    (again,) = bench.drive("D17")
    again.write(False)
    assert not world.level(17)


@declared(GPIO17="low", GPIO18="input-pullup", GPIO22="high")
def test_a_declared_state_holds_from_the_beginning_and_whenever_no_program_uses_the_pin(
    world: World, bench: Bench
) -> None:
    """A program's release brings it back, and so does its death."""

    def states() -> list[tuple[bool, bool, str | None]]:
        lines = [world.line(n) for n in (17, 18, 22)]
        return [(x.output, x.level, None if x.output else x.pull) for x in lines]

    rest = states()
    assert [output for output, _, _ in rest] == [True, False, True]
    assert [level for _, level, _ in rest] == [False, True, True]
    assert rest[1][2] == "up"
    one, *_ = bench.drive("D17", "D18")
    assert [output for output, _, _ in states()] == [True, True, True]
    one.close()
    assert world.level(17) is False
    bench.drive("D17")
    bench.die()
    bench.broker.safe()
    assert states() == rest
    assert world.line(17).used


@declared(GPIO8="low")
def test_a_declared_pin_that_the_kernel_holds_is_named_at_the_start(
    world: World, tmp_path: Path, safe: dict[str, str]
) -> None:
    """The supervisor does not run with a promise that it cannot keep."""
    world.set_line(8, "GPIO8", "spi0 CS0")
    with pytest.raises(CpcompatError, match="in use") as caught:
        Bench(tmp_path, safe)
    assert "spi0 CS0" in "".join(caught.value.__notes__)


@declared(GPIO17="low")
def test_edges_of_a_pin_with_a_declared_state_are_numbered_from_one(
    world: World, bench: Bench
) -> None:
    """The request that held the state is no queue of edges: another one is made."""
    world.drive(17, False)
    edges = bench.program.edges(D17, Pull.DOWN, True, True, 0)
    world.drive(17, True)
    assert [edge.sequence for edge in edges.read(10)] == [1]


def test_only_lines_that_the_boards_file_names_are_handed_over(bench: Bench) -> None:
    """GPIO 44 drives something on the board itself."""
    from cpcompat.backends.linux import gpio_uapi as uapi

    asked = uapi.request([44], [uapi.Setting(uapi.OUTPUT)], "me")
    with pytest.raises(PermissionError):
        bench.nodes.lines(asked)
    with pytest.raises(PermissionError):
        bench.nodes.line_info(44)


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "/dev/i2c-2",
        "/dev/../etc/passwd",
        "/dev/gpiochip0",
        "/dev/mem",
        "/dev/ttyAMA0",
    ],
)
def test_only_nodes_that_the_boards_file_names_are_opened(bench: Bench, path: str) -> None:
    """The Bluetooth chip's port is none of them."""
    with pytest.raises(PermissionError):
        bench.nodes.open(path, os.O_RDWR)


def test_a_node_is_opened_without_making_or_emptying_anything(world: World, bench: Bench) -> None:
    """Flags that would are left out."""
    world.add_i2c(1)
    os.close(bench.nodes.open("/dev/i2c-1", os.O_RDWR | os.O_CREAT | os.O_TRUNC))
    with pytest.raises(FileNotFoundError):
        bench.nodes.open("/dev/i2c-3", os.O_RDWR | os.O_CREAT)


def test_a_line_that_others_hold_is_busy_and_its_holder_is_named(
    world: World, bench: Bench
) -> None:
    """As without a broker."""
    world.set_line(17, "GPIO17", "spi0 CS0")
    with pytest.raises(HalError) as caught:
        bench.drive("D17")
    assert caught.value.fault is Fault.BUSY
    assert "spi0 CS0" in str(caught.value.cure)


def test_nonsense_of_a_program_is_refused_and_the_next_question_answered(bench: Bench) -> None:
    """Whatever it sends; programs have the descriptor."""
    end = bench.nodes._socket
    for nonsense in (b"x", b"L", wire.ASK.pack(b"?", 7), wire.ASK.pack(b"L", 7) + b"short"):
        end.send(nonsense)
    end.send(wire.ASK.pack(b"I", 7) + b"x" * 3)
    bench.nodes._question = 7
    assert bench.nodes.line_info(17)[0] == "GPIO17"


def test_a_forked_process_of_a_program_has_no_board_and_frees_nothing(
    world: World, bench: Bench
) -> None:
    """Its finalisers run at its end; the lines are its parent's."""
    (line,) = bench.drive("D17")
    pid = os.fork()
    if pid == 0:
        status = 0
        try:
            line.close()
        except HalError:
            status = 1
        os._exit(status)
    assert os.waitpid(pid, 0)[1] == 0
    assert world.driven() == ["GPIO17"]
    line.write(False)
    assert not world.level(17)


def test_the_lines_of_a_dead_broker_are_made_safe_by_the_next_one(
    world: World, bench: Bench
) -> None:
    """It finds them in the ledger."""
    bench.drive("D17", "D18")
    bench.launcher.kill()
    bench.die()
    assert world.driven() == ["GPIO17", "GPIO18"]
    bench.broker.safe()
    assert world.driven() == []
    bench.attach()
    bench.drive("D17")
    assert world.driven() == ["GPIO17"]


def test_a_claim_is_in_the_ledger_as_long_as_it_holds(world: World, bench: Bench) -> None:
    """Before it is made; one that the kernel refuses is taken back."""

    def lines() -> tuple[int, ...]:
        descriptor = os.open(bench.book, os.O_RDONLY)
        told = ledger.read(descriptor)
        os.close(descriptor)
        assert told is not None
        return told.lines

    one, _ = bench.drive("D17", "D18")
    assert lines() == (17, 18)
    one.close()
    assert lines() == (18,)
    world.inject("get_line", errno.EBUSY)
    with pytest.raises(HalError):
        bench.drive("D5")
    assert lines() == (18,)
    bench.die()
    bench.broker.safe()
    assert lines() == ()


def test_an_old_spare_does_no_harm_when_another_broker_serves(world: World, bench: Bench) -> None:
    """The zygote's connection leads to the first one, which died; the second one sees to itself."""
    spare = bench.broker.spare()
    bench.launcher.kill()
    bench.die()
    bench.broker.safe()
    bench.attach()
    bench.drive("D17")
    bench.die()
    line_broker.safe_from(spare)
    bench.broker.close()
    wait_for(lambda: not world.driven())
    bench.launcher.close()
    assert not world.line(17).used


def test_pulses_of_a_dead_program_end(world: World, bench: Bench) -> None:
    """An exported PWM channel belongs to nobody, so the kernel lets it go on."""
    world.add_pwm("fe20c000.pwm", 2, (12, 13))
    chip = "/sys/class/pwm/pwmchip0"

    def write(path: str, text: bytes) -> None:
        descriptor = bench.nodes.open(path, os.O_WRONLY)
        os.write(descriptor, text)
        os.close(descriptor)

    write(f"{chip}/export", b"0")
    for name, text in (("period", b"1000000"), ("duty_cycle", b"500000"), ("enable", b"1")):
        write(f"{chip}/pwm0/{name}", text)
    assert world.pulses(12) is not None
    bench.die()
    bench.broker.safe()
    assert world.pulses(12) is None


def test_pulses_of_a_dead_program_end_when_the_broker_is_dead_too(
    world: World, bench: Bench
) -> None:
    """By the ledger."""
    world.add_pwm("fe20c000.pwm", 2, (12, 13))
    chip = "/sys/class/pwm/pwmchip0"
    for path, text in (("export", b"0"), ("pwm0/period", b"9000"), ("pwm0/enable", b"1")):
        descriptor = bench.nodes.open(f"{chip}/{path}", os.O_WRONLY)
        os.write(descriptor, text)
        os.close(descriptor)
    assert world.pulses(12) is not None
    bench.launcher.kill()
    bench.die()
    bench.broker.safe()
    assert world.pulses(12) is None


@pytest.mark.parametrize(
    "path",
    [
        "/sys/class/pwm/pwmchip1/export",
        "/sys/class/pwm/pwmchip0/pwm7/enable",
        "/sys/class/pwm/pwmchip0/uevent",
        "/sys/class/pwm/pwmchip0/device/driver/unbind",
    ],
)
def test_only_the_boards_own_modulators_are_opened(world: World, bench: Bench, path: str) -> None:
    """The fan's is none of them."""
    world.add_pwm("fe20c000.pwm", 2, (12, 13))
    world.add_pwm("fan.pwm", 1, ())
    with pytest.raises(PermissionError):
        bench.nodes.open(path, os.O_WRONLY)


def test_the_headers_serial_port_is_opened_and_the_bluetooth_chips_is_not(
    world: World, bench: Bench
) -> None:
    """Whichever tty each of them is, the device tree knows."""
    world.add_uart("ttyS0", "/soc/serial@7e215040", "serial0")
    world.add_uart("ttyAMA0", "/soc/serial@7e201000", "serial1", bluetooth=True)
    os.close(bench.nodes.open("/dev/ttyS0", os.O_RDWR | os.O_NOCTTY))
    with pytest.raises(PermissionError):
        bench.nodes.open("/dev/ttyAMA0", os.O_RDWR | os.O_NOCTTY)


@declared(GPIO18="high")
def test_who_has_the_spare_makes_the_lines_safe_with_and_without_the_broker(
    world: World, bench: Bench
) -> None:
    """As the zygote does when the supervisor has died."""
    bench.drive("D17")
    bench.die()
    line_broker.safe_from(bench.broker.spare())
    assert world.driven() == ["GPIO18"]
    bench.attach()
    bench.drive("D17")
    spare = bench.broker.spare()
    bench.launcher.kill()
    bench.die()
    line_broker.safe_from(spare)
    assert world.driven() == ["GPIO18"]
    assert world.level(18)


def test_a_broker_that_nobody_controls_keeps_lines_safe_until_the_program_has_gone(
    world: World, bench: Bench
) -> None:
    """The program drives on, again and again, and loses each time; in the end the process ends."""
    (line,) = bench.drive("D17")
    bench.broker.close()
    wait_for(lambda: not world.driven())
    line.configure(Direction.OUTPUT, Pull.NONE, Drive.PUSH_PULL, True)
    wait_for(lambda: not world.driven())
    bench.die()
    bench.launcher.close()
    assert world.driven() == []
    assert not world.line(17).used


def test_a_line_that_a_program_drove_behind_the_broker_is_made_safe_too(
    world: World, bench: Bench
) -> None:
    """The program's user may open the chip itself; what was driven before is left alone."""
    from cpcompat.backends.linux.nodes import DirectNodes

    def leave_driven(name: str) -> None:
        nodes = DirectNodes(BOARD)
        line = LinuxBackend(BOARD, nodes).line(BOARD.names[name])
        line.configure(Direction.OUTPUT, Pull.NONE, Drive.PUSH_PULL, True)
        assert isinstance(line, LinuxLine)
        os.close(line._descriptor)
        line._descriptor = -1
        nodes.close()

    leave_driven("D5")
    bench.attach()
    leave_driven("D6")
    assert world.driven() == ["GPIO5", "GPIO6"]
    bench.broker.safe()
    assert world.driven() == ["GPIO5"]


def test_options_of_simulated_boards_are_refused(tmp_path: Path) -> None:
    """A user who wants a trace of a real board shall not wait for it."""
    options = {"drive": "/d", "folder": str(tmp_path), "trace": "x.vcd"}
    with pytest.raises(CpcompatError, match="--trace"):
        LinuxBroker(BOARD, options, Launcher())


def test_a_light_shines_while_no_program_runs_and_then_its_pin_is_free(
    world: World, bench: Bench
) -> None:
    """See `Broker.shine`."""
    bench.broker.shine(D18, True)
    assert world.driven() == ["GPIO18"]
    bench.broker.shine(D18, False)
    assert not world.level(18)
    bench.broker.shine(D18, None)
    assert world.driven() == []
    assert not world.line(18).used
    world.inject("get_line", errno.EBUSY)
    with pytest.raises(HalError) as caught:
        bench.broker.shine(D18, True)
    assert caught.value.fault is Fault.BUSY


def test_what_a_program_set_at_a_bus_is_set_back(world: World, bench: Bench) -> None:
    """The SPI mode belongs to the device, and an adapter's time limit to the adapter."""
    from fcntl import ioctl

    world.add_spi(0, 0)
    world.add_i2c(1)
    spi = bench.nodes.open("/dev/spidev0.0", os.O_RDWR)
    ioctl(spi, 0x4001_6B01, bytearray(b"\3"))
    i2c = bench.nodes.open("/dev/i2c-1", os.O_RDWR)
    ioctl(i2c, 0x0702, 1)
    os.close(spi)
    os.close(i2c)
    start = world.mark()
    bench.broker.safe()
    said = {call.op: call.a for call in world.calls(start) if "setup" in call.op}
    assert set(said) == {"spi_setup", "i2c_setup"}


def vars_of(line: Line) -> dict[str, Any]:
    """Return a line's slots."""
    return {name: getattr(line, name) for name in type(line).__slots__ if name[:2] != "__"}  # type: ignore[attr-defined]


def wait_for(holds: Any) -> None:
    """Wait until something holds; another process brings it about."""
    import time

    deadline = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.002)
