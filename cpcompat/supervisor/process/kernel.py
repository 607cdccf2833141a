"""The few system calls that Python does not offer and the supervision of processes needs."""

from __future__ import annotations

import ctypes
import os
import select
import signal
from collections.abc import Collection
from pathlib import Path

_libc = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36


def become_subreaper() -> None:
    """Become the parent of every descendant that loses its own (prctl(2), PR_SET_CHILD_SUBREAPER)."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def die_with_parent(parent: int) -> None:
    """Have this process killed when its parent ends, however that happens (PR_SET_PDEATHSIG).

    Args:
        parent: The parent's id; if it has ended already, this process exits at once.
    """
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def _prctl(option: int, value: int) -> None:
    if _libc.prctl(option, value, 0, 0, 0) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), "prctl")


def children() -> set[int]:
    """Return the ids of this process's children, adopted ones too (/proc/PID/task/TID/children)."""
    found: set[int] = set()
    for task in Path("/proc/self/task").iterdir():
        found.update(int(word) for word in (task / "children").read_text().split())
    return found


def sweep(spare: Collection[int], patience_s: float = 2.0) -> set[int]:
    """Kill and reap every child but some, and whatever is left to this process by that.

    A program's grandchildren come here when their parent ends, also those that made a session of
    their own; killing goes on until none is left, so one that forks without end is caught too.

    Args:
        spare: Ids that stay.
        patience_s: How long to wait for each that SIGKILL does not end.

    Returns:
        Those: they hang in the kernel. Whoever waits for any child reaps them some day.
    """
    stuck: set[int] = set()
    while doomed := children() - set(spare) - stuck:
        for pid in doomed:
            os.kill(pid, signal.SIGKILL)
        stuck.update(pid for pid in doomed if not _reaped(pid, patience_s))
    return stuck


def _reaped(pid: int, patience_s: float) -> bool:
    handle = os.pidfd_open(pid)
    try:
        ended, _, _ = select.select([handle], [], [], patience_s)
        # One that is traced has ended, and is still not ours to reap.
        return bool(ended) and os.waitpid(pid, os.WNOHANG)[0] == pid
    finally:
        os.close(handle)


def oom_kills() -> int:
    """Return how many processes the kernel has killed for want of memory since it booted."""
    try:
        with open("/proc/vmstat", encoding="ascii") as file:
            for line in file:
                name, _, count = line.partition(" ")
                if name == "oom_kill":
                    return int(count)
    except OSError:
        return 0
    return 0
