"""Starts a backend's own process as the zygote does, without a zygote."""

from __future__ import annotations

import importlib
import os
import signal
from itertools import pairwise

_MOST = 65536
"""More descriptors than this a process of tests does not have."""


class Launcher:
    """See `cpcompat.hal.backend.Launch`.

    Attributes:
        pids: The processes that were started, oldest first.
    """

    def __init__(self) -> None:
        self.pids: list[int] = []

    def __call__(self, module: str, arguments: dict[str, object], descriptors: list[int]) -> int:
        """Fork the process; it keeps the standard streams and what is handed over."""
        pid = os.fork()
        if pid == 0:
            try:
                edges = [2, *sorted(descriptors), _MOST]
                for above, below in pairwise(edges):
                    os.closerange(above + 1, below)
                importlib.import_module(module).main(arguments, descriptors)
            finally:
                os._exit(0)
        self.pids.append(pid)
        return pid

    def kill(self) -> None:
        """Kill the process that was started last, and reap it."""
        pid = self.pids.pop()
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)

    def close(self) -> None:
        """Wait for the processes' end: they have nobody left to serve."""
        for pid in self.pids:
            os.waitpid(pid, 0)
        self.pids.clear()
