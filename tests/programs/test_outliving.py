"""What outlives a program: nvm over kills and restarts, and the watchdog above it."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

import pytest

from tests.programs.conftest import PROMPT, Board

pytestmark = [pytest.mark.simulated]

Start = Callable[..., Board]
COUNT = (
    "import microcontroller\n"
    "n = microcontroller.nvm[0:2]\n"
    "print('found', n)\n"
    "microcontroller.nvm[0:2] = bytes((1, (n[1] + 1) & 255))\n"
)
WATCHED = (
    "import microcontroller, time, watchdog\n"
    "print('because', microcontroller.cpu.reset_reason)\n"
    "dog = microcontroller.watchdog\n"
    "dog.timeout = 0.3\n"
)


@pytest.mark.feature("nvm")
def test_nvm_survives_reload_kill_and_restart(board: Start) -> None:
    """Whatever ends the program or the supervisor."""
    one = board(COUNT)
    one.sees(b"found bytearray(b'\\xff\\xff')\r\n", PROMPT)
    one.types(b"\x04")
    one.sees(b"found bytearray(b'\\x01\\x00')\r\n", PROMPT)
    os.kill(one.pid, signal.SIGKILL)
    one.close()
    again = board(COUNT)
    again.sees(b"found bytearray(b'\\x01\\x01')\r\n", PROMPT)


@pytest.mark.feature("watchdog")
def test_a_program_that_feeds_in_time_is_left_alone_and_then_bitten(board: Start) -> None:
    """RAISE: the exception comes into a sleep, and the watchdog is off afterwards."""
    one = board(
        WATCHED + "dog.mode = watchdog.WatchDogMode.RAISE\n"
        "for n in range(10):\n    time.sleep(0.06)\n    dog.feed()\n"
        "print('fed')\n"
        "try:\n    time.sleep(10)\nexcept watchdog.WatchDogTimeout as e:\n    print('bitten', dog.mode)\n"
    )
    one.sees(b"fed\r\n", b"bitten None\r\n", PROMPT)


@pytest.mark.feature("watchdog")
def test_a_program_that_hangs_in_native_code_is_reset(board: Start) -> None:
    """RESET needs nothing of the program, and the next boot knows why it came."""
    one = board(
        WATCHED + "if 'WATCHDOG' not in repr(microcontroller.cpu.reset_reason):\n"
        "    dog.mode = watchdog.WatchDogMode.RESET\n"
        "    sum(range(10**13))\n"
    )
    one.sees(b"ResetReason.POWER_ON\r\n", b"Board ID:sim\r\n", b"ResetReason.WATCHDOG\r\n", PROMPT)


@pytest.mark.feature("watchdog")
def test_a_resetting_watchdog_outlives_an_exception_and_not_ctrl_c(board: Start) -> None:
    """It is there for programs that fail alone in the field."""
    fails = WATCHED + "dog.mode = watchdog.WatchDogMode.RESET\n1/0\n"
    one = board("import microcontroller\nif 'DOG' not in repr(microcontroller.cpu.reset_reason):\n")
    one.close()
    one.saves(
        "import microcontroller\n"
        "if 'WATCHDOG' in repr(microcontroller.cpu.reset_reason):\n    print('bitten')\n"
        "else:\n" + "".join(f"    {line}\n" for line in fails.splitlines())
    )
    again = board(None)
    again.sees(b"ZeroDivisionError", b"bitten\r\n", PROMPT)
    again.saves(
        WATCHED + "dog.timeout = 1\ndog.mode = watchdog.WatchDogMode.RESET\n"
        "print('hung')\nwhile True:\n    time.sleep(0.01)\n"
    )
    again.sees(b"hung\r\n")
    again.types(b"\x03")
    again.sees(b"KeyboardInterrupt", PROMPT)
    again.types(b"\r")
    again.sees(b">>> ")
    again.types(b"import time; time.sleep(1.5); print('still here')\r")
    again.sees(b"\r\nstill here\r\n")
