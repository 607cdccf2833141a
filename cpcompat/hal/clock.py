"""The board's clock: real time on hardware; real or virtual time in a simulation."""

from __future__ import annotations

import time

TYPE_CHECKING = False  # not typing's: that import costs more than all of this package
if TYPE_CHECKING:
    from typing import Protocol
else:
    Protocol = object


class Clock(Protocol):
    """What tells and spends time on a board.

    Synchronization: any thread.
    """

    def now_ns(self) -> int:
        """Return the time since the board was powered, in nanoseconds; never goes back."""
        ...

    def sleep_ns(self, duration_ns: int) -> None:
        """Let that much time pass; signals interrupt it by raising, nothing else does."""
        ...


class RealClock:
    """The host's monotonic clock, counted from when this object was made."""

    def __init__(self, start_ns: int | None = None) -> None:
        self._start_ns = time.monotonic_ns() if start_ns is None else start_ns

    def now_ns(self) -> int:
        """See `Clock.now_ns`."""
        return time.monotonic_ns() - self._start_ns

    def sleep_ns(self, duration_ns: int) -> None:
        """See `Clock.sleep_ns`."""
        time.sleep(duration_ns / 1e9)
