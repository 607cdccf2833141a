"""Virtual time."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpcompat.backends.sim.circuit import Circuit
from cpcompat.backends.sim.clock import VirtualClock
from cpcompat.board.detect import definition

pytestmark = [pytest.mark.feature("sim board"), pytest.mark.simulated]


def test_an_hour_of_sleep_costs_nothing() -> None:
    """It passes on the clock and not on the wall."""
    clock = VirtualClock()
    before_s = time.monotonic()
    clock.sleep_ns(3600 * 10**9)
    assert clock.now_ns() == 3600 * 10**9
    assert time.monotonic() - before_s < 60


@given(st.lists(st.integers(-1000, 1000)))
def test_time_never_goes_back(durations: list[int]) -> None:
    """Not even by a negative sleep."""
    clock = VirtualClock()
    for duration_ns in durations:
        before_ns = clock.now_ns()
        clock.sleep_ns(duration_ns)
        assert clock.now_ns() == before_ns + max(duration_ns, 0)


def test_time_that_an_event_spends_passes() -> None:
    """And what was due meanwhile happens afterwards, at no earlier time."""
    clock = VirtualClock()
    circuit = Circuit(definition("sim"), clock)
    heard: list[tuple[str, int]] = []

    def slow() -> None:
        clock.sleep_ns(50)
        heard.append(("slow", clock.now_ns()))

    circuit.at(10, slow)
    circuit.at(20, lambda: heard.append(("next", clock.now_ns())))
    clock.sleep_ns(30)
    assert heard == [("slow", 60), ("next", 60)]
    assert clock.now_ns() == 60
