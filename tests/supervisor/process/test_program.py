"""The ladder that ends a program, and what is above its last rung."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys

import pytest

from cpcompat.protocol import Begin, Link, pair
from cpcompat.supervisor.process.program import KILL_LADDER, Program

pytestmark = [pytest.mark.feature("supervisor"), pytest.mark.simulated]

BEGIN = Begin("code", "code.py", "/", "sim", "", {}, "", False)


async def hangs(handle: int, patience_s: float, reaped_first: bool = False) -> bool:
    """Climb to SIGKILL; tell whether the program is given up within a second."""
    ours, theirs = pair()
    given_up = asyncio.Event()
    program = Program(
        BEGIN, Link(ours), handle, lambda *_: None, lambda _: given_up.set(), patience_s
    )
    program.climb(KILL_LADDER)
    if reaped_first:
        program.close()
    try:
        await asyncio.wait_for(given_up.wait(), 0.2 if reaped_first else 5)
    except TimeoutError:
        return False
    finally:
        program.close()
        theirs.close()
    return True


def test_a_program_whose_death_is_never_told_is_given_up() -> None:
    """A fake one that no signal reaches, as one in an uninterruptible sleep."""
    assert asyncio.run(hangs(-1, 0.01))


def test_a_program_that_was_reaped_in_time_is_not() -> None:
    """SIGKILL has been sent, and the waiting ends with the reaping."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        handle = os.pidfd_open(process.pid)
        assert not asyncio.run(hangs(handle, 0.0, reaped_first=True))
        process.kill()
    assert process.returncode == -signal.SIGKILL
