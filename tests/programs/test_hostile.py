"""Programs that will not behave: none hangs or kills the supervisor, or leaves a pin driven."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import COMMAND, PROMPT, Board
from .test_console import wait_for

pytestmark = [pytest.mark.feature("supervisor"), pytest.mark.simulated]

Start = Callable[..., Board]
DRIVE_PIN = (
    "import board, digitalio\n"
    "pin = digitalio.DigitalInOut(board.D5)\n"
    "pin.switch_to_output(True)\n"
    "print('driven')\n"
)


def driven(one: Board) -> bool:
    """Tell whether the board drives D5."""
    return bool(json.loads(one.circuit("show"))["pins"]["D5"]["mode"])


HOSTILE = {
    "ignores every signal": "import signal\n"
    "for n in range(1, 65):\n"
    "    try:\n        signal.signal(n, signal.SIG_IGN)\n    except (OSError, ValueError):\n        pass\n"
    "print('ready')\nwhile True:\n    pass\n",
    "blocks every signal": "import signal\n"
    "signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))\n"
    "print('ready')\nwhile True:\n    pass\n",
    "closes its descriptors": "print('ready')\nimport ctypes\nlibc = ctypes.CDLL(None)\n"
    "for n in range(256):\n    libc.close(n)\nwhile True:\n    pass\n",
    "leaves children of their own session": "import subprocess, sys\n"
    "for n in range(3):\n"
    "    subprocess.Popen(['sleep', '3077'], start_new_session=True)\n"
    "print('ready')\nwhile True:\n    pass\n",
    "forks and stays in the child": "import ctypes\nlibc = ctypes.CDLL(None)\nprint('ready')\n"
    "if libc.fork() == 0:\n    while True:\n        pass\n",
}
CRASHING = {
    "dies of a memory error": "import ctypes\nctypes.string_at(0)\n",
    "aborts": "import ctypes\nctypes.CDLL(None).abort()\n",
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_program_is_replaced_by_the_next_save(board: Start, body: str) -> None:
    """Saving good code is always enough, and then the pins are in their reset state."""
    one = board(DRIVE_PIN + body)
    one.sees(b"driven\r\n", b"ready\r\n")
    one.saves("print('good again')")
    one.sees(b"good again\r\n", PROMPT)
    assert not driven(one)
    assert one.leaves() == 0


@pytest.mark.parametrize("body", CRASHING.values(), ids=CRASHING.keys())
def test_a_program_that_crashes_leaves_its_pins_in_their_reset_state(
    board: Start, body: str
) -> None:
    """Safe mode is the board's answer, and nothing is driven in it."""
    one = board(DRIVE_PIN + body)
    one.sees(b"driven\r\n", b"Running in safe mode! Not running saved code.\r\n", PROMPT)
    assert not driven(one)
    assert one.leaves() == 0


def test_a_pin_is_let_go_when_its_program_ends_and_held_while_it_runs(board: Start) -> None:
    """The check above can fail: while the program runs the pin is driven."""
    one = board(DRIVE_PIN + "input()\n")
    one.sees(b"driven\r\n")
    assert driven(one)
    one.types(b"\r")
    one.sees(PROMPT)
    assert not driven(one)


def test_a_program_that_dies_of_a_signal_is_told_by_its_name(board: Start) -> None:
    """People learn what happened; a crash is followed by safe mode, as upstream."""
    one = board("import ctypes\nctypes.string_at(0)\n")
    one.sees(b"signal 11 (SIGSEGV)", b"Running in safe mode! Not running saved code.\r\n", PROMPT)


def test_a_program_that_eats_all_memory_gets_a_memory_error(board: Start) -> None:
    """The limit is the drive's own, and the machine stays well."""
    one = board("pass")
    one.sees(PROMPT)
    one.leaves()
    one.saves("[supervisor]\nmemory_limit_mb = 200\n", "cpcompat.toml")
    again = board("x = []\nwhile True:\n    x.append(bytearray(10_000_000))\n")
    again.sees(b"MemoryError", PROMPT)


def test_a_flood_without_a_reader_stops_when_it_is_told(circuitpy_drive: Path) -> None:
    """Nobody opens the PTY: output is dropped, and the supervisor ends when asked."""
    (circuitpy_drive / "code.py").write_text("while True:\n    print('x' * 1000)\n")
    with subprocess.Popen(
        [COMMAND, "run", str(circuitpy_drive), "--console", "pty"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        wait_for((circuitpy_drive / "boot_out.txt").is_file)
        process.terminate()
        assert process.wait(15) == -signal.SIGTERM


def descendants(pid: int) -> set[int]:
    """Return the ids of all processes below one."""
    found: set[int] = set()
    for task in Path(f"/proc/{pid}/task").iterdir():
        for word in (task / "children").read_text().split():
            found |= {int(word)} | descendants(int(word))
    return found


def alive(pid: int) -> bool:
    """Tell whether a process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_nothing_outlives_a_killed_supervisor_and_its_pins_are_let_go(
    board: Start, tmp_path: Path
) -> None:
    """The zygote ends the program, children of other sessions too, and frees the lines."""
    trace = tmp_path / "trace.vcd"
    code = (
        DRIVE_PIN + "import subprocess\n"
        "subprocess.Popen(['sleep', '3078'], start_new_session=True)\n"
        "print('ready')\nwhile True:\n    pass\n"
    )
    (tmp_path / "drive" / "sim.toml").write_text('[[input]]\npin = "D5"\npull = "down"\n')
    one = board(code, "--trace", str(trace))
    one.sees(b"ready\r\n")
    below = descendants(one.pid)
    assert len(below) >= 4
    os.kill(one.pid, signal.SIGKILL)
    wait_for(lambda: not any(alive(pid) for pid in below))
    assert last_level(trace, "D5") == "0"


def last_level(trace: Path, signal_name: str) -> str:
    """Return the last level of a signal in a waveform file."""
    lines = trace.read_text().splitlines()
    code = next(
        line.split()[3] for line in lines if line.startswith("$var") and f" {signal_name} " in line
    )
    return [line for line in lines if line[1:] == code and line[0] in "01xz"][-1][0]


def test_a_killed_zygote_is_replaced(board: Start) -> None:
    """The program ends with it; the next save runs on another one."""
    one = board("print('go')\nwhile True:\n    pass\n")
    one.sees(b"go\r\n")
    zygote = min(descendants(one.pid))
    os.kill(zygote, signal.SIGKILL)
    one.sees(b"Code done running.\r\n", PROMPT)
    one.saves("print('second')")
    one.sees(b"second\r\n", PROMPT)


def test_parts_keep_their_state_over_reloads_and_knobs_turn_while_it_runs(board: Start) -> None:
    """The circuit outlives its programs."""
    one = board("pass")
    one.sees(PROMPT)
    one.leaves()
    one.saves(
        '[[i2c]]\npart = "at24c32"\naddress = 0x57\n',
        "sim.toml",
    )
    read = (
        "import board, time\ni2c = board.I2C()\nwhile not i2c.try_lock():\n    pass\n"
        "{what}\nbuffer = bytearray(2)\n"
        "i2c.writeto_then_readfrom(0x57, b'\\x00\\x10', buffer)\nprint(bytes(buffer))\n"
    )
    again = board(read.format(what="i2c.writeto(0x57, b'\\x00\\x10AB')\ntime.sleep(0.05)"))
    again.sees(b"b'AB'\r\n", PROMPT)
    again.saves(read.format(what=""))
    again.sees(b"b'AB'\r\n", PROMPT)
    again.circuit("drive", "D6", "high")
    assert json.loads(again.circuit("show"))["pins"]["D6"]["level"] is True
