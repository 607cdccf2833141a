"""Checks of edges and of pulses, over two pins that are wired together."""

from __future__ import annotations

from contextlib import contextmanager
from itertools import pairwise
from typing import TYPE_CHECKING

from cpcompat.hal.gpio import Pull
from cpcompat.testing.selftest.bench import Bench, NotTried, Refuted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cpcompat.hal.edges import Edge, EdgeSource
    from cpcompat.hal.pin import Pin

_TOGGLES = 100
_BATCH = 1024
_PULSES_HZ = 1_000
_DUTY = 16_384
_MEASURED_NS = 200_000_000
_NEAR = 0.02
"""How far a frequency or a duty ratio may be from what was set."""


@contextmanager
def _edges(
    bench: Bench, pin: Pin, pull: Pull = Pull.DOWN, rising: bool = True, falling: bool = True
) -> Iterator[EdgeSource]:
    source = bench.backend.edges(pin, pull, rising, falling, 0)
    try:
        yield source
    finally:
        source.close()


def _collect(bench: Bench, source: EdgeSource, count: int) -> list[Edge]:
    found: list[Edge] = []

    def enough() -> bool:
        found.extend(source.read(_BATCH))
        return len(found) >= count

    bench.wait_for(enough)
    return found


def every_edge_is_counted_in_its_order(bench: Bench) -> str:
    """Rising and falling in turn, numbered without a gap, stamped in order."""
    here, there = bench.loop()
    with bench.line(here) as output:
        bench.as_output(output, False)
        with _edges(bench, there) as source:
            for _ in range(_TOGGLES):
                output.write(True)
                bench.backend.clock.sleep_ns(200_000)
                output.write(False)
                bench.backend.clock.sleep_ns(200_000)
            found = _collect(bench, source, 2 * _TOGGLES)
    if len(found) != 2 * _TOGGLES:
        raise Refuted(f"{2 * _TOGGLES} edges were made, {len(found)} came")
    if [edge.rising for edge in found] != [True, False] * _TOGGLES:
        raise Refuted("two edges of one kind came one after the other")
    if [edge.sequence for edge in found] != list(range(1, 2 * _TOGGLES + 1)):
        raise Refuted("their numbers have gaps")
    if any(late.time_ns < early.time_ns for early, late in pairwise(found)):
        raise Refuted("their times go back")
    return f"{len(found)} edges"


def only_the_wanted_edges_come(bench: Bench) -> str:
    """Falling ones, from a line that goes up and down."""
    here, there = bench.loop()
    with bench.line(here) as output:
        bench.as_output(output, False)
        with _edges(bench, there, rising=False) as source:
            for value in (True, False) * 5:
                output.write(value)
                bench.backend.clock.sleep_ns(200_000)
            found = _collect(bench, source, 5)
    if [edge.rising for edge in found] != [False] * 5:
        raise Refuted(f"5 falling edges were made, {len(found)} edges came")
    return "5 of 10"


def an_output_begins_with_its_level_and_no_other_before_it(bench: Bench) -> str:
    """A wire that is pulled up stays up when a pin becomes a high output."""
    here, there = bench.loop()
    with _edges(bench, there, Pull.UP) as source:
        bench.backend.clock.sleep_ns(1_000_000)
        source.read(_BATCH)  # the pull's own edge
        with bench.line(here) as output:
            bench.as_output(output, True)
            bench.backend.clock.sleep_ns(5_000_000)
            found = source.read(_BATCH)
    if found:
        raise Refuted(f"{len(found)} edges came")
    return "no edge came"


def pulses_have_their_frequency_and_their_duty(bench: Bench) -> str:
    """1 kHz at a quarter, measured by the edges' times; then silence."""
    here, there = bench.loop()
    if here not in bench.board.pwm:
        pins = ", ".join(pin.label for pin in bench.board.pwm) or "none"
        raise NotTried(f"{here.label} makes no pulses; the board's pins for it: {pins}")
    pulses = bench.backend.pwm(here)
    try:
        pulses.set(_PULSES_HZ, _DUTY)
        with _edges(bench, there) as source:
            bench.backend.clock.sleep_ns(_MEASURED_NS)
            found = source.read(_BATCH)
        pulses.set(_PULSES_HZ, 0)
        with _edges(bench, there) as source:
            bench.backend.clock.sleep_ns(10_000_000)
            late = source.read(_BATCH)
    finally:
        pulses.close()
    if len(late) > 1:
        raise Refuted(f"{len(late)} edges came with a duty of 0")
    return _measured(found)


def _measured(found: list[Edge]) -> str:
    ups = [edge.time_ns for edge in found if edge.rising]
    if len(ups) < 2:
        raise Refuted(f"{len(ups)} pulses came in {_MEASURED_NS // 1_000_000} ms")
    high_ns = sum(
        late.time_ns - early.time_ns
        for early, late in pairwise(found)
        if early.rising and not late.rising and late.time_ns <= ups[-1]
    )
    frequency_hz = (len(ups) - 1) * 1e9 / (ups[-1] - ups[0])
    ratio = high_ns / (ups[-1] - ups[0])
    said = f"{frequency_hz:.1f} Hz, {ratio:.1%} high"
    if abs(frequency_hz / _PULSES_HZ - 1) > _NEAR or abs(ratio - _DUTY / 65536) > _NEAR:
        raise Refuted(f"{_PULSES_HZ} Hz and {_DUTY / 65536:.1%} were set; measured {said}")
    return said


CHECKS = (
    ("edges", every_edge_is_counted_in_its_order),
    ("edges", only_the_wanted_edges_come),
    ("lines", an_output_begins_with_its_level_and_no_other_before_it),
    ("PWM", pulses_have_their_frequency_and_their_duty),
)
