"""What programs see of counted edges: on a simulated board, and on the kernel's lines over the shim."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import pytest

from cpcompat import board, countio, digitalio, hal
from cpcompat.backends.sim.backend import SimBackend
from cpcompat.backends.sim.circuit import Circuit
from cpcompat.backends.sim.clock import VirtualClock
from cpcompat.board.detect import definition
from tests.fakes.refusing import refuses

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.fakes.backend import RecordingBackend
    from tests.shim.world import World

pytestmark = pytest.mark.feature("countio")

DEAD = "Object has been deinitialized and can no longer be used. Create a new object."
MS = 1_000_000


@pytest.fixture
def circuit() -> Iterator[Circuit]:
    """A simulated board on virtual time, as this process's machine."""
    made = Circuit(definition("sim"), VirtualClock())
    hal.set_machine(hal.Machine(made.board, SimBackend(made)))
    yield made
    hal.set_machine(None)


def pulses(circuit: Circuit, count: int) -> None:
    """Let D5 be pulsed so often, a pulse each two milliseconds, and all of that pass."""
    begin = circuit.now_ns() + MS
    circuit.input_trace({"D5": [(begin + n * MS, n % 2 == 0) for n in range(2 * count)]})
    circuit.clock.sleep_ns((2 * count + 1) * MS)


@pytest.mark.simulated
@pytest.mark.parametrize(
    ("edge", "counted"),
    [(countio.Edge.RISE, 3), (countio.Edge.FALL, 3), (countio.Edge.RISE_AND_FALL, 6)],
)
def test_the_wanted_edges_are_counted(circuit: Circuit, edge: countio.Edge, counted: int) -> None:
    """Three pulses."""
    with countio.Counter(board.D5, edge=edge, pull=digitalio.Pull.DOWN) as counter:
        assert counter.count == 0
        pulses(circuit, 3)
        assert counter.count == counted


@pytest.mark.simulated
def test_falling_edges_count_by_default(circuit: Circuit) -> None:
    """As upstream, which knew only these at first."""
    with countio.Counter(board.D5) as counter:
        pulses(circuit, 5)
        assert counter.count == 5


@pytest.mark.simulated
def test_a_count_goes_on_from_what_it_is_set_to(circuit: Circuit) -> None:
    """And from 0 after a reset."""
    with countio.Counter(board.D5, edge=countio.Edge.RISE) as counter:
        pulses(circuit, 2)
        counter.count = 100
        pulses(circuit, 2)
        assert counter.count == 102
        counter.reset()
        assert counter.count == 0
        pulses(circuit, 1)
        assert counter.count == 1
        with pytest.raises(TypeError):
            counter.count = "many"  # type: ignore[assignment]


@pytest.mark.simulated
def test_more_edges_than_are_kept_are_counted_all(circuit: Circuit) -> None:
    """Nobody looked for four seconds."""
    with countio.Counter(board.D5, edge=countio.Edge.RISE_AND_FALL) as counter:
        pulses(circuit, 2000)
        assert counter.count == 4000


@pytest.mark.shim
def test_the_kernel_counts_what_nobody_looks_at(world: World) -> None:
    """Twenty thousand pulses between two looks, without a thread."""
    from cpcompat.backends.linux import connect, reactor

    made = definition("raspberry_pi_4b")
    hal.set_machine(hal.Machine(made, connect(made)))
    try:
        with countio.Counter(made.names["D5"], edge=countio.Edge.RISE) as counter:
            world.toggle(5, 40_000)
            assert counter.count == 20_000
            assert not reactor.is_running()
    finally:
        hal.set_machine(None)


@pytest.mark.simulated
def test_the_pin_is_held_until_the_end(circuit: Circuit) -> None:
    """Of the object, or of its use."""
    counter = countio.Counter(board.D5)
    with refuses(ValueError, "D5 in use"):
        digitalio.DigitalInOut(board.D5)
    counter.deinit()
    counter.deinit()
    again = countio.Counter(board.D5)
    for use in (lambda: counter.count, counter.reset):
        with refuses(ValueError, DEAD):
            use()
    del again
    gc.collect()
    digitalio.DigitalInOut(board.D5).deinit()


@pytest.mark.simulated
def test_what_is_no_pin_no_edge_and_no_pull_is_refused(circuit: Circuit) -> None:
    """By its type, and the pin stays free."""
    with refuses(TypeError, "pin must be of type Pin, not int"):
        countio.Counter(5)  # type: ignore[arg-type]
    with refuses(TypeError, "edge must be of type Edge, not int"):
        countio.Counter(board.D5, edge=1)  # type: ignore[arg-type]
    with refuses(TypeError, "pull must be of type Pull or None, not bool"):
        countio.Counter(board.D5, pull=True)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        countio.Edge()
    assert repr(countio.Edge.RISE) == "countio.Edge.RISE"
    assert hal.machine().claims.holder(board.D5) is None


@pytest.mark.simulated
def test_a_line_that_cannot_be_watched_is_no_pin_for_it(backend: RecordingBackend) -> None:
    """The note tells why, and the pin is free."""
    with refuses(ValueError, "Invalid pin"):
        countio.Counter(board.D0)
    assert hal.machine().claims.holder(board.D0) is None
