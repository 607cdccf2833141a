"""When the drive has been quiet long enough for a reload."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from cpcompat.supervisor.process.states import Event, State

if TYPE_CHECKING:
    from cpcompat.supervisor.process.loop import Supervisor

SETTLE_S = 0.75
"""How long the drive must be quiet before a reload (upstream: 750 ms)."""


class Quiet:
    """Waits for the drive to be quiet.

    Args:
        supervisor: Who is told.
    """

    def __init__(self, supervisor: Supervisor) -> None:
        self._up = supervisor
        self._loop = asyncio.get_running_loop()
        self._last_change = 0.0
        self._holds = 0
        self._wanted = False

    def disturbed(self) -> None:
        """Note that the drive has just changed."""
        self._last_change = self._loop.time()

    def wait(self) -> None:
        """Post SETTLED when the drive has been quiet long enough, and nobody holds it up."""
        if self._holds:
            self._wanted = True
            return
        quiet_s = self._last_change + SETTLE_S - self._loop.time()
        self._up.post_later(Event.SETTLED, max(quiet_s, 0.0))

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Hold the reload up for as long as somebody is about to write."""
        self._holds += 1
        if self._up.state is State.SETTLING:
            self._up.post_never(Event.SETTLED)
            self._wanted = True
        try:
            yield
        finally:
            self._holds -= 1
            if self._wanted and not self._holds:
                self._wanted = False
                self.disturbed()
                self.wait()
