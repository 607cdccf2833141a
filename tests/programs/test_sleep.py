"""Deep sleep from outside: pretended while somebody watches, a boot when nobody does."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.programs.conftest import COMMAND, PROMPT, Board
from tests.programs.test_console import wait_for

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


RTCWAKE = """#!/bin/sh
echo "$@" >> "$RTCWAKE_LOG"
test -z "$RTCWAKE_REFUSES" || { echo "rtcwake: no such mode" >&2; exit 1; }
"""


@pytest.fixture
def rtcwake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a stand-in for util-linux's command first on the path; return what it is told."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name, text in (("rtcwake", RTCWAKE), ("sudo", '#!/bin/sh\nshift\nexec "$@"\n')):
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    monkeypatch.setenv("RTCWAKE_LOG", str(tmp_path / "told"))
    return tmp_path / "told"


def sleeps(drive: Path, code: str, told: Path) -> subprocess.Popen[str]:
    """Start a board that nobody watches, whose computer may be suspended."""
    (drive / "cpcompat.toml").write_text('[supervisor]\nsuspend = "mem"\n')
    (drive / "code.py").write_text("import alarm, board, time\n" + code)
    words = [COMMAND, "run", str(drive), "--console", "none"]
    return subprocess.Popen(words, stderr=subprocess.PIPE, text=True)


def test_in_deep_sleep_the_computer_is_suspended_until_the_alarm(
    circuitpy_drive: Path, rtcwake: Path
) -> None:
    """For the whole seconds that are left of ten minutes."""
    late = TIME.replace("0.3", "600")
    board = sleeps(circuitpy_drive, late + SLEEP, rtcwake)
    wait_for(rtcwake.exists)
    wait_for(lambda: rtcwake.read_text().endswith("\n"))
    words = rtcwake.read_text().split()
    assert words[:3] == ["--mode", "mem", "--seconds"]
    assert 590 <= int(words[3]) <= 600
    board.terminate()
    board.communicate()


def test_a_computer_that_cannot_be_suspended_says_so_and_the_board_sleeps(
    circuitpy_drive: Path, rtcwake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the words of `rtcwake`, and what helps."""
    monkeypatch.setenv("RTCWAKE_REFUSES", "1")
    board = sleeps(circuitpy_drive, TIME.replace("0.3", "600") + SLEEP, rtcwake)
    assert board.stderr is not None
    said = ""
    while "cannot be suspended" not in said:
        said = board.stderr.readline()
        assert said
    assert "rtcwake: no such mode" in said
    assert board.poll() is None
    board.terminate()
    board.communicate()


@pytest.mark.parametrize("alarm", [PIN, TIME], ids=["pin", "soon"])
def test_for_a_pin_or_a_moment_the_computer_stays_awake(
    circuitpy_drive: Path, rtcwake: Path, alarm: str
) -> None:
    """The one could not wake it, the other is not worth it."""
    code = "open('/runs.txt', 'a').write('r')\n" + alarm + SLEEP
    board = sleeps(circuitpy_drive, code, rtcwake)
    runs = circuitpy_drive / "runs.txt"
    wait_for(lambda: runs.exists() and len(runs.read_text()) >= (1 if alarm is PIN else 2))
    if alarm is PIN:
        words = [COMMAND, "circuit", str(circuitpy_drive), "drive", "D5", "high"]
        wait_for(
            lambda: runs.read_text() == "r" and subprocess.run(words, check=False).returncode == 0
        )
        wait_for(lambda: len(runs.read_text()) >= 2)
    assert not rtcwake.exists()
    board.terminate()
    board.communicate()
