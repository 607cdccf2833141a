"""A drive on real hardware, over the kernel shim: whatever is killed, no line stays driven.

The shim keeps what lines drive when they are closed, as the kernel of Raspberry Pi OS does: without the
supervisor's doing they would stay driven for ever.
"""

from __future__ import annotations

import os
import signal
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.programs.conftest import COMMAND, PATIENCE_S, PROMPT, Board
from tests.programs.kills import DRIVES, PINS, REAL, Running, on_several_boards, wait_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.shim.world import World

pytestmark = [pytest.mark.feature("hardware broker"), pytest.mark.shim]

ALONE_S = 0.1
"""How long the lines of the dead may stay driven."""


@pytest.fixture
def quiet(kernel_shim: None, tmp_path: Path) -> Iterator[World]:
    """Enter a world that keeps no log: these programs call the kernel without end."""
    from tests.shim.world import World

    with World(tmp_path / "world", log=False) as world:
        yield world


def test_no_line_is_driven_100_ms_after_a_random_death(
    kernel_shim: None, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    """Of the program, the zygote, the supervisor, the broker, and of some of them together."""
    count = pytestconfig.getoption("--kills")
    found = on_several_boards(tmp_path, count, seed=count)
    assert len(found) == count
    assert [one for one in found if one.taken_s > ALONE_S] == []


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
