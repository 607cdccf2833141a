"""``time`` on a drive: upstream's names, on the board's clock.

Source: CircuitPython ``shared-bindings/time/__init__.c``.
"""

from __future__ import annotations

import time
from types import ModuleType
from typing import TYPE_CHECKING

from cpcompat.hal.clock import RealClock
from cpcompat.hal.wall import Wall, date_of, seconds_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from cpcompat.hal.clock import Clock

_YEAR_2000_S = 946_684_800


def wall_on(
    clock: Clock, base_ns: int | None = None, keep: Callable[[int], object] = lambda base_ns: None
) -> Wall:
    """Return the board's real-time clock.

    Args:
        clock: The board's clock. Where that is not the host's, the date moves with it.
        base_ns: See `cpcompat.hal.wall.Wall`.
        keep: The same.
    """
    if isinstance(clock, RealClock):
        return Wall(base_ns=base_ns, keep=keep)
    start_ns, now_ns = time.time_ns() - clock.now_ns(), clock.now_ns

    def host_s() -> int:
        now_s = (start_ns + now_ns()) // 10**9
        return now_s + time.localtime(now_s).tm_gmtoff

    return Wall(host_s, now_ns, base_ns, keep)


def build(clock: Clock, wall: Wall) -> ModuleType:
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
        mktime=seconds_of,
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
    return date_of(seconds)
