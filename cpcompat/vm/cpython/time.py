"""``time`` on a drive: upstream's names, on the board's clock.

Source: CircuitPython ``shared-bindings/time/__init__.c``.
"""

from __future__ import annotations

import calendar
import time
from types import ModuleType
from typing import TYPE_CHECKING

from cpcompat.hal.clock import RealClock

if TYPE_CHECKING:
    from collections.abc import Callable

    from cpcompat.hal.clock import Clock

_YEAR_2000_S = 946_684_800


class WallClock:
    """The date and time on the board, as its real-time clock would show it: local time.

    Args:
        clock: The board's clock. Where that is not the host's, the date moves with it.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = None if isinstance(clock, RealClock) else clock
        self._start_ns = time.time_ns() - clock.now_ns()

    def now_s(self) -> int:
        """Return the seconds since 1970 in local time."""
        clock = self._clock
        now_s = (time.time_ns() if clock is None else self._start_ns + clock.now_ns()) // 10**9
        return now_s + time.localtime(now_s).tm_gmtoff


def build(clock: Clock, wall: WallClock) -> ModuleType:
    """Return the module.

    Args:
        clock: The board's clock.
        wall: The date and time.
    """
    now_ns = clock.now_ns

    def monotonic() -> float:
        """Return the seconds since the board was powered."""
        return now_ns() / 1e9

    def monotonic_ns() -> int:
        """Return the nanoseconds since the board was powered."""
        return now_ns()

    def localtime(secs: float | None = None) -> time.struct_time:
        """Return the date and time of so many seconds since 1970, or now."""
        return _local(wall.now_s() if secs is None else int(secs))

    module = ModuleType("time", "The board's time.")
    module.__dict__.update(
        monotonic=monotonic,
        monotonic_ns=monotonic_ns,
        sleep=_sleep(clock.sleep_ns),
        time=wall.now_s,
        localtime=localtime,
        mktime=_mktime,
        struct_time=time.struct_time,
    )
    return module


def _sleep(sleep_ns: Callable[[int], None]) -> Callable[[float], None]:
    def sleep(seconds: float) -> None:
        """Wait, to the nearest millisecond."""
        wait_ms = int(1000 * seconds + 0.5) if seconds >= 0 else -1
        if wait_ms < 0:
            raise ValueError("seconds must be >= 0")
        sleep_ns(wait_ms * 1_000_000)

    return sleep


def _local(seconds: int) -> time.struct_time:
    if seconds < _YEAR_2000_S:
        raise OverflowError("timestamp out of range for platform time_t")
    return time.struct_time((*time.gmtime(seconds)[:8], -1))


def _mktime(t: time.struct_time | tuple[int, ...]) -> int:
    """Return the seconds since 1970 of a date and time."""
    if not isinstance(t, tuple):
        raise TypeError(f"Tuple or struct_time argument required, not {type(t).__name__}")
    if len(t) != 9:
        raise TypeError("function takes exactly 9 arguments")
    if t[0] < 2000:
        raise OverflowError("tm_year out of range")
    return calendar.timegm(t)
