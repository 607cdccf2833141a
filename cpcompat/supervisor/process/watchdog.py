"""The supervisor's side of the watchdog: it keeps the time, so a program that hangs is bitten too."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable
from pathlib import Path

from cpcompat.hal.feeding import FED


class Watchdog:
    """Waits for a program to feed it.

    A program feeds by writing the time to a file in memory: that costs it one system call and the
    supervisor nothing, which looks only when the time would be up.

    Args:
        food: The file.
        bite: Called with the mode when the time is up: ``"RAISE"`` or ``"RESET"``.
    """

    def __init__(self, food: Path, bite: Callable[[str], None]) -> None:
        self._food = food
        self._bite = bite
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._timeout_s = 0.0
        self.mode = ""

    def set(self, wanted: object) -> None:
        """Do as a program said: ``{"mode": …, "timeout_s": …}``, or None to switch it off.

        Anything odd counts as None.
        """
        self.off()
        if not isinstance(wanted, dict):
            return
        mode, timeout_s = wanted.get("mode"), wanted.get("timeout_s")
        if mode in ("RAISE", "RESET") and isinstance(timeout_s, int | float) and timeout_s > 0:
            self.mode, self._timeout_s = mode, float(timeout_s)
            self._timer = self._loop.call_later(self._timeout_s, self._look, self._loop.time())

    def _look(self, since: float) -> None:
        due = max(self._last_fed(), since) + self._timeout_s
        if due > self._loop.time():
            self._timer = self._loop.call_at(due, self._look, since)
            return
        mode = self.mode
        self.off()
        self._bite(mode)

    def _last_fed(self) -> float:
        try:
            fed: float = FED.unpack(self._food.read_bytes()[: FED.size])[0]
        except (OSError, struct.error):
            return 0.0
        # A program may write anything; a time to come would be food for ever.
        return min(fed, self._loop.time())

    def program_ended(self, how: str) -> None:
        """Switch it off, unless it guards against just that: RESET, and an exception."""
        if not (self.mode == "RESET" and how in ("exception", "exit")):
            self.off()

    def off(self) -> None:
        """Switch it off."""
        self.mode = ""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
