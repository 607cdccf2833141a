"""What the death of a program means: how it is told, and what the board does about it."""

from __future__ import annotations

import os
import signal
from collections import deque
from typing import NamedTuple

WITHIN_S = 600.0
"""Crashes longer ago do not count."""
LONGEST_DELAY_S = 60.0

_HARD_FAULTS = frozenset(
    {signal.SIGSEGV, signal.SIGBUS, signal.SIGILL, signal.SIGFPE, signal.SIGABRT, signal.SIGSYS}
)
_WHY: dict[int, str] = {
    signal.SIGSEGV: "memory access error",
    signal.SIGBUS: "memory access error",
    signal.SIGILL: "illegal instruction",
    signal.SIGFPE: "arithmetic error in native code",
    signal.SIGABRT: "abort in native code",
    signal.SIGSYS: "forbidden system call",
}


class Death(NamedTuple):
    """How a program's process ended that did not say that it ends.

    Attributes:
        how: ``"crashed"`` for what is a crash of the board upstream, else ``"died"``.
        text: What people are told.
        reason: The safe-mode reason of a crash, a name of ``supervisor.SafeModeReason``; else empty.
    """

    how: str
    text: str
    reason: str


def of(status: int, out_of_memory: bool) -> Death:
    """Tell what a death means.

    Args:
        status: As ``waitpid`` gives it, or -1 when the zygote died and took the program along.
        out_of_memory: The kernel has killed somebody for memory since the program started.
    """
    if status < 0 or not os.WIFSIGNALED(status):
        code = status if status < 0 else os.WEXITSTATUS(status)
        text = f"\nThe program's process exited with status {code} before the program ended.\n"
        return Death("died", text, "")
    number = os.WTERMSIG(status)
    if number == signal.SIGKILL and out_of_memory:
        return Death("crashed", _killed(number, "the machine ran out of memory"), "NO_HEAP")
    if number in _HARD_FAULTS:
        return Death("crashed", _killed(number, _WHY[number]), "HARD_FAULT")
    return Death("died", _killed(number, "somebody sent it"), "")


def _killed(number: int, why: str) -> str:
    try:
        name = signal.Signals(number).name
    except ValueError:
        name = f"real-time {number - signal.SIGRTMIN}"
    return f"\nThe program was ended by signal {number} ({name}): {why}.\n"


class Crashes:
    """Counts crashes, for a board that may try again before it goes into safe mode.

    Args:
        limit: How many restarts within `WITHIN_S`; 0 for none.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._times: deque[float] = deque(maxlen=max(limit, 1))

    def note(self, now_s: float) -> bool:
        """Count one crash; return whether the program may be started again.

        Args:
            now_s: The time, in seconds on any clock that does not go back.
        """
        while self._times and now_s - self._times[0] > WITHIN_S:
            self._times.popleft()
        if len(self._times) >= self._limit:
            return False
        self._times.append(now_s)
        return True

    @property
    def delay_s(self) -> float:
        """How long to wait before the next start: 1 s, then twice as long each time."""
        return min(2.0 ** (len(self._times) - 1), LONGEST_DELAY_S)
