"""Safe mode, from outside: what leads into it, what it says, and the way out."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.programs.conftest import PROMPT, Board
from tests.programs.test_console import wait_for

pytestmark = [pytest.mark.feature("safe mode"), pytest.mark.simulated]

Start = Callable[..., Board]
CRASH = "import ctypes\nctypes.string_at(0)\n"
SAFE = (
    b"\x1b[2K\x1b[0GAuto-reload is off.\r\n"
    b"Running in safe mode! Not running saved code.\r\n\r\n"
    b"You are in safe mode because:\r\n"
)
TO_SAFE_MODE = (
    "import microcontroller\n"
    "microcontroller.on_next_reset(microcontroller.RunMode.SAFE_MODE)\n"
    "microcontroller.reset()\n"
)


def test_a_crash_leads_into_safe_mode_at_once_and_a_reset_out_of_it(board: Start) -> None:
    """The reason is told, the REPL is there, and after the mending the program runs again."""
    one = board(CRASH)
    one.sees(SAFE, b"Hard fault: memory access or instruction error.\r\n")
    one.sees(b"Press reset to exit safe mode.\r\n", PROMPT)
    one.types(b"\r")
    one.sees(b">>> ")
    one.types(b"import supervisor; supervisor.runtime.safe_mode_reason\r")
    one.sees(b"supervisor.SafeModeReason.HARD_FAULT\r\n>>> ")
    one.saves("print('mended')\n")
    one.types(b"import microcontroller; microcontroller.reset()\r")
    one.sees(b"code.py output:\r\n", b"mended\r\n", PROMPT)


def test_safe_mode_asked_for_by_a_program_runs_neither_boot_py_nor_code_py(board: Start) -> None:
    """Ctrl-D says the same again; boot_out.txt stays as it was."""
    one = board("pass")
    one.sees(PROMPT)
    one.leaves()
    boot_out = (one.drive / "boot_out.txt").read_bytes()
    one.saves("print('boot.py ran')\n", "boot.py")
    again = board("import time\nprint('code.py ran')\n" + TO_SAFE_MODE)
    again.sees(b"code.py ran", SAFE, b"module was used to boot into safe mode.\r\n", PROMPT)
    again.types(b"\x04")
    seen = again.sees(b"soft reboot\r\n", SAFE, PROMPT)
    assert b"code.py ran" not in seen
    assert (again.drive / "boot_out.txt").read_bytes() != boot_out  # of the boot before it
    assert b"safe" not in (again.drive / "boot_out.txt").read_bytes()


def test_safemode_py_may_reset_the_board(board: Start) -> None:
    """It sees the reason, and resets once the cause is gone."""
    one = board(None)
    one.close()
    one.saves(
        "import os, supervisor, microcontroller\n"
        "print('in', supervisor.runtime.safe_mode_reason)\n"
        "os.rename('/next.py', '/code.py')\n"
        "microcontroller.reset()\n",
        "safemode.py",
    )
    one.saves("print('well again')\n", "next.py")
    again = board(CRASH)
    again.sees(b"safemode.py output:\r\n", b"in supervisor.SafeModeReason.HARD_FAULT\r\n")
    again.sees(b"well again\r\n", PROMPT)


@pytest.mark.parametrize("ending", ["1/0", "import sys; sys.exit()"])
def test_a_safemode_py_that_ends_by_an_exception_is_the_new_reason(
    board: Start, circuitpy_drive: Path, ending: str
) -> None:
    """Even `sys.exit()` counts as one."""
    (circuitpy_drive / "safemode.py").write_text(ending + "\n")
    one = board(CRASH)
    one.sees(b"safemode.py output:\r\n", SAFE, b"Error in safemode.py.\r\n", PROMPT)


def test_a_drive_may_ask_for_restarts_before_safe_mode(board: Start, circuitpy_drive: Path) -> None:
    """One restart, then safe mode at the second crash."""
    (circuitpy_drive / "cpcompat.toml").write_text("[supervisor]\nrestart = 1\n")
    one = board(CRASH)
    one.sees(b"Restarting in 1 s.", b"soft reboot\r\n", b"signal 11", SAFE, PROMPT)


def test_counted_runs_end_with_an_error_when_the_program_crashes(
    run_to_end: Callable[..., subprocess.CompletedProcess[bytes]],
) -> None:
    """Status 1, and the way it died."""
    done = run_to_end(CRASH)
    assert done.returncode == 1
    assert b"signal 11 (SIGSEGV)" in done.stdout


def test_the_window_is_as_long_as_the_setting_says(board: Start, circuitpy_drive: Path) -> None:
    """Without a press the board boots after it."""
    (circuitpy_drive / "settings.toml").write_text("CIRCUITPY_SAFE_MODE_DELAY = 0.2\n")
    one = board("import time\nprint(time.monotonic() > 0)\n")
    one.sees(b"True\r\n", PROMPT)


def test_a_window_setting_that_is_no_number_is_named(board: Start, circuitpy_drive: Path) -> None:
    """As upstream tells it, and the board boots without a window."""
    (circuitpy_drive / "settings.toml").write_text('CIRCUITPY_SAFE_MODE_DELAY = "long"\n')
    one = board("print('up')\n")
    one.sees(b"An error occurred while retrieving 'CIRCUITPY_SAFE_MODE_DELAY':\r\nInvalid format")
    one.sees(b"up\r\n", PROMPT)


def test_the_status_light_is_a_pin_of_the_circuit_and_free_for_the_program(
    board: Start, circuitpy_drive: Path
) -> None:
    """It flashes while the board waits; the program may drive it as its own LED."""
    (circuitpy_drive / "cpcompat.toml").write_text('[supervisor]\nstatus_led = "LED"\n')
    one = board(
        "import board, digitalio, supervisor\n"
        "led = digitalio.DigitalInOut(board.LED)\n"
        "led.switch_to_output(True)\n"
        "supervisor.runtime.rgb_status_brightness = 200\n"
        "print('mine', led.value, supervisor.runtime.rgb_status_brightness)\n"
    )
    one.sees(b"mine True 200\r\n", PROMPT)

    def light() -> dict[str, object]:
        shown: dict[str, object] = json.loads(one.circuit("show"))["pins"]["LED"]
        return shown

    wait_for(lambda: bool(light()["mode"]) and light()["level"] is True)
    wait_for(lambda: bool(light()["mode"]) and light()["level"] is False)
    one.types(b"\r")
    one.sees(b">>> ")
    assert not light()["mode"], "in the REPL the pin is free"
