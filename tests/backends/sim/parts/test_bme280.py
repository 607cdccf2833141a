"""The simulated BME280, transaction by transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cpcompat.backends.sim.parts.bme280 import Bme280

if TYPE_CHECKING:
    from tests.backends.sim.parts.conftest import Bench

pytestmark = [pytest.mark.feature("sim parts"), pytest.mark.simulated]

_FORCED = 0b001_001_01
_NORMAL = 0b001_001_11


def registers(part: Bme280, first: int, length: int) -> bytes:
    """Read registers as a driver does."""
    part.write(bytes([first]))
    return part.read(length)


def test_the_chip_id_is_0x60(bench: Bench) -> None:
    """The register that drivers look at first."""
    assert registers(bench.place(Bme280()), 0xD0, 1) == b"\x60"


def test_before_a_measurement_the_data_registers_hold_their_reset_values(bench: Bench) -> None:
    """0x80000 and 0x8000 mean skipped."""
    assert registers(bench.place(Bme280()), 0xF7, 8) == bytes.fromhex("8000008000008000")


def test_a_forced_measurement_takes_its_time_and_ends_in_sleep_mode(bench: Bench) -> None:
    """1 ms, and 2 or 2.5 ms for each quantity at single oversampling."""
    part = bench.place(Bme280())
    bench.pass_s(0.01)
    part.write(bytes([0xF2, 1, 0xF4, _FORCED]))
    assert registers(part, 0xF3, 1) == b"\x08"
    bench.pass_ns(7_999_999)
    assert registers(part, 0xF3, 2) == bytes([0x08, _FORCED])
    assert registers(part, 0xFA, 1) == b"\x80"
    bench.pass_ns(1)
    assert registers(part, 0xF3, 2) == bytes([0x00, _FORCED & 0xFC])
    assert registers(part, 0xFA, 1) != b"\x80"


def test_more_oversampling_takes_longer(bench: Bench) -> None:
    """Sixteen samples of the pressure alone: 1 + 2 * 16 + 0.5 ms."""
    part = bench.place(Bme280())
    bench.pass_s(0.01)
    part.write(bytes([0xF4, 0b000_101_01]))
    bench.pass_ns(33_499_999)
    assert registers(part, 0xF3, 1) == b"\x08"
    bench.pass_ns(1)
    assert registers(part, 0xF3, 1) == b"\x00"


def test_the_humidity_control_counts_only_after_the_measurement_control_is_written(
    bench: Bench,
) -> None:
    """Without that, the humidity is skipped."""
    part = bench.place(Bme280())
    part.write(bytes([0xF4, _FORCED, 0xF2, 1]))
    bench.pass_s(0.1)
    assert registers(part, 0xFD, 2) == b"\x80\x00"


def test_normal_mode_measures_again_after_the_standby_time(bench: Bench) -> None:
    """A knob turned in between is seen by the next measurement, not before."""
    part = bench.place(Bme280())
    part.write(bytes([0xF5, 0b101_000_00, 0xF2, 1, 0xF4, _NORMAL]))
    bench.pass_ns(8_000_000)
    first = registers(part, 0xFA, 3)
    part.temperature = -10
    bench.pass_s(1.0)
    assert registers(part, 0xFA, 3) == first
    assert registers(part, 0xF3, 1) == b"\x08"
    bench.pass_ns(8_000_000)
    assert registers(part, 0xFA, 3) != first


def test_the_filter_follows_a_step_slowly(bench: Bench) -> None:
    """With coefficient 4, three quarters of the step are left after one measurement."""
    part = bench.place(Bme280())
    part.write(bytes([0xF5, 0b010 << 2]))
    readings = []
    for temperature in (20.0, 30.0, 30.0):
        part.temperature = temperature
        part.write(bytes([0xF4, _FORCED]))
        bench.pass_s(0.1)
        readings.append(int.from_bytes(registers(part, 0xFA, 3), "big") >> 4)
    start, second, third = readings
    assert third - second == pytest.approx((second - start) * 3 / 4, abs=2)


def test_a_soft_reset_puts_the_part_to_sleep_with_its_defaults(bench: Bench) -> None:
    """And only the word 0xB6 does."""
    part = bench.place(Bme280())
    part.write(bytes([0xF2, 3, 0xF5, 0xFC, 0xF4, _NORMAL]))
    part.write(bytes([0xE0, 0xB5]))
    assert registers(part, 0xF2, 1) == b"\x03"
    part.write(bytes([0xE0, 0xB6]))
    assert registers(part, 0xF2, 1) == b"\x00"
    assert registers(part, 0xF4, 2) == b"\x00\x00"
    assert registers(part, 0xF3, 1) == b"\x01"
    bench.pass_ns(2_000_000)
    assert registers(part, 0xF3, 1) == b"\x00"


def test_reading_goes_on_from_register_to_register(bench: Bench) -> None:
    """One burst is the same as reading each."""
    part = bench.place(Bme280())
    burst = registers(part, 0x88, 26)
    assert burst == b"".join(registers(part, 0x88 + i, 1) for i in range(26))
    assert len(set(burst)) > 10
