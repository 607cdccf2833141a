"""The calendar of the DS3231 and the alarms that are compared with it, in its registers' form.

Source: Maxim DS3231 data sheet, 19-5170: figure 1 (the registers), «Clock and Calendar»,
«Alarms» with table 2.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from cpcompat.errors import CircuitError

_DAYS: Final = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_DAY_S: Final = 86_400
_MOST_STEPS: Final = 400
"""No alarm that can match needs more: the 31st comes again within 62 days."""


class Calendar:
    """The time and date, with the two choices that are kept beside: 12 hours, and the century."""

    def __init__(self, text: str) -> None:
        """Set it.

        Args:
            text: As ISO 8601 has it, 2000 to 2199: ``"2026-01-31 12:00:00"``.

        Raises:
            CircuitError: It is not that.
        """
        try:
            when = datetime.fromisoformat(text)
        except ValueError:
            when = None
        if when is None or not 2000 <= when.year < 2200:
            raise CircuitError(
                f"time = {text!r} is not a time from 2000 to 2199",
                'Write it like "2026-01-31 12:00:00".',
            )
        self.clock_s = when.hour * 3600 + when.minute * 60 + when.second
        self.weekday = when.isoweekday()
        self.day = when.day
        self.month = when.month
        self.year = when.year % 100
        self.century = when.year >= 2100
        self.twelve_hours = False

    def copy(self) -> Calendar:
        """Return one of its own that says the same."""
        other = Calendar.__new__(Calendar)
        other.__dict__.update(self.__dict__)
        return other

    def advance(self, seconds: int) -> None:
        """Let time pass."""
        days, self.clock_s = divmod(self.clock_s + seconds, _DAY_S)
        if not days:
            return
        self.weekday = (self.weekday - 1 + days) % 7 + 1
        self.day += days
        while self.day > self._month_days():
            self.day -= self._month_days()
            self.month += 1
            if self.month > 12:
                self.month = 1
                self.year += 1
                if self.year > 99:
                    self.year = 0
                    self.century = not self.century

    def _month_days(self) -> int:
        # Every fourth year is a leap year to this chip, 2100 too.
        leap = self.month == 2 and self.year % 4 == 0
        return 29 if leap else _DAYS[self.month - 1]

    def registers(self) -> bytes:
        """Return registers 00h to 06h."""
        minutes, second = divmod(self.clock_s, 60)
        hour, minute = divmod(minutes, 60)
        if self.twelve_hours:
            hours = 0x40 | (0x20 if hour >= 12 else 0) | to_bcd((hour - 1) % 12 + 1)
        else:
            hours = to_bcd(hour)
        month = to_bcd(self.month) | (0x80 if self.century else 0)
        date = (self.weekday, to_bcd(self.day), month, to_bcd(self.year))
        return bytes((to_bcd(second), to_bcd(minute), hours, *date))

    def set_register(self, register: int, value: int) -> None:
        """Write one of registers 00h to 06h. What no calendar has is taken as near as can be."""
        minutes, second = divmod(self.clock_s, 60)
        hour, minute = divmod(minutes, 60)
        if register == 0:
            second = min(from_bcd(value & 0x7F), 59)
        elif register == 1:
            minute = min(from_bcd(value & 0x7F), 59)
        elif register == 2:
            self.twelve_hours = bool(value & 0x40)
            hour = hour_of(value)
        elif register == 3:
            self.weekday = max(value & 7, 1)
        elif register == 4:
            self.day = min(max(from_bcd(value & 0x3F), 1), 31)
        elif register == 5:
            self.month = min(max(from_bcd(value & 0x1F), 1), 12)
            self.century = bool(value & 0x80)
        else:
            self.year = min(from_bcd(value), 99)
        self.clock_s = hour * 3600 + minute * 60 + second


class Alarm:
    """One alarm: what it compares; None is not compared.

    Args:
        registers: Seconds, minutes, hours, and day or date, each with its mask bit. Alarm 2 has
            no seconds of its own: it compares with 0.
    """

    def __init__(self, registers: bytes) -> None:
        seconds, minutes, hours, day = registers
        self.second = None if seconds & 0x80 else from_bcd(seconds & 0x7F)
        self.minute = None if minutes & 0x80 else from_bcd(minutes & 0x7F)
        self.hour = None if hours & 0x80 else hour_of(hours)
        self.day = None if day & 0xC0 else from_bcd(day & 0x3F)
        self.weekday = None if day & 0xC0 != 0x40 else day & 0x0F

    def seconds_from(self, calendar: Calendar) -> int | None:
        """Return how many seconds later it matches for the next time, at least 1; None for never."""
        probe = calendar.copy()
        passed_s, step_s = 0, 1
        for _ in range(_MOST_STEPS):
            probe.advance(step_s)
            passed_s += step_s
            step_s = self._to_wait_s(probe)
            if not step_s:
                return passed_s
        return None

    def _to_wait_s(self, now: Calendar) -> int:
        """Return 0 where it matches, else how long nothing can match at the least."""
        minutes, second = divmod(now.clock_s, 60)
        hour, minute = divmod(minutes, 60)
        wrong_weekday = self.weekday is not None and self.weekday != now.weekday
        if wrong_weekday or (self.day is not None and self.day != now.day):
            return _DAY_S - now.clock_s
        if self.hour is not None and self.hour != hour:
            return (self.hour - hour) % 24 * 3600 - minute * 60 - second or 1
        if self.minute is not None and self.minute != minute:
            return (self.minute - minute) % 60 * 60 - second or 1
        if self.second is not None and self.second != second:
            return (self.second - second) % 60 or 60
        return 0


def hour_of(register: int) -> int:
    """Return the hour, 0 to 23, of an hours register in either form."""
    if register & 0x40:
        return min(from_bcd(register & 0x1F), 12) % 12 + (12 if register & 0x20 else 0)
    return min(from_bcd(register & 0x3F), 23)


def to_bcd(value: int) -> int:
    """Return two digits as binary-coded decimal."""
    return value // 10 << 4 | value % 10


def from_bcd(value: int) -> int:
    """Return the number of two digits in binary-coded decimal."""
    return (value >> 4) * 10 + (value & 0x0F)
