"""What programs see of measured pulses: on a simulated board, and on the kernel's lines over the shim."""

from __future__ import annotations

import gc
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpcompat import board, digitalio, hal, pulseio
from cpcompat.backends.sim.backend import SimBackend
from cpcompat.backends.sim.circuit import Circuit
from cpcompat.backends.sim.clock import VirtualClock
from cpcompat.backends.sim.outside import TRACE
from cpcompat.board.detect import definition
from tests.fakes.refusing import refuses

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.fakes.backend import RecordingBackend
    from tests.shim.world import World

pytestmark = pytest.mark.feature("pulseio")

DEAD = "Object has been deinitialized and can no longer be used. Create a new object."
US, MS = 1_000, 1_000_000


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


def send(circuit: Circuit, lengths_us: Sequence[int], idle: bool = False) -> None:
    """Let D5 have pulses of these lengths, by turns away from idle and at it, and all of it pass."""
    at_ns = circuit.now_ns() + MS
    steps = []
    for number, length_us in enumerate(lengths_us):
        steps.append((at_ns, idle if number % 2 else not idle))
        at_ns += length_us * US
    steps.append((at_ns, idle if len(lengths_us) % 2 else not idle))
    circuit.drive("D5", idle, TRACE)
    circuit.input_trace({"D5": steps})
    circuit.clock.sleep_ns(at_ns - circuit.now_ns() + MS)


@pytest.mark.simulated
@pytest.mark.parametrize("idle", [False, True])
def test_the_first_pulse_is_away_from_idle(circuit: Circuit, idle: bool) -> None:
    """Then they take turns; what the idle level was before does not count."""
    circuit.drive("D5", idle, TRACE)
    with pulseio.PulseIn(board.D5, 10, idle_state=idle) as pulses:
        assert not pulses
        send(circuit, [100, 40, 9000], idle)
        assert pulses
        assert [pulses[n] for n in range(len(pulses))] == [100, 40, 9000]
        assert (pulses[-1], pulses.maxlen) == (9000, 10)
        assert [pulses.popleft() for _ in range(3)] == [100, 40, 9000]
        with refuses(IndexError, "pop from empty PulseIn"):
            pulses.popleft()


@pytest.mark.simulated
@given(st.lists(st.integers(1, 70_000), max_size=40), st.integers(1, 20), st.booleans())
def test_the_newest_lengths_are_kept_and_long_ones_cut(
    lengths: list[int], most: int, idle: bool
) -> None:
    """Whatever comes."""
    made = new_circuit()
    try:
        made.drive("D5", idle, TRACE)
        with pulseio.PulseIn(board.D5, maxlen=most, idle_state=idle) as pulses:
            send(made, lengths, idle)
            wanted = [min(length, 65_535) for length in lengths][-most:]
            assert [pulses[n] for n in range(len(pulses))] == wanted
    finally:
        hal.set_machine(None)


@pytest.mark.simulated
def test_while_it_is_paused_nothing_is_measured(circuit: Circuit) -> None:
    """And afterwards from the next pulse on: one that is half over does not count."""
    circuit.drive("D5", False, TRACE)
    pulses = pulseio.PulseIn(board.D5, 10)
    assert pulses.paused is False
    send(circuit, [10])
    pulses.pause()
    assert pulses.paused is True
    send(circuit, [20, 20, 20])
    circuit.drive("D5", True, TRACE)
    pulses.resume()
    assert pulses.paused is False
    send(circuit, [30])
    assert [pulses[n] for n in range(len(pulses))] == [10, 30]
    pulses.clear()
    assert len(pulses) == 0


@pytest.mark.simulated
@pytest.mark.parametrize("idle", [False, True])
def test_a_trigger_drives_the_pin_and_is_no_pulse(circuit: Circuit, idle: bool) -> None:
    """A millisecond away from idle, by a pin that is an input before and after it."""
    circuit.pull("D5", hal.gpio.Pull.UP if idle else hal.gpio.Pull.DOWN)
    pulses = pulseio.PulseIn(board.D5, 10, idle_state=idle)
    levels: list[tuple[int, bool]] = []
    circuit.watch("D5", lambda level: levels.append((circuit.now_ns(), level)))
    pulses.resume(1000)
    (down_ns, down), (up_ns, up) = levels
    assert (up_ns - down_ns, down, up) == (MS, not idle, idle)
    assert circuit.terminal("D5").mode == 0
    send(circuit, [80, 80, 50], idle)
    assert [pulses[n] for n in range(len(pulses))] == [80, 80, 50]
    with refuses(ValueError, "trigger_duration must be 0-65535"):
        pulses.resume(65_536)


@pytest.mark.simulated
def test_pulses_before_a_loss_are_dropped(circuit: Circuit) -> None:
    """So that those which are left take turns; the first is away from idle again."""
    circuit.drive("D5", False, TRACE)
    pulses = pulseio.PulseIn(board.D5, 3)
    send(circuit, [10, 20] * 700)  # 1400 edges, of which 1024 are held
    send(circuit, [30, 40, 50])
    assert [pulses[n] for n in range(len(pulses))] == [30, 40, 50]


@pytest.mark.simulated
def test_what_is_no_index_is_refused(circuit: Circuit) -> None:
    """In a board's words."""
    pulses = pulseio.PulseIn(board.D5)
    with refuses(IndexError, "PulseIn index out of range"):
        pulses[0]
    with refuses(NotImplementedError, "Slices not supported"):
        pulses[0:1]  # type: ignore[index]
    with refuses(TypeError, "can't convert str to int"):
        pulses["a"]  # type: ignore[index]


@pytest.mark.simulated
def test_the_pin_is_held_until_the_end(circuit: Circuit) -> None:
    """Of the object, or of its use."""
    with refuses(ValueError, "maxlen must be >= 1"):
        pulseio.PulseIn(board.D5, 0)
    with refuses(TypeError, "pin must be of type Pin, not int"):
        pulseio.PulseIn(5)  # type: ignore[arg-type]
    pulses = pulseio.PulseIn(board.D5)
    with refuses(ValueError, "D5 in use"):
        digitalio.DigitalInOut(board.D5)
    pulses.deinit()
    pulses.deinit()
    uses = (pulses.pause, pulses.resume, pulses.clear, pulses.popleft, pulses.__len__)
    for use in (*uses, lambda: pulses.maxlen, lambda: pulses.paused, lambda: pulses[0]):
        with refuses(ValueError, DEAD):
            use()
    left = pulseio.PulseIn(board.D5)
    del left
    gc.collect()
    digitalio.DigitalInOut(board.D5).deinit()


@pytest.mark.simulated
def test_a_line_that_cannot_be_watched_is_no_pin_for_it(backend: RecordingBackend) -> None:
    """The note tells why, and the pin is free."""
    with refuses(ValueError, "Invalid pin"):
        pulseio.PulseIn(board.D0)
    assert hal.machine().claims.holder(board.D0) is None


@pytest.mark.shim
def test_the_kernel_stamps_pulses_that_nobody_looks_at(world: World) -> None:
    """Ten of a millisecond each; a trigger in between goes out on the same request."""
    from cpcompat.backends.linux import connect

    made = definition("raspberry_pi_4b")
    hal.set_machine(hal.Machine(made, connect(made)))
    try:
        world.drive(5, False)
        with pulseio.PulseIn(made.names["D5"], 100) as pulses:
            begin_ns = time.monotonic_ns()
            for number in range(12):
                world.drive(5, number % 2 == 0, begin_ns + number * MS)
            assert [pulses[n] for n in range(len(pulses))] == [1000] * 11
            world.drive(5, None)
            mark = world.mark()
            pulses.clear()
            pulses.resume(100)
            assert [call.op for call in world.calls(mark) if call.op == "get_line"] == []
            assert world.levels(5, mark)[:1] == [True]
            assert not world.line(5).output
    finally:
        hal.set_machine(None)
