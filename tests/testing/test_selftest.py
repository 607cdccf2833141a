"""The self-test of a board: what it touches, what it notices, and what it writes down."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cpcompat.backends.sim.backend import SimBackend
from cpcompat.backends.sim.circuit import Circuit
from cpcompat.backends.sim.circuit_file import build_text
from cpcompat.backends.sim.clock import VirtualClock
from cpcompat.board.detect import definition
from cpcompat.errors import CpcompatError
from cpcompat.hal import Fault, HalError, Machine
from cpcompat.hal.edges import Edge
from cpcompat.hal.gpio import Direction, Drive, Line, Pull
from cpcompat.testing import selftest
from cpcompat.testing.selftest import plan, report
from tests.fakes.backend import FakeSpi, FakeUart, RecordingBackend
from tests.running import cpcompat
from tools import tried_boards

if TYPE_CHECKING:
    from collections.abc import Callable

    from cpcompat.hal.buffers import ReadableBuffer, WriteableBuffer
    from cpcompat.hal.edges import EdgeSource
    from cpcompat.hal.pin import Pin
    from cpcompat.testing.selftest import Check

pytestmark = [pytest.mark.feature("selftest"), pytest.mark.simulated]

BOARD = definition("sim")
LOOP = plan.make(BOARD, loop="D12:D21")
WIRE = '[[wire]]\npins = ["D12", "D21"]\n'


def tried(backend: Any, planned: plan.Plan) -> dict[str, Check]:
    """Return what comes of a self-test, by what was to hold."""
    seen: list[Check] = []
    found = selftest.run(Machine(BOARD, backend), planned, seen.append)
    assert seen == found
    return {check.name: check for check in found}


def wired(circuit_file: str = WIRE) -> SimBackend:
    """Return a simulated board with what a circuit file says."""
    circuit = Circuit(BOARD, VirtualClock())
    build_text(circuit, circuit_file, "test", Path())
    return SimBackend(circuit)


def outcomes(found: dict[str, Check]) -> dict[str, set[str]]:
    """Return the topics by outcome."""
    topics: dict[str, set[str]] = {"passed": set(), "failed": set(), "skipped": set()}
    for check in found.values():
        topics[check.outcome].add(check.topic)
    return topics


def test_two_wired_pins_pass_every_check_of_lines_edges_and_pulses() -> None:
    """And leave the pins as inputs."""
    backend = wired()
    found = tried(backend, LOOP)
    assert outcomes(found) == {
        "passed": {"lines", "edges", "PWM", "chip"},
        "failed": set(),
        "skipped": {"I2C", "SPI", "UART"},
    }
    backend.circuit.drive("D12", False)
    assert not backend.circuit.level("D21")
    assert not backend.circuit.contentions


def test_without_a_named_pin_no_pin_is_touched() -> None:
    """Only the chip is asked."""
    backend = RecordingBackend()
    found = tried(backend, plan.make(BOARD))
    assert backend.calls == []
    assert outcomes(found)["passed"] == {"chip"}
    assert outcomes(found)["failed"] == set()


class LineThat:
    """A line with one thing wrong."""

    def __init__(self, line: Line, fault: str) -> None:
        self._line = line
        self._fault = fault
        self._output = False

    def configure(self, direction: Direction, pull: Pull, drive: Drive, value: bool) -> None:
        """See `Line.configure`."""
        self._output = direction is Direction.OUTPUT
        if self._fault == "drives high when open" and self._output:
            drive = Drive.PUSH_PULL
        if self._fault == "starts low" and self._output:
            self._line.configure(direction, pull, drive, False)
        self._line.configure(direction, pull, drive, value)

    def read(self) -> bool:
        """See `Line.read`."""
        return self._line.read()

    def write(self, value: bool) -> None:
        """See `Line.write`."""
        if self._fault == "takes anything" and not self._output:
            return
        if self._fault != "is stuck":
            self._line.write(value)

    def close(self) -> None:
        """See `Line.close`."""
        if self._fault != "drives on":
            self._line.close()


@pytest.mark.parametrize(
    "circuit_file",
    ["", '[[input]]\npin = "D21"\nevents = [[0, 1]]\n' + WIRE],
    ids=["apart", "driven"],
)
def test_pins_that_are_not_just_wired_together_are_never_driven(circuit_file: str) -> None:
    """A wire at the wrong place, or something else on it: seen by the pulls."""
    directions = []

    class Watching(LineThat):
        def configure(self, direction: Direction, pull: Pull, drive: Drive, value: bool) -> None:
            directions.append(direction)
            super().configure(direction, pull, drive, value)

    class Watched(SimBackend):
        def line(self, pin: Pin) -> Any:
            return Watching(super().line(pin), "")

    backend = Watched(wired(circuit_file).circuit)
    found = tried(backend, LOOP)
    check = found["the two pins are wired together and follow their pulls"]
    assert check.outcome == "failed"
    assert "do not both follow a pull" in check.said
    assert set(directions) == {Direction.INPUT}
    assert found["an output drives the wire"].said.startswith("nothing was driven")


class Faulty(SimBackend):
    """The simulated board with one thing wrong."""

    fault = ""

    def line(self, pin: Pin) -> Any:
        """See `Backend.line`."""
        return LineThat(super().line(pin), self.fault)

    def edges(self, *arguments: Any) -> Any:
        """See `Backend.edges`."""
        return EdgesThat(super().edges(*arguments), self.fault)

    def cpu_temperature_c(self) -> float | None:
        """See `Backend.cpu_temperature_c`."""
        return 451.0 if self.fault == "is on fire" else 25.0

    def uid(self) -> bytes:
        """See `Backend.uid`."""
        return bytes(8) if self.fault == "has no number" else b"cpcmpsim"


class EdgesThat:
    """Edges with one thing wrong."""

    def __init__(self, source: EdgeSource, fault: str) -> None:
        self._source = source
        self._fault = fault

    def read(self, limit: int) -> list[Edge]:
        """See `EdgeSource.read`."""
        found = self._source.read(limit)
        if self._fault == "loses an edge":
            return [edge for edge in found if edge.sequence != 7]
        if self._fault == "counts wrong":
            return [edge._replace(sequence=edge.sequence * 2) for edge in found]
        if self._fault == "has no time":
            return [edge._replace(time_ns=-edge.time_ns) for edge in found]
        if self._fault == "ticks slowly":
            return [edge._replace(time_ns=edge.time_ns * 9 // 10) for edge in found]
        if self._fault == "knows one kind":
            return [edge._replace(rising=True) for edge in found]
        return found

    def close(self) -> None:
        """See `EdgeSource.close`."""
        self._source.close()


@pytest.mark.parametrize(
    ("fault", "refuted"),
    [
        ("is stuck", "an output drives the wire"),
        ("is stuck", "an output wins over a pull"),
        ("drives high when open", "an output with an open drain lets go"),
        ("takes anything", "an input refuses to be written"),
        ("drives on", "a closed output no longer drives"),
        ("starts low", "an output begins with its level and no other before it"),
        ("loses an edge", "every edge is counted in its order"),
        ("counts wrong", "every edge is counted in its order"),
        ("has no time", "every edge is counted in its order"),
        ("knows one kind", "only the wanted edges come"),
        ("ticks slowly", "pulses have their frequency and their duty"),
        ("is on fire", "the chip tells its temperature"),
        ("has no number", "the chip has a number of its own"),
    ],
)
def test_what_a_board_does_wrong_is_noticed(fault: str, refuted: str) -> None:
    """Each check can fail."""
    backend = Faulty(wired().circuit)
    backend.fault = fault
    assert tried(backend, LOOP)[refuted].outcome == "failed"


def test_a_pin_without_a_modulator_is_not_tried_for_pulses() -> None:
    """The pins that have one are named."""
    found = tried(wired('[[wire]]\npins = ["D20", "D21"]\n'), plan.make(BOARD, loop="D20:D21"))
    check = found["pulses have their frequency and their duty"]
    assert check.outcome == "skipped"
    assert check.said.startswith("D20 makes no pulses; the board's pins for it: D12")


class LoopedSpi(FakeSpi):
    """A bus whose MOSI is wired to its MISO."""

    broken = False

    def transfer(
        self, write: ReadableBuffer | None, read: WriteableBuffer | None, fill: int
    ) -> None:
        """See `SpiBus.transfer`."""
        sent = bytes(write or b"")
        if read is not None:
            memoryview(read)[:] = sent[::-1] if self.broken else sent


class LoopedUart(FakeUart):
    """A port whose TX is wired to its RX."""

    lost = 0

    def write(self, data: ReadableBuffer) -> int:
        """See `UartPort.write`."""
        self.backend.incoming.append((self.backend.time.time_ns, bytes(data)[self.lost :]))
        return len(bytes(data))


class Looped(RecordingBackend):
    """A board with both."""

    def spi(self, pins: Any) -> LoopedSpi:
        """See `Backend.spi`."""
        return LoopedSpi(self)

    def uart(self, pins: Any) -> LoopedUart:
        """See `Backend.uart`."""
        return LoopedUart(self)


def test_looped_buses_pass() -> None:
    """And an I2C bus tells who is on it."""
    backend = Looped()
    backend.i2c_parts = {0x23: b"\0", 0x76: b"\0"}
    found = tried(backend, plan.make(BOARD, i2c=1, spi=0, uart=0))
    assert outcomes(found)["passed"] == {"I2C", "SPI", "UART", "chip"}
    assert found["addresses answer or say that nobody is there"].said == "at 0x23, 0x76"


def test_what_a_bus_does_wrong_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other bytes, a lost byte, a line held low, a bus that does not come to an end."""
    backend = Looped()
    monkeypatch.setattr(LoopedSpi, "broken", True)
    monkeypatch.setattr(LoopedUart, "lost", 1)
    backend.i2c_parts = dict.fromkeys(range(0x80), b"\0")
    found = tried(backend, plan.make(BOARD, i2c=1, spi=0, uart=0))
    assert outcomes(found)["failed"] == {"I2C", "SPI", "UART"}
    backend.faults["transfer"] = Fault.TIMEOUT
    found = tried(backend, plan.make(BOARD, i2c=1))
    assert found["addresses answer or say that nobody is there"].said == (
        "fake transfer: timed out. Mend the fake."
    )


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"loop": "D5:X9"}, "has no pin 'X9'"),
        ({"loop": "D5"}, "does not name two pins"),
        ({"loop": "D5:D5"}, "does not name two pins"),
        ({"loop": "SDA:D2"}, "does not name two pins"),
        ({"i2c": 7}, "has no I2C bus 7"),
        ({"spi": 7}, "has no SPI bus 7"),
        ({"uart": 7}, "has no serial port 7"),
    ],
)
def test_what_the_board_has_not_is_refused(asked: dict[str, Any], said: str) -> None:
    """Before anything is touched, with what it has."""
    with pytest.raises(CpcompatError, match=said) as caught:
        plan.make(BOARD, **asked)
    assert caught.value.__notes__


def test_what_is_going_to_be_done_is_said_in_whole_sentences() -> None:
    """For each pin and bus that is named; or that none is."""
    both = plan.make(BOARD, "D12:D21", i2c=1, spi=0, uart=0).sentences()
    assert ["D12 and D21" in both[0], "I2C 1" in both[1], "D10 to D9" in both[2]] == [True] * 3
    assert "D14 to D15" in both[3]
    assert plan.make(BOARD).sentences() == [
        "No pin is named, so no pin is touched. --loop D17:D27 names two."
    ]


def test_the_command_tries_the_board_and_writes_a_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that the page of tried boards is made of."""
    (tmp_path / "sim.toml").write_text(WIRE)
    monkeypatch.setenv("CPCOMPAT_BOARD", "sim")
    ran = cpcompat("selftest", "--loop", "D12:D21", cwd=tmp_path)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    said = ran.stdout.index("D12 and D21, which have to be wired together")
    assert said < ran.stdout.index("✔ lines"), "what is going to be done comes first"
    (path,) = tmp_path.glob("sim-*.json")
    written = json.loads(path.read_text("utf-8"))
    assert written["loop"] == "D12:D21"
    assert {check["outcome"] for check in written["checks"]} == {"passed", "skipped"}
    assert "Please send it" not in ran.stdout


def test_a_failure_makes_the_exit_status_1(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The report is written all the same."""
    monkeypatch.setenv("CPCOMPAT_BOARD", "sim")
    ran = cpcompat("selftest", "--loop", "D12:D21", "--report", "r.json", cwd=tmp_path)
    assert ran.returncode == 1, ran.stderr
    assert "1 failed" in ran.stdout
    assert (tmp_path / "r.json").is_file()


def made(board: str) -> dict[str, Any]:
    """Return the report of a board whose pins were tried."""
    system = dict.fromkeys(("cpcompat", "day", "model", "machine", "python"), "x|y")
    checks = [
        selftest.Check("lines", "a", "passed", ""),
        selftest.Check("lines", "b", "passed", ""),
        selftest.Check("PWM", "c", "failed", ""),
        selftest.Check("SPI", "d", "skipped", ""),
    ]
    system["kernel"] = "6.12.25+rpt"
    return report.make(definition(board), LOOP, checks, system)


def test_tried_boards_are_a_row_each() -> None:
    """With the topics by outcome, each once."""
    row = tried_boards.page([made("raspberry_pi_4b")]).splitlines()[-1]
    assert row == (
        "| `raspberry_pi_4b` | x/y | 6.12.25+rpt | x/y | x/y | x/y | lines | PWM | SPI |"
    )


def test_nobody_s_report_and_a_simulated_one_make_an_empty_page(tmp_path: Path) -> None:
    """Only real boards count."""
    folder = tmp_path / tried_boards.FOLDER
    folder.mkdir(parents=True)
    assert tried_boards.make(tmp_path).endswith("No board has been reported yet.\n")
    (folder / "sim.json").write_text(json.dumps(made("sim")))
    assert tried_boards.make(tmp_path).endswith("No board has been reported yet.\n")
    (folder / "pi.json").write_text(json.dumps(made("raspberry_pi_5")))
    assert "`raspberry_pi_5`" in tried_boards.make(tmp_path)


def test_a_report_s_file_is_named_by_board_kernel_and_day() -> None:
    """With nothing in it that a file's name cannot have."""
    assert report.file_name(made("raspberry_pi_5")) == "raspberry_pi_5-6.12.25_rpt-x_y.json"


@pytest.fixture
def raising() -> Callable[[], None]:
    """A check's way out when the hardware fails."""

    def fail() -> None:
        raise HalError(Fault.BUSY, "D12", "Let it go.")

    return fail


def test_a_line_that_somebody_holds_is_a_failure_with_its_cure(
    raising: Callable[[], None],
) -> None:
    """In the words of the backend."""

    class Held(SimBackend):
        def line(self, pin: Pin) -> Any:
            raising()

    found = tried(Held(wired().circuit), LOOP)
    check = found["the two pins are wired together and follow their pulls"]
    assert (check.outcome, check.said) == ("failed", "D12: in use. Let it go.")
