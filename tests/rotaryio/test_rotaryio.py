"""What programs see of a rotary encoder: on a simulated board, and on the kernel's lines over the shim."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpcompat import board, digitalio, hal, rotaryio
from cpcompat.backends.sim.backend import SimBackend
from cpcompat.backends.sim.circuit import Circuit
from cpcompat.backends.sim.clock import VirtualClock
from cpcompat.board.detect import definition
from tests.fakes.refusing import refuses

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.fakes.backend import RecordingBackend
    from tests.shim.world import World

pytestmark = pytest.mark.feature("rotaryio")

DEAD = "Object has been deinitialized and can no longer be used. Create a new object."
MS = 1_000_000
CYCLE = ((True, True), (False, True), (False, False), (True, False))
"""The levels of a and b, from detent to detent."""


def new_circuit() -> Circuit:
    """Make a simulated board on virtual time this process's machine."""
    made = Circuit(definition("sim"), VirtualClock())
    hal.set_machine(hal.Machine(made.board, SimBackend(made)))
    return made


@pytest.fixture
def circuit() -> Iterator[Circuit]:
    """A simulated board on virtual time, as this process's machine."""
    yield new_circuit()
    hal.set_machine(None)


def turn(circuit: Circuit, quarters: Sequence[int], begin: int = 0) -> None:
    """Turn a wheel at D5 and D6 by quarters of a pulse; a millisecond each."""
    at_ns, place = circuit.now_ns(), begin
    a: list[tuple[int, bool]] = []
    b: list[tuple[int, bool]] = []
    for quarter in quarters:
        at_ns += MS
        before = CYCLE[place % 4]
        place += quarter
        after = CYCLE[place % 4]
        a += [(at_ns, after[0])] if before[0] is not after[0] else []
        b += [(at_ns, after[1])] if before[1] is not after[1] else []
    circuit.input_trace({"D5": a, "D6": b})
    circuit.clock.sleep_ns(at_ns - circuit.now_ns() + MS)


@pytest.mark.simulated
@pytest.mark.parametrize(("divisor", "steps"), [(4, 3), (2, 6), (1, 12)])
@pytest.mark.parametrize("way", [1, -1])
def test_a_turned_wheel_has_made_its_steps(
    circuit: Circuit, divisor: int, steps: int, way: int
) -> None:
    """Three whole pulses, either way."""
    with rotaryio.IncrementalEncoder(board.D5, board.D6, divisor) as wheel:
        assert wheel.position == 0
        turn(circuit, [way] * 12)
        assert wheel.position == way * steps


@pytest.mark.simulated
def test_a_leads_when_the_position_grows(circuit: Circuit) -> None:
    """From rest, both high: b falls first on the way up."""
    wheel = rotaryio.IncrementalEncoder(board.D5, board.D6, divisor=1)
    circuit.input_trace({"D6": [(circuit.now_ns() + MS, False)]})
    circuit.clock.sleep_ns(2 * MS)
    assert wheel.position == -1
    circuit.input_trace({"D6": [(circuit.now_ns() + MS, True)]})
    circuit.clock.sleep_ns(2 * MS)
    assert wheel.position == 0
    circuit.input_trace({"D5": [(circuit.now_ns() + MS, False)]})
    circuit.clock.sleep_ns(2 * MS)
    assert wheel.position == 1


@pytest.mark.simulated
@given(st.lists(st.sampled_from([1, -1]), max_size=60), st.lists(st.integers(0, 59), max_size=6))
def test_a_wheel_with_four_detents_is_where_it_was_turned_to(
    quarters: list[int], looks: list[int]
) -> None:
    """However often it was looked at on the way."""
    circuit = new_circuit()
    try:
        with rotaryio.IncrementalEncoder(board.D5, board.D6, 1) as wheel:
            begin = 0
            for end in sorted({*looks, len(quarters)}):
                turn(circuit, quarters[begin:end], sum(quarters[:begin]))
                begin = max(begin, min(end, len(quarters)))
                assert wheel.position == sum(quarters[:begin])
    finally:
        hal.set_machine(None)


@pytest.mark.simulated
def test_a_bounce_on_the_way_counts_for_nothing(circuit: Circuit) -> None:
    """There and back is no step."""
    with rotaryio.IncrementalEncoder(board.D5, board.D6) as wheel:
        turn(circuit, [1, -1, 1, -1, 1, 1, -1, 1, 1, 1])
        assert wheel.position == 1


@pytest.mark.simulated
def test_a_position_goes_on_from_what_it_is_set_to(circuit: Circuit) -> None:
    """And the divisor may be changed."""
    with rotaryio.IncrementalEncoder(board.D5, board.D6) as wheel:
        wheel.position = 10
        turn(circuit, [1] * 4)
        assert wheel.position == 11
        assert wheel.divisor == 4
        wheel.divisor = 2
        turn(circuit, [-1] * 4)
        assert wheel.position == 9
        with refuses(ValueError, "divisor must be >= 1"):
            wheel.divisor = 0


@pytest.mark.simulated
def test_a_step_that_is_half_done_is_not_lost_by_setting_the_position(circuit: Circuit) -> None:
    """As upstream: the wheel is where it is."""
    with rotaryio.IncrementalEncoder(board.D5, board.D6) as wheel:
        turn(circuit, [1, 1])
        wheel.position = 5
        turn(circuit, [1, 1], 2)
        assert wheel.position == 6


@pytest.mark.simulated
def test_the_pins_are_held_until_the_end(circuit: Circuit) -> None:
    """And both are free when the second cannot be had."""
    with rotaryio.IncrementalEncoder(board.D5, board.D6) as wheel:
        with refuses(ValueError, "D6 in use"):
            rotaryio.IncrementalEncoder(board.D4, board.D6)
        with refuses(ValueError, "Invalid pins"):
            rotaryio.IncrementalEncoder(board.D4, board.D4)
        digitalio.DigitalInOut(board.D4).deinit()
    wheel.deinit()
    for pin in (board.D5, board.D6):
        digitalio.DigitalInOut(pin).deinit()
    with refuses(ValueError, DEAD):
        wheel.position  # noqa: B018
    with refuses(TypeError, "pin_a must be of type Pin, not int"):
        rotaryio.IncrementalEncoder(5, board.D6)  # type: ignore[arg-type]


@pytest.mark.simulated
def test_lines_that_cannot_be_watched_are_no_pins_for_it(backend: RecordingBackend) -> None:
    """And they are free afterwards."""
    with refuses(ValueError, "Invalid pin"):
        rotaryio.IncrementalEncoder(board.D0, board.D1)
    assert hal.machine().claims.holder(board.D0) is None


@pytest.mark.shim
def test_a_fast_wheel_that_nobody_looks_at_loses_nothing(world: World) -> None:
    """Ten times as many edges as the kernel keeps; one thread fetches, and ends with the object."""
    from cpcompat.backends.linux import connect, reactor

    made = definition("raspberry_pi_4b")
    machine = hal.Machine(made, connect(made))
    hal.set_machine(machine)
    try:
        for pin in (5, 6):
            world.drive(pin, True)
        with rotaryio.IncrementalEncoder(made.names["D5"], made.names["D6"]) as wheel:
            assert reactor.is_running()
            for turned in range(1, 10_001):
                a, b = CYCLE[turned % 4]
                world.drive(5, a)
                world.drive(6, b)
                if turned % 400 == 0:
                    machine.backend.clock.sleep_ns(10 * MS)
            assert wheel.position == 2500
        assert not reactor.is_running()
    finally:
        hal.set_machine(None)
