"""The date and time that programs see: the computer's local time, or what a program has set."""

from __future__ import annotations

import time

TYPE_CHECKING = False  # not typing's: that import costs more than all of this package
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_NS = 10**9


def host_local_s() -> int:
    """Return the seconds since 1970 in the computer's local time."""
    now_s = time.time_ns() // _NS
    return now_s + time.localtime(now_s).tm_gmtoff


def since_boot_ns() -> int:
    """Return the time since the computer was started; it goes on while the computer is suspended."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME)


class Wall:
    """A real-time clock: follows the computer's until it is set, and then goes on by itself.

    Args:
        host_s: Tells the local time while nothing is set.
        ticks_ns: A clock that never goes back, by which the time goes on once it is set.
        base_ns: What was set before: the date and time when ``ticks_ns`` was 0.
        keep: Is told the new base when the time is set.

    Attributes:
        source: An object whose ``datetime`` tells the time to programs instead; None for none.
    """

    __slots__ = ("_base_ns", "_host_s", "_keep", "_ticks_ns", "source")

    def __init__(
        self,
        host_s: Callable[[], int] = host_local_s,
        ticks_ns: Callable[[], int] = since_boot_ns,
        base_ns: int | None = None,
        keep: Callable[[int], object] = lambda base_ns: None,
    ) -> None:
        self._host_s = host_s
        self._ticks_ns = ticks_ns
        self._base_ns = base_ns
        self._keep = keep
        self.source: Any = None

    def clock_s(self) -> int:
        """Return the clock's own time: seconds since 1970, local time."""
        if self._base_ns is None:
            return self._host_s()
        return (self._base_ns + self._ticks_ns()) // _NS

    def set_s(self, seconds: int) -> None:
        """Set the clock."""
        self._base_ns = seconds * _NS - self._ticks_ns()
        self._keep(self._base_ns)

    def now_s(self) -> int:
        """Return the time that programs see: the source's if there is one, else the clock's."""
        if self.source is None:
            return self.clock_s()
        return seconds_of(self.source.datetime)


def seconds_of(date: object) -> int:
    """Return the seconds since 1970 of a date and time of nine fields.

    Raises:
        TypeError: It is no tuple of nine.
        OverflowError: It is before 2000.
    """
    from calendar import timegm

    if not isinstance(date, tuple):
        raise TypeError(f"Tuple or struct_time argument required, not {type(date).__name__}")
    if len(date) != 9:
        raise TypeError("function takes exactly 9 arguments")
    if date[0] < 2000:
        raise OverflowError("tm_year out of range")
    return timegm(date)


def date_of(seconds: int) -> time.struct_time:
    """Return the nine fields of so many seconds since 1970, as a board gives them."""
    return time.struct_time((*time.gmtime(seconds)[:8], -1))
