"""The real-time clock: the computer's until it is set, and never the computer's to change."""

from __future__ import annotations

import calendar
import time
from typing import TYPE_CHECKING, Any

import pytest

from cpcompat import hal, rtc
from cpcompat.hal.wall import Wall
from tests.fakes.refusing import refuses

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.feature("rtc"), pytest.mark.simulated]

DATE = (2019, 5, 29, 15, 14, 15, 0, -1, -1)


class Ticks:
    """A clock that goes on when it is told to."""

    def __init__(self) -> None:
        self.ns = 7_000_000_000

    def __call__(self) -> int:
        """Return the time."""
        return self.ns


@pytest.fixture
def ticks() -> Iterator[Ticks]:
    """The clock behind the clock; what is kept of it is in `kept`."""
    ticks = Ticks()
    hal.set_rtc(Wall(lambda: 1_600_000_000, ticks, keep=kept.append))
    yield ticks
    hal.set_rtc(None)
    kept.clear()


kept: list[int] = []


def test_there_is_one_clock() -> None:
    """Always the same object."""
    assert rtc.RTC() is rtc.RTC()


def test_it_shows_the_computer_s_time_until_it_is_set_and_then_goes_on(ticks: Ticks) -> None:
    """By a clock that nobody sets; the rest of the week and the year follow from the date."""
    clock = rtc.RTC()
    assert clock.datetime == time.struct_time((2020, 9, 13, 12, 26, 40, 6, 257, -1))
    clock.datetime = time.struct_time(DATE)
    assert clock.datetime[:8] == (2019, 5, 29, 15, 14, 15, 2, 149)
    ticks.ns += 90 * 10**9
    assert clock.datetime[:6] == (2019, 5, 29, 15, 15, 45)
    assert clock.datetime.tm_isdst == -1


def test_another_process_goes_on_with_what_was_kept(ticks: Ticks) -> None:
    """Which is one number."""
    rtc.RTC().datetime = DATE
    ticks.ns += 10**9
    (base_ns,) = kept
    assert Wall(ticks_ns=ticks, base_ns=base_ns).clock_s() == calendar.timegm(DATE) + 1


def test_without_a_supervisor_it_is_the_process_s_own() -> None:
    """The computer's local time, at first."""
    hal.set_rtc(None)
    now = time.localtime()
    shown = calendar.timegm(rtc.RTC().datetime)
    assert abs(shown - calendar.timegm(now)) <= 2
    rtc.RTC().datetime = DATE
    assert rtc.RTC().datetime[:4] == (2019, 5, 29, 15)
    assert abs(time.time() - calendar.timegm(now)) < 86_400
    hal.set_rtc(None)


def test_another_source_tells_programs_the_time_but_is_not_the_clock(ticks: Ticks) -> None:
    """Until the clock itself is the source again."""

    class Chip:
        """A driver."""

        datetime = time.struct_time((2018, 3, 17, 21, 1, 47, 0, 0, 0))

    rtc.set_time_source(Chip())
    assert hal.rtc().now_s() == calendar.timegm((2018, 3, 17, 21, 1, 47))
    assert rtc.RTC().datetime.tm_year == 2020
    rtc.set_time_source(rtc.RTC())
    assert hal.rtc().now_s() == 1_600_000_000


def test_each_mistake_is_told(ticks: Ticks) -> None:
    """Kind, length, year; and the clock cannot be adjusted."""
    clock: Any = rtc.RTC()
    with refuses(TypeError, "Tuple or struct_time argument required, not int"):
        clock.datetime = 5
    with refuses(TypeError, "function takes exactly 9 arguments"):
        clock.datetime = (2020, 1, 1)
    with refuses(OverflowError, "tm_year out of range"):
        clock.datetime = (1999, *DATE[1:])
    assert clock.calibration == 0
    with refuses(NotImplementedError, "calibration"):
        clock.calibration = 1
