"""A drive on real hardware, over the kernel shim: whatever is killed, no line stays driven.

The shim keeps what lines drive when they are closed, as the kernel of Raspberry Pi OS does: without the
supervisor's doing they would stay driven for ever.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.programs.conftest import COMMAND, PATIENCE_S, PROMPT, Board

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.shim.world import World

pytestmark = [pytest.mark.feature("hardware broker"), pytest.mark.shim]

REAL = ("--board", "raspberry_pi_4b")
PINS = ("GPIO5", "GPIO6", "GPIO13", "GPIO17")
DRIVES = """
import board, digitalio
pins = [digitalio.DigitalInOut(pin) for pin in (board.D5, board.D6, board.D13, board.D17)]
for pin in pins:
    pin.switch_to_output(True)
print("driving")
while True:
    for pin in pins:
        pin.value = not pin.value
"""
ALONE_S = 0.1
"""How long the lines of the dead may stay driven."""


class Running:
    """A supervisor without a terminal, and the processes below it.

    Args:
        drive: The drive.
    """

    def __init__(self, drive: Path) -> None:
        self.process = subprocess.Popen(
            [COMMAND, "run", str(drive), "--console", "none", *REAL],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def pids(self) -> dict[str, int]:
        """Return the processes by what they are, when the program runs."""
        supervisor = self.process.pid
        (zygote,) = children(supervisor)
        broker, program = sorted(children(zygote), key=is_program)
        return {"supervisor": supervisor, "zygote": zygote, "broker": broker, "program": program}

    def end(self) -> None:
        """Kill what is left, and wait until nothing is."""
        self.process.kill()
        self.process.wait()


def children(pid: int) -> list[int]:
    """Return the children of a process."""
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(word) for word in text.split()]


def is_program(pid: int) -> bool:
    """Tell a program by what the kernel is told of it: it goes first when memory runs out."""
    return Path(f"/proc/{pid}/oom_score_adj").read_text().strip() == "500"


def wait_for(holds: Callable[[], bool]) -> float:
    """Wait until something holds; return how long that took, in seconds."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < PATIENCE_S
        time.sleep(0.002)
    return time.monotonic() - began


def kill_some(world: World, drive: Path, dice: random.Random) -> tuple[tuple[str, ...], float]:
    """Let a program drive lines, and kill some of the processes at a random moment.

    Returns:
        Who was killed, and for how long lines stayed driven.
    """
    running = Running(drive)
    try:
        wait_for(lambda: world.driven() == list(PINS))
        pids = running.pids()
        # One that ends the program must be among them; one that can clean up must not.
        victims = ["broker"] * dice.choice((0, 0, 0, 1))
        victims += dice.choice((["program"], ["zygote"], ["supervisor"], ["program", "zygote"]))
        if dice.random() < 0.2 and "broker" not in victims:
            victims += [name for name in ("zygote", "supervisor") if name not in victims]
        dice.shuffle(victims)
        time.sleep(dice.random() * 0.01)
        for name in victims:
            os.kill(pids[name], signal.SIGKILL)
        taken_s = wait_for(lambda: not world.driven())
    finally:
        running.end()
    return tuple(victims), taken_s


def rounds(world: World, drive: Path, count: int, seed: int) -> list[tuple[tuple[str, ...], float]]:
    """Kill so many times; return what each was."""
    (drive / "code.py").write_text(DRIVES)
    dice = random.Random(seed)
    return [kill_some(world, drive, dice) for _ in range(count)]


@pytest.fixture
def quiet(kernel_shim: None, tmp_path: Path) -> Iterator[World]:
    """Enter a world that keeps no log: these programs call the kernel without end."""
    from tests.shim.world import World

    with World(tmp_path / "world", log=False) as world:
        yield world


@pytest.mark.parametrize("count", [25, pytest.param(500, marks=pytest.mark.slow)])
def test_no_line_is_driven_100_ms_after_a_random_death(
    quiet: World, circuitpy_drive: Path, count: int
) -> None:
    """Of the program, the zygote, the supervisor, the broker, and of some of them together."""
    late = [
        (victims, taken_s)
        for victims, taken_s in rounds(quiet, circuitpy_drive, count, seed=count)
        if taken_s > ALONE_S
    ]
    assert late == []


def test_after_the_death_of_all_of_them_the_command_makes_the_lines_safe(
    quiet: World, circuitpy_drive: Path
) -> None:
    """Nobody is left to do it, and the lines are driven: so the other tests do not pass for nothing."""
    (circuitpy_drive / "code.py").write_text(DRIVES)
    running = Running(circuitpy_drive)
    wait_for(lambda: quiet.driven() == list(PINS))
    pids = running.pids()
    for name in ("broker", "zygote", "supervisor", "program"):
        os.kill(pids[name], signal.SIGKILL)
    running.end()
    wait_for(lambda: not any(line.used for line in quiet.lines()))
    assert quiet.driven() == list(PINS)
    done = subprocess.run(
        [COMMAND, "safe-pins"], capture_output=True, text=True, check=True, timeout=PATIENCE_S
    )
    assert done.stdout.splitlines() == [f"{name}: input" for name in PINS]
    assert quiet.driven() == []


@pytest.mark.feature("cpcompat run")
def test_a_drive_runs_on_real_lines_and_leaves_them_as_inputs(
    world: World, board: Callable[..., Board]
) -> None:
    """After its normal end, after an exception, after a reload."""
    code = "import board, digitalio\npin = digitalio.DigitalInOut(board.D17)\n"
    code += "pin.switch_to_output(True)\nprint('up')\n"
    one = board(code, *REAL)
    one.sees(b"up\r\n", PROMPT)
    assert world.driven() == []
    one.saves(code + "1/0\n")
    one.sees(b"up\r\n", b"ZeroDivisionError", PROMPT)
    assert world.driven() == []
    one.saves(code + "input()\n")
    one.sees(b"up\r\n")
    assert world.driven() == ["GPIO17"]
    one.saves("print('new')")
    one.sees(b"new\r\n", PROMPT)
    assert world.driven() == []


def test_a_pin_has_its_declared_state_whenever_no_program_uses_it(
    world: World, board: Callable[..., Board], circuitpy_drive: Path
) -> None:
    """From the start, and after a program's end."""
    (circuitpy_drive / "cpcompat.toml").write_text('[pins.D17]\nsafe = "high"\n')
    code = "import board, digitalio\npin = digitalio.DigitalInOut(board.D17)\n"
    code += "pin.switch_to_output(False)\nprint('down')\ninput()\n"
    one = board(code, *REAL)
    one.sees(b"down\r\n")
    assert not world.level(17)
    one.types(b"\x03")
    one.sees(PROMPT)
    assert world.line(17).output
    assert world.level(17)


@pytest.mark.simulated
def test_a_simulated_pin_has_its_declared_state_too(
    board: Callable[..., Board], circuitpy_drive: Path
) -> None:
    """While it waits for a key, and after a program's end."""
    (circuitpy_drive / "cpcompat.toml").write_text('[pins.D5]\nsafe = "high"\n')
    (circuitpy_drive / "sim.toml").write_text('[[wire]]\npins = ["D5", "D6"]\n')
    read = "import board, digitalio\npin = digitalio.DigitalInOut(board.D6)\nprint(pin.value)\n"
    drive = "with digitalio.DigitalInOut(board.D5) as other:\n"
    drive += "    other.switch_to_output(False)\n    print(pin.value)\nprint(pin.value)\n"
    one = board(read + drive)
    one.sees(b"True\r\nFalse\r\nTrue\r\n", PROMPT)


def test_a_wrong_declaration_is_told_before_anything_runs(
    world: World, circuitpy_drive: Path
) -> None:
    """With exit status 2."""
    (circuitpy_drive / "code.py").write_text("print('ran')\n")
    (circuitpy_drive / "cpcompat.toml").write_text('[pins.D99]\nsafe = "low"\n')
    done = subprocess.run(
        [COMMAND, "run", str(circuitpy_drive), *REAL, "--runs", "1"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )
    assert done.returncode == 2
    assert "[pins.D99]" in done.stderr
    assert "ran" not in done.stdout
