"""The simulated DS3231, transaction by transaction."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpcompat.backends.sim.parts.ds3231 import Ds3231
from cpcompat.backends.sim.parts.ds3231_calendar import Alarm, Calendar
from cpcompat.errors import CircuitError

if TYPE_CHECKING:
    from tests.backends.sim.parts.conftest import Bench

pytestmark = [pytest.mark.feature("sim parts"), pytest.mark.simulated]


def get(part: Ds3231, first: int, length: int) -> bytes:
    """Read registers."""
    part.write(bytes([first]))
    return part.read(length)


def test_without_a_time_it_was_never_set(bench: Bench) -> None:
    """The power-on values, with the oscillator stop flag."""
    part = bench.place(Ds3231())
    assert get(part, 0, 7) == bytes.fromhex("00 00 00 01 01 01 00")
    assert get(part, 0x0E, 2)[0] == 0x1C
    assert get(part, 0x0F, 1)[0] & 0x88 == 0x88


def test_with_a_time_it_goes_on_with_the_circuits_clock(bench: Bench) -> None:
    """From a leap day into March; a Thursday is day 4."""
    part = bench.place(Ds3231(time="2024-02-29 23:59:58"))
    assert get(part, 0x0F, 1)[0] & 0x80 == 0
    assert get(part, 0, 7) == bytes.fromhex("58 59 23 04 29 02 24")
    bench.pass_ns(1_999_999_999)
    assert get(part, 0, 1) == b"\x59"
    bench.pass_ns(1)
    assert get(part, 0, 7) == bytes.fromhex("00 00 00 05 01 03 24")


@given(
    start=st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31)),
    seconds=st.integers(0, 10**9),
)
def test_the_calendar_agrees_with_the_real_one_to_2100(start: datetime, seconds: int) -> None:
    """Any time and any duration."""
    start = start.replace(microsecond=0)
    end = start + timedelta(seconds=seconds)
    calendar = Calendar(str(start))
    calendar.advance(seconds)
    if end.year < 2100:
        assert calendar.registers() == Calendar(str(end)).registers()


def test_the_century_bit_turns_after_99(bench: Bench) -> None:
    """In the month register."""
    part = bench.place(Ds3231(time="2099-12-31 23:59:59"))
    bench.pass_s(1)
    assert get(part, 5, 2) == b"\x81\x00"


@pytest.mark.parametrize(
    ("hour", "twelve"), [(0, 0x52), (1, 0x41), (11, 0x51), (12, 0x72), (13, 0x61), (23, 0x71)]
)
def test_the_hours_can_be_of_twelve(bench: Bench, hour: int, twelve: int) -> None:
    """Bit 6 chooses, bit 5 is PM; reading and writing."""
    part = bench.place(Ds3231(time="2026-01-01 00:00:00"))
    part.write(bytes([2, twelve]))
    assert get(part, 2, 1)[0] == twelve
    bench.pass_s(3600)
    part.write(bytes([2, 0x00 | (hour // 10) << 4 | hour % 10]))
    assert get(part, 2, 1)[0] == (hour // 10) << 4 | hour % 10


def test_writing_the_seconds_starts_a_whole_second(bench: Bench) -> None:
    """So that a set clock ticks when it was set."""
    part = bench.place(Ds3231())
    bench.pass_ns(900_000_000)
    part.write(bytes.fromhex("00 30 15 14 07 29 10 17"))
    bench.pass_ns(999_999_999)
    assert get(part, 0, 7) == bytes.fromhex("30 15 14 07 29 10 17")
    bench.pass_ns(1)
    assert get(part, 0, 1) == b"\x31"


def test_reading_goes_on_over_the_last_register(bench: Bench) -> None:
    """After 12h comes 00h."""
    part = bench.place(Ds3231(time="2026-01-01 00:00:07"))
    assert get(part, 0x12, 2)[1] == 0x07


def test_the_temperature_follows_every_64_seconds_or_on_demand(bench: Bench) -> None:
    """In quarters of a degree, two's complement; CONV and BSY tell of a conversion."""
    part = bench.place(Ds3231())
    part.temperature = 21.25
    assert get(part, 0x11, 2) == b"\x15\x40"
    bench.pass_s(1)
    part.temperature = -0.25
    assert get(part, 0x11, 2) == b"\x15\x40"
    part.write(b"\x0e\x3c")
    assert get(part, 0x0E, 2)[0] & 0x20
    assert get(part, 0x0F, 1)[0] & 0x04
    bench.pass_ns(125_000_000)
    assert get(part, 0x0E, 1)[0] & 0x20 == 0
    assert get(part, 0x0F, 1)[0] & 0x04 == 0
    assert get(part, 0x11, 2) == b"\xff\xc0"
    part.temperature = 30.0
    bench.pass_s(63)
    assert get(part, 0x11, 2) == b"\x1e\x00"


def test_flags_can_be_cleared_and_not_set(bench: Bench) -> None:
    """OSF, A2F and A1F."""
    part = bench.place(Ds3231())
    part.write(b"\x0f\x80")
    assert get(part, 0x0F, 1)[0] & 0x83 == 0x80
    part.write(b"\x0f\x00")
    part.write(b"\x0f\x83")
    assert get(part, 0x0F, 1)[0] & 0x83 == 0


@pytest.mark.parametrize(
    ("alarm", "after_s"),
    [
        ("80 80 80 80", 1),
        ("30 80 80 80", 25),
        ("05 80 80 80", 60),
        ("30 15 80 80", 25),
        ("30 10 80 80", 3325),
        ("00 00 09 80", 9 * 3600 + 44 * 60 + 55),
        ("05 15 23 31", (16 * 24) * 3600),
        ("05 15 71 43", 86400),
        ("80 80 00 80", 44 * 60 + 55),
        ("75 80 80 80", None),
    ],
)
def test_an_alarm_matches_when_all_that_it_compares_does(alarm: str, after_s: int | None) -> None:
    """From Tuesday 2026-12-15 23:15:05 on. The last one names a second that never comes."""
    found = Alarm(bytes.fromhex(alarm)).seconds_from(Calendar("2026-12-15 23:15:05"))
    assert found == after_s


def test_alarm_1_pulls_int_low_until_its_flag_is_cleared(bench: Bench) -> None:
    """At the second, without anybody asking."""
    part = bench.place(Ds3231(time="2026-01-01 00:00:00", int_pin="D4"))
    part.write(bytes.fromhex("07 10 80 80 80"))
    part.write(b"\x0e\x1d")
    bench.pass_s(200)
    assert bench.edges == [(10_000_000_000, "D4", False)]
    assert get(part, 0x0F, 1)[0] & 3 == 1
    part.write(b"\x0f\x08")
    bench.pass_s(49)
    assert bench.level("D4")
    bench.pass_s(1)
    assert not bench.level("D4")


def test_alarm_2_matches_at_second_0(bench: Bench) -> None:
    """And sets its flag even where it is not to interrupt."""
    part = bench.place(Ds3231(time="2026-01-01 00:00:30", int_pin="D4"))
    part.write(bytes.fromhex("0b 01 80 80"))
    bench.pass_s(29)
    assert get(part, 0x0F, 1)[0] & 2 == 0
    bench.pass_s(1)
    assert get(part, 0x0F, 1)[0] & 2
    assert bench.edges == []


def test_int_can_be_a_square_wave(bench: Bench) -> None:
    """At 1 Hz low in the first half of each second; then at 1024 Hz."""
    part = bench.place(Ds3231(int_pin="D4"))
    part.write(b"\x0e\x00")
    bench.pass_s(1.75)
    half_ns = 500_000_000
    assert bench.edges == [(i * half_ns, "D4", bool(i % 2)) for i in range(4)]
    part.write(b"\x0e\x08")
    bench.edges.clear()
    bench.pass_s(1)
    assert len(bench.edges) == pytest.approx(2048, abs=1)


def test_a_time_that_cannot_be_read_is_refused() -> None:
    """With what it was and how to write it."""
    with pytest.raises(CircuitError, match="time = 'noon' is not a time from 2000 to 2199"):
        Ds3231(time="noon")
