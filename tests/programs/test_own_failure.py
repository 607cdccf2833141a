"""The supervisor's own failure: the next start says so, and is one into safe mode."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from cpcompat.supervisor.process.own_failure import OwnFailure
from tests.programs.conftest import PROMPT, Board

pytestmark = [pytest.mark.feature("safe mode"), pytest.mark.simulated]

Start = Callable[..., Board]


def test_a_supervisor_that_crashed_comes_back_in_safe_mode_once(board: Start) -> None:
    """A service manager starts it again; the program that may be the cause does not run."""
    one = board("print('ran')")
    one.sees(PROMPT)
    os.kill(one.pid, signal.SIGSEGV)
    assert one.ends() == -signal.SIGSEGV
    again = board(None)
    seen = again.sees(b"You are in safe mode because:\r\n")
    assert b"ran\r\n" not in seen
    assert b"Fatal Python error: Segmentation fault" in seen
    again.sees(b"The supervisor itself failed.\r\n", PROMPT)
    again.types(b"x")
    again.sees(b">>> ")
    again.types(b"import microcontroller; microcontroller.reset()\r")
    again.sees(b"ran\r\n", PROMPT)
    assert again.leaves() == 0
    third = board(None)
    third.sees(b"ran\r\n", PROMPT)


def test_a_supervisor_that_was_killed_has_not_failed(board: Start) -> None:
    """Whoever sends SIGKILL may have meant it."""
    one = board("print('ran')")
    one.sees(PROMPT)
    os.kill(one.pid, signal.SIGKILL)
    one.ends()
    board(None).sees(b"ran\r\n", PROMPT)


def test_the_crash_of_a_program_is_not_the_supervisors(board: Start) -> None:
    """Its own safe mode ends with the run; the next start is as always."""
    one = board("import ctypes\nctypes.string_at(0)\n")
    one.sees(b"Hard fault", PROMPT)
    assert one.leaves() == 0
    one.saves("print('ran')")
    board(None).sees(b"ran\r\n", PROMPT)


def test_an_exception_is_kept_by_its_last_line(tmp_path: Path) -> None:
    """And told once."""
    first = OwnFailure(tmp_path)
    assert first.before == ""
    first.note(RuntimeError("lost its way"))
    first.close()
    second = OwnFailure(tmp_path)
    assert second.before == "RuntimeError: lost its way"
    second.close()
    third = OwnFailure(tmp_path)
    assert third.before == ""
    third.close()
