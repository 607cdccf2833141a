"""The board's clock: real time on hardware; real or virtual time in a simulation."""

from __future__ import annotations

import time

TYPE_CHECKING = False  # not typing's: that import costs more than all of this package
if TYPE_CHECKING:
    from typing import Protocol
else:
    Protocol = object


_SPUN_NS = 2_000_000
"""The last part of a wait is spun: a sleeping thread wakes up to about so much too late."""
_FIRST_TICKS_MS = (1 << 29) - 65_536
_TICKS_PERIOD_MS = 1 << 29


class Clock(Protocol):
    """What tells and spends time on a board.

    A clock that is not the host's own has one more method, ``each(interval_ns, work)``: it calls the
    function again and again as its time passes, until the function that it returned is called.

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


def wait_until(clock: Clock, end_ns: int) -> None:
    """Wait for a moment to the microsecond, without giving the processor away for the last 2 ms."""
    now = clock.now_ns()
    if end_ns - now > _SPUN_NS:
        clock.sleep_ns(end_ns - now - _SPUN_NS)
        now = clock.now_ns()
    while now < end_ns:
        before, now = now, clock.now_ns()
        if now == before:  # a virtual clock stands still while nobody sleeps
            clock.sleep_ns(end_ns - now)
            now = clock.now_ns()


def ticks_ms(time_ns: int) -> int:
    """Return a clock's time as upstream counts it: milliseconds, 0 to 536 870 911.

    They go round for the first time 65.536 s after power-on, so that programs meet that early.
    """
    return (time_ns // 1_000_000 + _FIRST_TICKS_MS) % _TICKS_PERIOD_MS
