"""Alarms at a time."""

from __future__ import annotations

from cpcompat import hal

__all__ = ["TimeAlarm"]


class TimeAlarm:
    """Goes off at a time.

    Args:
        monotonic_time: When `time.monotonic` says so many seconds.
        epoch_time: When `time.time` says so many seconds. Exactly one of the two is given.

    Raises:
        ValueError: None or both are given, or the time has passed.
    """

    __slots__ = ("_monotonic_time",)

    def __init__(
        self, *, monotonic_time: float | None = None, epoch_time: int | None = None
    ) -> None:
        if (monotonic_time is None) == (epoch_time is None):
            raise ValueError("Supply one of monotonic_time or epoch_time")
        now = hal.machine().backend.clock.now_ns() / 1e9
        if monotonic_time is None:
            assert epoch_time is not None
            monotonic_time = now + (epoch_time - hal.wall_s())
        if monotonic_time < now:
            raise ValueError("Time is in the past.")
        self._monotonic_time = float(monotonic_time)

    @property
    def monotonic_time(self) -> float:
        """When it goes off, by `time.monotonic`, in seconds."""
        return self._monotonic_time


def at(monotonic_time: float) -> TimeAlarm:
    """Return an alarm of any time, past ones too."""
    alarm = object.__new__(TimeAlarm)
    alarm._monotonic_time = monotonic_time
    return alarm
