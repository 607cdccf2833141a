"""A program that not even SIGKILL ends.

A tracer makes one: what it traces stops at the first signal, and when SIGKILL has come nobody can
reap it before the tracer has (ptrace(2)). For its parent that is a process that hangs in the kernel.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import PROMPT, Board
from .test_hostile import driven

pytestmark = [pytest.mark.feature("supervisor"), pytest.mark.simulated]

Start = Callable[..., Board]
PTRACE_SEIZE = 0x4206
CODE = (
    "import board, ctypes, digitalio, time\n"
    "pin = digitalio.DigitalInOut(board.D5)\n"
    "pin.switch_to_output(True)\n"
    "print('process', ctypes.CDLL(None).getpid(), '.')\n"
    "time.sleep(60)\n"
)
TOLD = b"hangs in the kernel"
ADVICE = b"Until then its pins stay as they are, and no other program starts.\r\n"


def hang(one: Board) -> int:
    """Make the board's program one that cannot be ended; return its process's id."""
    one.sees(b"process ")
    pid = int(one.sees(b" .\r\n"))
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.ptrace(PTRACE_SEIZE, pid, None, None) == 0, os.strerror(ctypes.get_errno())
    return pid


def test_a_program_that_hangs_in_the_kernel_keeps_its_pins_until_it_has_ended(
    board: Start,
) -> None:
    """The user is told what helps; whoever asks is told again; then the saved file runs."""
    one = board(CODE)
    pid = hang(one)
    one.saves("print('new code')")
    one.sees(f"process {pid} hangs in the kernel".encode(), ADVICE)
    assert driven(one)
    one.types(b"x")
    one.sees(TOLD, ADVICE)
    os.waitpid(pid, 0)
    assert b"soft reboot" in one.sees(b"new code\r\n")
    one.sees(PROMPT)
    assert not driven(one)


def test_the_supervisor_can_be_left_while_a_program_hangs(board: Start) -> None:
    """It does not wait for it."""
    one = board(CODE)
    pid = hang(one)
    assert one.leaves() == 0
    os.waitpid(pid, 0)


def test_a_child_of_a_program_that_hangs_holds_nothing_up(board: Start, tmp_path: Path) -> None:
    """The next program starts without it."""
    one = board(
        "import subprocess, sys\n"
        "child = subprocess.Popen(['sleep', '60'], start_new_session=True)\n"
        "print('process', child.pid, '.')\ninput()\n"
    )
    pid = hang(one)
    one.types(b"\r")
    one.sees(PROMPT)
    one.saves("print('new code')")
    one.sees(b"new code\r\n", PROMPT)
    os.waitpid(pid, 0)
