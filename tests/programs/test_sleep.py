"""Deep sleep from outside: pretended while somebody watches, a boot when nobody does."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.programs.conftest import COMMAND, PROMPT, Board

pytestmark = [pytest.mark.feature("alarm"), pytest.mark.simulated]

Start = Callable[..., Board]
PRETENDING = b"Pretending to deep sleep until alarm, CTRL-C or file write.\r\n"
NAP = (
    "import alarm, board, time, supervisor\n"
    "print('woken by', type(alarm.wake_alarm).__name__, supervisor.runtime.run_reason)\n"
    "alarm.sleep_memory[0] = (alarm.sleep_memory[0] + 1) & 255\n"
    "print('run', alarm.sleep_memory[0])\n"
)
TIME = "a = alarm.time.TimeAlarm(monotonic_time=time.monotonic() + 0.3)\n"
PIN = "a = alarm.pin.PinAlarm(board.D5, value=True, pull=True)\n"
SLEEP = "alarm.exit_and_deep_sleep_until_alarms(a)\n"


def test_an_alarm_wakes_the_board_and_the_program_starts_from_its_beginning(board: Start) -> None:
    """Nothing is booted, and the sleep memory is as it was."""
    one = board(NAP + TIME + SLEEP)
    one.sees(b"woken by NoneType supervisor.RunReason.STARTUP\r\n", b"run 1\r\n")
    one.sees(b"Code done running.\r\n", PROMPT, PRETENDING, b"Woken up by alarm.\r\n")
    between = one.sees(b"woken by TimeAlarm supervisor.RunReason.STARTUP\r\n")
    assert b"Board ID" not in between
    assert b"soft reboot" not in between
    one.sees(b"run 2\r\n")


def test_a_pin_of_the_circuit_wakes_the_board(board: Start) -> None:
    """The supervisor's own program watches it while no other runs."""
    one = board(NAP + PIN + "if alarm.wake_alarm is None:\n    " + SLEEP)
    one.sees(b"woken by NoneType", PRETENDING)
    one.circuit("drive", "D5", "high")
    one.sees(b"Woken up by alarm.\r\n", b"woken by PinAlarm", PROMPT)


@pytest.mark.parametrize(
    ("key", "then"),
    [(b"\r", b">>> "), (b"\x03", b">>> "), (b"\x04", b"soft reboot\r\n")],
)
def test_a_key_ends_pretended_sleep(board: Start, key: bytes, then: bytes) -> None:
    """Any key means the REPL, Ctrl-D a reload; no alarm woke it."""
    one = board(NAP + PIN + SLEEP)
    one.sees(PRETENDING)
    one.types(key)
    one.sees(then)
    if key == b"\x04":
        one.sees(b"woken by NoneType")


def test_a_saved_file_ends_pretended_sleep(board: Start) -> None:
    """By a reload as always."""
    one = board(NAP + PIN + SLEEP)
    one.sees(PRETENDING)
    one.saves("print('saved')\n")
    one.sees(b"soft reboot\r\n", b"saved\r\n", PROMPT)


def test_without_anybody_watching_an_alarm_boots_the_board(circuitpy_drive: Path) -> None:
    """boot.py runs again, and the reset reason tells why."""
    (circuitpy_drive / "boot.py").write_text("open('/boots.txt', 'a').write('b')\n")
    (circuitpy_drive / "code.py").write_text(
        NAP
        + "import microcontroller\n"
        + "open('/reasons.txt', 'a').write(f'{microcontroller.cpu.reset_reason}\\n')\n"
        + TIME
        + SLEEP
    )
    done = subprocess.run(
        [COMMAND, "run", str(circuitpy_drive), "--console", "none", "--runs", "2"],
        stdin=subprocess.DEVNULL,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0
    reasons = (circuitpy_drive / "reasons.txt").read_text().split()
    assert reasons == [
        "microcontroller.ResetReason.POWER_ON",
        "microcontroller.ResetReason.DEEP_SLEEP_ALARM",
    ]
    assert (circuitpy_drive / "boots.txt").read_text() == "bb"
