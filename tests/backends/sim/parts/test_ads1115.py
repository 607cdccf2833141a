"""The simulated ADS1115, transaction by transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cpcompat.backends.sim.parts.ads1115 import Ads1115

if TYPE_CHECKING:
    from tests.backends.sim.parts.conftest import Bench

pytestmark = [pytest.mark.feature("sim parts"), pytest.mark.simulated]

_AIN0 = 0xC000
_4V = 0x0200
_SINGLE = 0x0100
_128_HZ = 0x0080
_8_HZ = 0x0000
_NO_QUEUE = 0x0003
_PERIOD_NS = 7_812_500


def put(part: Ads1115, register: int, value: int) -> None:
    """Write a register."""
    assert part.write(bytes([register]) + (value & 0xFFFF).to_bytes(2, "big")) == 3


def get(part: Ads1115, register: int) -> int:
    """Read a register."""
    part.write(bytes([register]))
    return int.from_bytes(part.read(2), "big")


def test_after_power_up_it_sleeps_with_the_reset_values(bench: Bench) -> None:
    """Table 8-1: conversion 0, config 0x8583, the thresholds at the ends."""
    part = bench.place(Ads1115())
    assert [get(part, register) for register in range(4)] == [0, 0x8583, 0x8000, 0x7FFF]


def test_a_single_shot_takes_one_period_of_the_data_rate(bench: Bench) -> None:
    """OS reads 0 until then, and the old value stays."""
    part = bench.place(Ads1115())
    part.ain0 = 2.048
    put(part, 1, _AIN0 | _4V | _SINGLE | _128_HZ | _NO_QUEUE)
    bench.pass_ns(_PERIOD_NS - 1)
    assert get(part, 1) & 0x8000 == 0
    assert get(part, 0) == 0
    bench.pass_ns(1)
    assert get(part, 1) & 0x8000
    assert get(part, 0) == 0x4000
    part.ain0 = 1.0
    bench.pass_s(1)
    assert get(part, 0) == 0x4000


@pytest.mark.parametrize(
    ("mux", "volts"),
    [(0, 0.5), (1, 2.0), (2, 1.5), (3, 0.75), (4, 3.0), (5, 2.5), (6, 1.75), (7, 1.0)],
)
def test_the_multiplexer_picks_the_inputs(bench: Bench, mux: int, volts: float) -> None:
    """Four differences and four single inputs."""
    part = bench.place(Ads1115())
    part.ain0, part.ain1, part.ain2, part.ain3 = 3.0, 2.5, 1.75, 1.0
    put(part, 1, 0x8000 | mux << 12 | _4V | _SINGLE | _128_HZ | _NO_QUEUE)
    bench.pass_ns(_PERIOD_NS)
    assert get(part, 0) * 4.096 / 0x8000 == pytest.approx(volts, abs=4.096 / 0x8000)


def test_a_negative_difference_is_in_twos_complement(bench: Bench) -> None:
    """And beyond the range it stops at the range's end."""
    part = bench.place(Ads1115())
    part.ain1 = 1.024
    put(part, 1, 0x8000 | _4V | _SINGLE | _128_HZ | _NO_QUEUE)
    bench.pass_ns(_PERIOD_NS)
    assert get(part, 0) == 0xE000
    put(part, 1, 0x8000 | 0x0A00 | _SINGLE | _128_HZ | _NO_QUEUE)
    bench.pass_ns(_PERIOD_NS)
    assert get(part, 0) == 0x8000


def test_in_continuous_mode_a_new_value_comes_each_period(bench: Bench) -> None:
    """The pointer stays, so that reading alone is enough."""
    part = bench.place(Ads1115())
    part.ain0 = 1.0
    put(part, 1, 0x4000 | _4V | _128_HZ | _NO_QUEUE)
    bench.pass_ns(_PERIOD_NS * 10)
    assert get(part, 0) == 8000
    part.ain0 = 2.0
    bench.pass_ns(_PERIOD_NS - 1)
    assert part.read(2) == (8000).to_bytes(2, "big")
    bench.pass_ns(1)
    assert part.read(2) == (16000).to_bytes(2, "big")


def test_a_conversion_under_way_ends_with_the_settings_it_began_with(bench: Bench) -> None:
    """The first value after a change of the input is still of the old input."""
    part = bench.place(Ads1115())
    part.ain0, part.ain1 = 1.0, 2.0
    put(part, 1, 0x4000 | _4V | _128_HZ | _NO_QUEUE)
    bench.pass_ns(_PERIOD_NS * 3 // 2)
    put(part, 1, 0x5000 | _4V | _128_HZ | _NO_QUEUE)
    bench.pass_ns(_PERIOD_NS // 2)
    assert get(part, 0) == 8000
    bench.pass_ns(_PERIOD_NS)
    assert get(part, 0) == 16000


def watched(bench: Bench, config: int, low: int, high: int) -> Ads1115:
    """Return a part whose comparator watches AIN0 at 128 Hz."""
    part = bench.place(Ads1115(alert_pin="D17"))
    put(part, 2, low)
    put(part, 3, high)
    put(part, 1, 0x4000 | _4V | _128_HZ | config)
    return part


def test_the_comparator_pulls_alert_low_above_and_lets_go_below(bench: Bench) -> None:
    """At the end of a conversion, without anybody asking."""
    part = watched(bench, 0, 8000, 16000)
    bench.pass_ns(_PERIOD_NS * 20)
    assert bench.edges == []
    part.ain0 = 2.5
    bench.pass_ns(_PERIOD_NS * 20)
    part.ain0 = 1.5
    bench.pass_ns(_PERIOD_NS * 20)
    part.ain0 = 0.5
    bench.pass_ns(_PERIOD_NS * 20)
    assert bench.edges == [(_PERIOD_NS * 21, "D17", False), (_PERIOD_NS * 61, "D17", True)]


def test_the_comparator_waits_for_as_many_conversions_as_its_queue_says(bench: Bench) -> None:
    """Four in a row, here."""
    part = watched(bench, 2, 8000, 16000)
    part.ain0 = 2.5
    bench.pass_ns(_PERIOD_NS * 4 - 1)
    assert bench.level("D17")
    bench.pass_ns(1)
    assert not bench.level("D17")


def test_a_latched_alert_stays_until_the_conversion_is_read(bench: Bench) -> None:
    """Whatever the input does."""
    part = watched(bench, 0x04, 8000, 16000)
    part.ain0 = 2.5
    bench.pass_ns(_PERIOD_NS)
    part.ain0 = 0.5
    bench.pass_ns(_PERIOD_NS * 9)
    assert not bench.level("D17")
    get(part, 0)
    assert bench.level("D17")


def test_a_window_comparator_watches_both_ends_and_can_be_active_high(bench: Bench) -> None:
    """Inside the window, the pin is low with COMP_POL set."""
    part = watched(bench, 0x18, 8000, 16000)
    assert not bench.level("D17")
    bench.pass_ns(_PERIOD_NS)
    assert bench.level("D17")
    part.ain0 = 1.5
    bench.pass_ns(_PERIOD_NS)
    assert not bench.level("D17")


def test_alert_says_when_a_conversion_is_ready(bench: Bench) -> None:
    """With the thresholds' signs the wrong way round: a pulse of 8 µs each period."""
    watched(bench, 0, 0x0000, 0x8000)
    bench.pass_ns(_PERIOD_NS * 2 + 10_000)
    assert bench.edges == [
        (_PERIOD_NS, "D17", False),
        (_PERIOD_NS + 8_000, "D17", True),
        (_PERIOD_NS * 2, "D17", False),
        (_PERIOD_NS * 2 + 8_000, "D17", True),
    ]


def test_after_a_single_shot_ready_stays_until_the_next_one(bench: Bench) -> None:
    """A level, not a pulse."""
    part = bench.place(Ads1115(alert_pin="D17"))
    put(part, 2, 0x0000)
    put(part, 3, 0x8000)
    config = _AIN0 | _4V | _SINGLE | _128_HZ
    put(part, 1, config)
    bench.pass_ns(_PERIOD_NS * 3)
    put(part, 1, config)
    assert bench.edges == [(_PERIOD_NS, "D17", False), (_PERIOD_NS * 3, "D17", True)]


def test_days_of_continuous_conversions_cost_nothing_until_somebody_looks(bench: Bench) -> None:
    """They are left out when they would all say the same."""
    part = bench.place(Ads1115())
    part.ain0 = 1.0
    put(part, 1, 0x4000 | _4V | _128_HZ | _NO_QUEUE)
    bench.pass_s(1_000_000)
    assert get(part, 0) == 8000
    part.ain0 = 2.0
    bench.pass_ns(_PERIOD_NS)
    assert get(part, 0) == 16000
