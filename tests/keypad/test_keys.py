"""What programs see of keys with a pin each: on a simulated board, and on the kernel's lines."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpcompat import board, digitalio, hal, keypad, supervisor
from cpcompat.backends.sim.backend import SimBackend
from cpcompat.backends.sim.circuit import Circuit
from cpcompat.backends.sim.clock import VirtualClock
from cpcompat.board.detect import definition
from tests.fakes.refusing import refuses

if TYPE_CHECKING:
    from tests.fakes.backend import RecordingBackend
    from tests.shim.world import World

pytestmark = pytest.mark.feature("keypad")

DEAD = "Object has been deinitialized and can no longer be used. Create a new object."
MS = 1_000_000


def keys_at(*pins: Any, **more: Any) -> keypad.Keys:
    """Return keys to ground."""
    return keypad.Keys(pins, value_when_pressed=False, **more)


def taken(keys: keypad.Keys) -> list[tuple[int, bool]]:
    """Take all events: key, and whether it was pressed."""
    found = []
    while (event := keys.events.get()) is not None:
        found.append((event.key_number, event.pressed))
    return found


@pytest.mark.simulated
@pytest.mark.parametrize("high", [False, True])
def test_each_press_and_release_is_an_event(circuit: Circuit, high: bool) -> None:
    """To ground or to the supply, in their order."""
    keys = keypad.Keys((board.D5, board.D6), value_when_pressed=high)
    assert keys.key_count == 2
    assert not keys.events
    circuit.press("D5", high)
    circuit.clock.sleep_ns(50 * MS)
    circuit.press("D6", high)
    circuit.clock.sleep_ns(50 * MS)
    circuit.release("D5")
    circuit.clock.sleep_ns(50 * MS)
    assert keys.events
    assert len(keys.events) == 3
    assert taken(keys) == [(0, True), (1, True), (0, False)]
    assert keys.events.get() is None


@pytest.mark.simulated
def test_a_key_without_a_pull_needs_one_outside(circuit: Circuit) -> None:
    """The pin has none of its own then."""
    circuit.pull("D5", hal.gpio.Pull.UP)
    keys = keys_at(board.D5, pull=False)
    assert circuit.terminal("D5").pull == 0
    circuit.press("D5")
    circuit.clock.sleep_ns(50 * MS)
    assert taken(keys) == [(0, True)]


@pytest.mark.simulated
def test_an_event_is_stamped_when_it_was_noticed_not_when_it_was_taken(circuit: Circuit) -> None:
    """At the first look after it: looks are 20 ms apart."""
    began = supervisor.ticks_ms()
    keys = keys_at(board.D5)
    circuit.clock.sleep_ns(50 * MS)
    circuit.press("D5")
    circuit.clock.sleep_ns(5000 * MS)
    event = keys.events.get()
    assert event is not None
    assert (event.timestamp - began) % (1 << 29) == 60


@pytest.mark.simulated
def test_what_bounces_between_two_looks_is_no_event(circuit: Circuit) -> None:
    """A press of 15 ms that no look met."""
    keys = keys_at(board.D5)
    circuit.input_trace(
        {"D5": [(at * MS, at % 2 == 0) for at in range(43, 57)] + [(57 * MS, True)]}
    )
    circuit.clock.sleep_ns(200 * MS)
    assert taken(keys) == []


@pytest.mark.simulated
def test_a_threshold_wants_as_many_looks_more_than_speak_against_it(circuit: Circuit) -> None:
    """Three: down, down, up, down, down makes a press at the fifth."""
    keys = keys_at(board.D5, interval=0.01, debounce_threshold=3)
    circuit.clock.sleep_ns(45 * MS)  # so that it is known to be up
    levels = [False, False, True, False, False]
    circuit.input_trace({"D5": [((46 + 10 * n) * MS, level) for n, level in enumerate(levels)]})
    circuit.clock.sleep_ns(40 * MS)
    assert taken(keys) == []
    circuit.clock.sleep_ns(10 * MS)
    assert taken(keys) == [(0, True)]


@pytest.mark.simulated
def test_a_key_that_is_down_at_first_is_no_event_until_reset(circuit: Circuit) -> None:
    """Then it is, at once: so a program learns what was held at its start."""
    circuit.press("D5")
    keys = keys_at(board.D5, board.D6)
    circuit.clock.sleep_ns(100 * MS)
    assert taken(keys) == []
    keys.reset()
    assert taken(keys) == [(0, True)]
    circuit.release("D5")
    circuit.clock.sleep_ns(100 * MS)
    assert taken(keys) == [(0, False)]


@pytest.mark.simulated
def test_after_a_reset_keys_go_on_to_be_noticed(circuit: Circuit) -> None:
    """However often."""
    keys = keys_at(board.D5)
    for _ in range(3):
        keys.reset()
        circuit.press("D5")
        circuit.clock.sleep_ns(50 * MS)
        circuit.release("D5")
        circuit.clock.sleep_ns(50 * MS)
        assert taken(keys) == [(0, True), (0, False)]


@pytest.mark.simulated
def test_a_full_queue_drops_what_comes_and_says_so(circuit: Circuit) -> None:
    """Until it is cleared."""
    keys = keys_at(board.D5, max_events=2)
    for _ in range(2):
        circuit.press("D5")
        circuit.clock.sleep_ns(50 * MS)
        circuit.release("D5")
        circuit.clock.sleep_ns(50 * MS)
    assert keys.events.overflowed is True
    assert taken(keys) == [(0, True), (0, False)]
    keys.events.clear()
    assert keys.events.overflowed is False
    circuit.press("D5")
    circuit.clock.sleep_ns(50 * MS)
    keys.events.clear()
    assert len(keys.events) == 0


class Scans:
    """Upstream's way, look by look: a counter that walks between the threshold and its negative."""

    def __init__(self, threshold: int) -> None:
        self.threshold, self.counter = threshold, 0
        self.events: list[tuple[int, bool]] = []

    def look(self, at_ns: int, pressed: bool) -> None:
        """Look at the key once."""
        step = 1 if pressed else -1
        if self.counter != step * self.threshold:
            self.counter += step
            if self.counter == 0:
                self.counter = step * self.threshold
                self.events.append((at_ns, pressed))


@pytest.mark.simulated
@given(
    st.lists(st.integers(1, 90), max_size=30),
    st.integers(1, 5),
    st.integers(1, 40),
    st.lists(st.integers(1, 400), max_size=6),
)
def test_the_events_are_those_of_a_scanner_that_looks_all_the_time(
    gaps: list[int], threshold: int, interval_ms: int, looks: list[int]
) -> None:
    """However seldom the program asks, and whatever the key does."""
    made = Circuit(definition("sim"), VirtualClock())
    hal.set_machine(hal.Machine(made.board, SimBackend(made)))
    try:
        keys = keys_at(board.D5, interval=interval_ms / 1000, debounce_threshold=threshold)
        changes, at_ns = [], 0
        for number, gap in enumerate(gaps):
            at_ns += gap * MS + 1
            changes.append((at_ns, number % 2 == 1))
        made.input_trace({"D5": changes})
        end_ns = at_ns + 20 * interval_ms * MS
        for look in looks:
            made.clock.sleep_ns(look * MS)
            assert keys.events is not None and len(keys.events) >= 0
        made.clock.sleep_ns(max(0, end_ns - made.now_ns()))
        scans = Scans(threshold)
        for now_ns in range(0, made.now_ns() + 1, interval_ms * MS):
            before = [level for when, level in changes if when <= now_ns]
            scans.look(now_ns, not before[-1] if before else False)
        first = keypad.Event().timestamp - made.now_ns() // MS
        found = []
        while (event := keys.events.get()) is not None:
            found.append((event.timestamp - first, event.pressed))
        assert found == [(at // MS, pressed) for at, pressed in scans.events][:64]
    finally:
        hal.set_machine(None)


@pytest.mark.simulated
def test_the_pins_are_held_until_the_end(circuit: Circuit) -> None:
    """What was in the queue can be taken after it; everything else is refused."""
    keys = keys_at(board.D5, board.D6)
    with refuses(ValueError, "D6 in use"):
        digitalio.DigitalInOut(board.D6)
    circuit.press("D6")
    circuit.clock.sleep_ns(50 * MS)
    events = keys.events
    assert len(events) == 1
    keys.deinit()
    keys.deinit()
    assert events.get() == keypad.Event(1, True)
    assert events.get() is None
    uses = (lambda: keys.events, lambda: keys.key_count, keys.reset)
    for use in uses:
        with refuses(ValueError, DEAD):
            use()
    digitalio.DigitalInOut(board.D6).deinit()
    with keys_at(board.D5):
        pass
    left = keys_at(board.D5)
    del left
    gc.collect()
    digitalio.DigitalInOut(board.D5).deinit()


@pytest.mark.simulated
@pytest.mark.parametrize(
    ("more", "kind", "words"),
    [
        ({"interval": -0.1}, ValueError, "interval must be >= 0"),
        ({"interval": "a"}, TypeError, "interval must be of type float, not str"),
        ({"max_events": 0}, ValueError, "max_events must be >= 1"),
        ({"debounce_threshold": 0}, ValueError, "debounce_threshold must be 1-127"),
        ({"debounce_threshold": 128}, ValueError, "debounce_threshold must be 1-127"),
    ],
)
def test_a_wrong_argument_is_refused_and_the_pin_stays_free(
    circuit: Circuit, more: dict[str, Any], kind: type[Exception], words: str
) -> None:
    """In a board's words."""
    with refuses(kind, words):
        keys_at(board.D5, **more)
    assert hal.machine().claims.holder(board.D5) is None


@pytest.mark.simulated
def test_pins_that_are_none_or_twice_in_it_are_refused(circuit: Circuit) -> None:
    """And those that somebody has; the others stay free."""
    with refuses(TypeError, "pin must be of type Pin, not int"):
        keys_at(board.D5, 6)
    with refuses(ValueError, "pins contains duplicate pins"):
        keys_at(board.D5, board.D5)
    other = digitalio.DigitalInOut(board.D6)
    with refuses(ValueError, "D6 in use"):
        keys_at(board.D5, board.D6)
    assert hal.machine().claims.holder(board.D5) is None
    other.deinit()


@pytest.mark.simulated
def test_a_line_that_cannot_be_watched_is_no_pin_for_it(backend: RecordingBackend) -> None:
    """The note tells why, and the pin is free."""
    with refuses(ValueError, "Invalid pin"):
        keys_at(board.D0)
    assert hal.machine().claims.holder(board.D0) is None


@pytest.mark.shim
def test_the_kernel_keeps_what_nobody_takes(world: World) -> None:
    """A key goes down and up between two looks of the program, and both are told, in order."""
    from cpcompat.backends.linux import connect

    made = definition("raspberry_pi_4b")
    hal.set_machine(hal.Machine(made, connect(made)))
    try:
        keys = keypad.Keys([made.names["D5"]], value_when_pressed=True, interval=0.001)
        clock = hal.machine().backend.clock
        for level in (True, False):
            world.drive(5, level)
            clock.sleep_ns(5 * MS)
        assert taken(keys) == [(0, True), (0, False)]
        keys.deinit()
        assert not world.line(5).used
    finally:
        hal.set_machine(None)
