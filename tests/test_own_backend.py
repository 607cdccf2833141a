"""The backend of docs/adding-a-backend.md: it keeps the contract, and programs run on it."""

from __future__ import annotations

import importlib.util
import os
import pty
import subprocess
import sys
import threading
import tomllib
import tty
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cpcompat.backends.sim.circuit import Circuit
from cpcompat.backends.sim.circuit_file import load
from cpcompat.backends.sim.clock import VirtualClock
from cpcompat.board.definition import BoardDefinition
from cpcompat.board.detect import definition
from cpcompat.hal.errors import Fault, HalError
from cpcompat.hal.gpio import Direction, Drive, Pull
from tests.contract.gpio import GpioContract
from tests.contract.rig import CIRCUIT, Rig
from tests.running import COMMAND, ROOT, printed_by_code_py

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cpcompat.hal.gpio import Line

pytestmark = [pytest.mark.feature("backends"), pytest.mark.simulated]

EXAMPLE = ROOT / "examples" / "own_backend"
DRIVES = {"push-pull": Drive.PUSH_PULL, "open-drain": Drive.OPEN_DRAIN}


class Firmware:
    """The microcontroller: it speaks the protocol on a terminal, its pins are a circuit's.

    Attributes:
        circuit: What the pins are.
        device: The path of the serial port.
    """

    def __init__(self) -> None:
        self.circuit = Circuit(definition("sim"), VirtualClock())
        load(self.circuit, CIRCUIT)
        self._pins = {pin.id: pin for pin in self.circuit.board.pins.values()}
        self._lines: dict[int, Line] = {}
        self._end, self._keeper = pty.openpty()
        tty.setraw(self._keeper)
        self.device = os.ttyname(self._keeper)
        self.asked: list[str] = []
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        begun = b""
        while True:
            *lines, begun = (begun + os.read(self._end, 4096)).split(b"\n")
            for line in filter(None, lines):
                if line == b"stop":
                    return
                self.asked.append(line.decode())
                os.write(self._end, self._answer(*line.decode().split()).encode() + b"\n")

    def _answer(self, order: str, pin: str = "", *words: str) -> str:
        if order == "id":
            return "test"
        if order == "release":
            for number in list(self._lines) if pin == "all" else [int(pin)]:
                self._line(number).close()
                del self._lines[number]
            return "ok"
        return self._of_line(self._line(int(pin)), order, *words)

    def _of_line(self, line: Line, order: str, *words: str) -> str:
        if order == "read":
            return str(int(line.read()))
        if order == "write":
            try:
                line.write(words[0] == "1")
            except HalError as error:
                return error.fault.value
            return "ok"
        direction, pull, drive, value = words
        line.configure(
            Direction.named(direction.upper()),
            Pull.named(pull.upper()),
            DRIVES[drive],
            value == "1",
        )
        return "ok"

    def _line(self, number: int) -> Line:
        if number not in self._lines:
            from cpcompat.backends.sim.backend import SimBackend

            self._lines[number] = SimBackend(self.circuit).line(self._pins[number])
        return self._lines[number]

    def pull_plug(self) -> None:
        """End it."""
        os.write(self._keeper, b"stop\n")
        self._thread.join()
        os.close(self._end)
        os.close(self._keeper)


@pytest.fixture
def firmware() -> Iterator[Firmware]:
    """A microcontroller on a serial port."""
    one = Firmware()
    yield one
    one.pull_plug()


def board_file(firmware: Firmware) -> str:
    """Return the example's board file, with the port that is there."""
    text = (EXAMPLE / "serial_board.toml").read_text("utf-8")
    assert text.count("/dev/ttyACM0") == 1
    return text.replace("/dev/ttyACM0", firmware.device)


def serial_pins() -> Any:
    """Return the example's module."""
    spec = importlib.util.spec_from_file_location("serial_pins", EXAMPLE / "serial_pins.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class SerialRig(Rig):
    """The example's backend at the microcontroller; the hand is on the circuit."""

    def __init__(self, firmware: Firmware) -> None:
        self.board = BoardDefinition("serial_board", tomllib.loads(board_file(firmware)))
        self.backend = serial_pins().connect(self.board)
        self.circuit = firmware.circuit

    def drive(self, pin: str, level: bool | None) -> None:
        """See `Rig.drive`."""
        self.circuit.drive(pin, level)

    def level(self, pin: str) -> bool:
        """See `Rig.level`."""
        return self.circuit.level(pin)

    def set_volts(self, pin: str, volts: float) -> None:
        """There are no converters."""
        raise NotImplementedError

    def dac(self, pin: str) -> int | None:
        """There are no converters."""
        raise NotImplementedError

    def pwm(self, pin: str) -> tuple[int, int] | None:
        """There are no modulators."""
        raise NotImplementedError

    def pixels(self) -> bytes:
        """There are no pixels."""
        raise NotImplementedError


@pytest.fixture
def rig(firmware: Firmware) -> Iterator[Rig]:
    """The backend under test."""
    one = SerialRig(firmware)
    yield one
    one.backend.close()


class TestGpio(GpioContract):
    """Lines over the serial port."""


def test_what_the_hardware_does_not_have_is_absent(rig: Rig) -> None:
    """Each other port says so, and what there is."""
    with pytest.raises(HalError) as caught:
        rig.backend.pwm(rig.pin("D4"))
    assert caught.value.fault is Fault.ABSENT
    assert caught.value.cure == "This hardware has digital pins only."


def test_a_port_that_is_not_there_is_told_with_a_cure(firmware: Firmware) -> None:
    """By the path that the board's file names."""
    table = tomllib.loads(board_file(firmware).replace(firmware.device, "/nowhere"))
    with pytest.raises(HalError) as caught:
        serial_pins().connect(BoardDefinition("serial_board", table))
    assert (caught.value.fault, caught.value.where) == (Fault.ABSENT, "/nowhere")
    assert "plugged in" in str(caught.value.cure)


def test_installed_by_pip_it_runs_a_drive_and_makes_its_pins_safe(
    firmware: Firmware, tmp_path: Path
) -> None:
    """Its entry point is found by the supervisor, the program and the zygote alike."""
    installed = tmp_path / "site"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "--target", str(installed), str(EXAMPLE)], check=True)
    boards = tmp_path / "boards"
    boards.mkdir()
    (boards / "serial_board.toml").write_text(board_file(firmware), "utf-8")
    drive = tmp_path / "drive"
    drive.mkdir()
    (drive / "code.py").write_bytes((EXAMPLE / "drive" / "code.py").read_bytes())
    paths = [str(installed), *filter(None, [os.environ.get("PYTHONPATH")])]
    ran = subprocess.run(
        [COMMAND, "run", drive, "--board", "serial_board", "--runs", "1"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), "CPCOMPAT_BOARDS": str(boards)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    expected = [f"driven {level} read {level}" for level in (True, False, True)]
    assert printed_by_code_py(ran.stdout) == expected
    assert "release all" in firmware.asked
    firmware.circuit.drive("D21", False)
    assert not firmware.circuit.level("D20")  # nobody drives it any more
