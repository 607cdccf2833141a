"""The circuit: who drives a wire, what it does then, and when."""

from __future__ import annotations

import logging
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpcompat.backends.sim.circuit import Circuit
from cpcompat.backends.sim.clock import VirtualClock
from cpcompat.backends.sim.nets import INPUT, OPEN_DRAIN, PUSH_PULL
from cpcompat.board.detect import definition
from cpcompat.errors import CircuitError
from cpcompat.hal.gpio import Pull

pytestmark = [pytest.mark.feature("sim board"), pytest.mark.simulated]

MS = 1_000_000


def new(strict: bool = False) -> Circuit:
    """Return a bare board on virtual time."""
    return Circuit(definition("sim"), VirtualClock(), strict=strict)


def output(circuit: Circuit, pin: str, value: bool, mode: int = PUSH_PULL) -> None:
    """Make a pin an output of the board."""
    circuit.configure(circuit.terminal(pin), mode, value=value)


def pass_ns(circuit: Circuit, duration_ns: int) -> None:
    """Let time pass."""
    circuit.clock.sleep_ns(duration_ns)


def test_a_pin_goes_by_each_of_its_names() -> None:
    """The board's names, the chip's name, and the pin itself."""
    circuit = new()
    places = {circuit.terminal(name) for name in ("SDA", "D2", "GPIO2", circuit.board.names["SDA"])}
    assert len(places) == 1


def test_an_unknown_pin_is_refused_with_the_known_ones() -> None:
    """The note lists them."""
    with pytest.raises(CircuitError, match="no pin 'D99'") as caught:
        new().level("D99")
    assert "D27" in caught.value.__notes__[0]


@pytest.mark.parametrize("last", [True, False])
def test_a_floating_pin_keeps_its_last_level(last: bool) -> None:
    """Nothing here is left to chance."""
    circuit = new()
    circuit.drive("D4", last)
    circuit.drive("D4", None)
    assert circuit.level("D4") is last


def test_i2c_lines_are_pulled_up() -> None:
    """On every bus of the board."""
    circuit = new()
    assert all(circuit.level(pin) for bus in circuit.board.i2c for pin in (bus.scl, bus.sda))


def test_an_outer_resistor_is_stronger_than_the_chips() -> None:
    """A few kilohms against fifty."""
    circuit = new()
    circuit.configure(circuit.terminal("D4"), INPUT, pull=-1)
    circuit.pull("D4", Pull.UP)
    assert circuit.level("D4")


def test_a_button_joins_its_pin_to_ground_while_it_is_pressed() -> None:
    """With the chip's pull-up behind it."""
    circuit = new()
    circuit.configure(circuit.terminal("BUTTON"), INPUT, pull=1)
    levels = [circuit.level("BUTTON")]
    circuit.press("BUTTON")
    levels.append(circuit.level("BUTTON"))
    circuit.release("BUTTON")
    assert [*levels, circuit.level("BUTTON")] == [True, False, True]


def test_open_drain_outputs_on_one_wire_are_a_wired_and() -> None:
    """High only while none of them is low; and that is no contention."""
    circuit = new()
    circuit.wire("D5", "D6")
    circuit.pull("D5", Pull.UP)
    for first in (True, False):
        for second in (True, False):
            output(circuit, "D5", first, OPEN_DRAIN)
            output(circuit, "D6", second, OPEN_DRAIN)
            assert circuit.level("D5") is circuit.level("D6") is (first and second)
    assert not circuit.contentions


def test_wires_join_in_chains() -> None:
    """Three pins, two wires, one level."""
    circuit = new()
    circuit.wire("D5", "D6")
    circuit.wire("D16", "D6")
    output(circuit, "D16", True)
    assert circuit.level("D5")


def test_two_outputs_at_odds_are_contention_and_low_wins(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It is noted with its time and both parties, and logged."""
    circuit = new()
    circuit.wire("D5", "D6")
    output(circuit, "D5", True)
    pass_ns(circuit, MS)
    with caplog.at_level(logging.WARNING):
        output(circuit, "D6", False)
    (found,) = circuit.contentions
    assert found.time_ns == MS
    assert found.pins == ("GPIO5", "GPIO6")
    assert found.high == ("the board's output GPIO5",)
    assert found.low == ("the board's output GPIO6",)
    assert "contention on GPIO5+GPIO6" in caplog.text
    assert circuit.level("D5") is False


def test_contention_is_noted_each_time_it_begins_and_not_while_it_lasts() -> None:
    """Once a fight."""
    circuit = new()
    circuit.drive("D4", True)
    terminal = circuit.terminal("D4")
    output(circuit, "D4", False)
    circuit.write(terminal, False)
    assert len(circuit.contentions) == 1
    circuit.write(terminal, True)
    circuit.write(terminal, False)
    assert len(circuit.contentions) == 2


def test_a_fast_write_to_a_driven_pin_still_finds_contention() -> None:
    """The short way of a lone output is not taken when somebody else drives."""
    circuit = new()
    terminal = circuit.terminal("D4")
    output(circuit, "D4", False)
    circuit.write(terminal, True)
    circuit.drive("D4", False)
    assert circuit.level("D4") is False
    assert circuit.contentions[0].low == ("the outside world at GPIO4",)


def test_a_strict_circuit_raises_on_contention() -> None:
    """Where it happens."""
    circuit = new(strict=True)
    circuit.drive("D4", True)
    with pytest.raises(CircuitError, match="contention on GPIO4"):
        output(circuit, "D4", False)


_PARTY = st.one_of(
    st.tuples(st.just("pull"), st.sampled_from([-1, 0, 1])),
    st.tuples(st.just("push"), st.booleans()),
    st.tuples(st.just("drain"), st.booleans()),
    st.tuples(st.just("hand"), st.booleans()),
)


@given(st.lists(_PARTY, min_size=1, max_size=4), st.booleans())
def test_the_level_follows_from_the_drivers_in_any_order(
    parties: list[tuple[str, int]], last: bool
) -> None:
    """Low driver, high driver, resistor down, resistor up, last level: the first that there is."""
    pins = ["D5", "D6", "D12", "D13"][: len(parties)]
    circuit = new()
    circuit.wire(*pins, "D16")
    circuit.drive("D16", last)
    circuit.drive("D16", None)
    for pin, (kind, value) in zip(pins, parties, strict=True):
        if kind == "pull":
            circuit.configure(circuit.terminal(pin), INPUT, pull=value)
        elif kind == "hand":
            circuit.drive(pin, bool(value))
        else:
            output(circuit, pin, bool(value), PUSH_PULL if kind == "push" else OPEN_DRAIN)
    drivers = [value for kind, value in parties if kind in ("push", "hand")]
    drivers += [value for kind, value in parties if kind == "drain" and not value]
    pulls = [value for kind, value in parties if kind == "pull" and value]
    # A driver may have changed the level that stays: then only what drives now is certain.
    if drivers:
        assert circuit.level("D16") is all(drivers)
    elif pulls:
        assert circuit.level("D16") is (min(pulls) > 0)
    fights = bool(drivers) and len({bool(value) for value in drivers}) == 2
    assert bool(circuit.terminal("D16").net.fighting) is fights


def test_an_input_trace_plays_on_the_circuits_time() -> None:
    """Each level from its own moment on."""
    circuit = new()
    circuit.input_trace({"D4": [(MS, True), (3 * MS, False)], "D5": [(2 * MS, True)]})
    seen = []
    for _ in range(4):
        seen.append((circuit.level("D4"), circuit.level("D5")))
        pass_ns(circuit, MS)
    assert seen == [(False, False), (True, False), (True, True), (False, True)]


def test_a_trace_can_let_a_pin_go() -> None:
    """None leaves it to its resistor."""
    circuit = new()
    circuit.pull("D4", Pull.UP)
    circuit.input_trace({"D4": [(MS, False), (2 * MS, None)]})
    pass_ns(circuit, MS)
    assert not circuit.level("D4")
    pass_ns(circuit, MS)
    assert circuit.level("D4")


@given(st.lists(st.tuples(st.integers(0, 1000), st.booleans()), max_size=30), st.integers(1, 400))
def test_events_happen_in_order_at_their_own_time(
    steps: list[tuple[int, bool]], stride_ns: int
) -> None:
    """However far apart one looks, and whatever order they were given in."""
    circuit = new()
    heard: list[tuple[int, int]] = []
    for number, (time_ns, _) in enumerate(steps):
        circuit.at(time_ns, lambda number=number: heard.append((circuit.now_ns(), number)))  # type: ignore[misc]
    while circuit.clock.now_ns() < 1000:
        pass_ns(circuit, stride_ns)
    assert heard == sorted((time_ns, number) for number, (time_ns, _) in enumerate(steps))


def test_an_event_may_bring_the_next_one_about() -> None:
    """As a part that works on by itself does."""
    circuit = new()
    heard: list[int] = []

    def tick() -> None:
        heard.append(circuit.now_ns())
        circuit.at(circuit.now_ns() + MS, tick)

    circuit.at(MS, tick)
    pass_ns(circuit, 5 * MS)
    assert heard == [MS, 2 * MS, 3 * MS, 4 * MS, 5 * MS]


def test_on_real_time_an_event_that_is_due_is_seen_at_the_next_look() -> None:
    """And carries its own time, not the looker's."""
    circuit = Circuit(definition("sim"))
    due_ns = circuit.clock.now_ns() + MS
    stamps: list[int] = []
    circuit.at(due_ns, lambda: stamps.append(circuit.now_ns()))
    circuit.input_trace({"D4": [(due_ns, True)]})
    while circuit.next_event_ns() is not None:
        circuit.wait(due_ns)
    assert circuit.level("D4")
    assert stamps == [due_ns]
    assert circuit.clock.now_ns() > due_ns


def test_waiting_on_real_time_ends_when_somebody_schedules_an_event() -> None:
    """From another thread; without it this test would wait for an hour."""
    circuit = Circuit(definition("sim"))
    happened = threading.Event()
    hour_ns = circuit.clock.now_ns() + 3600 * 1000 * MS

    def wait() -> None:
        while not happened.is_set():
            circuit.wait(hour_ns)

    waiter = threading.Thread(target=wait, daemon=True)
    waiter.start()
    circuit.at(circuit.clock.now_ns() + MS, happened.set)
    waiter.join(30)
    assert not waiter.is_alive()


def test_an_event_that_fails_is_a_fault_and_the_others_go_on() -> None:
    """A mistake in somebody's part does not end the circuit."""
    circuit = new()
    heard: list[int] = []

    def fail() -> None:
        raise ValueError("no such register")

    circuit.at(MS, fail)
    circuit.at(2 * MS, lambda: heard.append(circuit.now_ns()))
    pass_ns(circuit, 3 * MS)
    assert heard == [2 * MS]
    assert [str(fault) for fault in circuit.faults] == ["event: ValueError: no such register"]


def test_a_loop_of_parts_that_drive_each_other_is_a_fault() -> None:
    """An inverter whose output is its input would go on for ever."""
    circuit = new()
    circuit.watch("D4", lambda level: circuit.drive("D4", not level, "an inverter"))
    circuit.drive("D4", True, "an inverter")
    assert any("oscillates" in fault.what for fault in circuit.faults)


def test_whoever_watches_hears_each_change_once_until_it_stops() -> None:
    """Not the level at first, and not a level that stays."""
    circuit = new()
    heard: list[bool] = []
    stop = circuit.watch("D4", heard.append)
    terminal = circuit.terminal("D4")
    output(circuit, "D4", True)
    circuit.write(terminal, True)
    circuit.write(terminal, False)
    stop()
    circuit.write(terminal, True)
    assert heard == [True, False]


def test_a_pulsed_pin_is_heard_edge_by_edge_by_whoever_watches() -> None:
    """At the times of the pulses, also over a wire."""
    circuit = new()
    circuit.wire("D12", "D5")
    heard: list[tuple[int, bool]] = []
    circuit.watch("D5", lambda level: heard.append((circuit.now_ns(), level)))
    circuit.pulse(circuit.terminal("D12"), 1000, 16384)
    pass_ns(circuit, 2 * MS)
    high_ns = round(MS * 16384 / 65535)
    assert heard == [
        (0, True),
        (high_ns, False),
        (MS, True),
        (MS + high_ns, False),
        (2 * MS, True),
    ]


def test_resetting_the_board_lets_every_pin_go_and_leaves_the_world_alone() -> None:
    """What the outside drives goes on."""
    circuit = new()
    output(circuit, "D5", True)
    circuit.pulse(circuit.terminal("D12"), 1000, 100)
    circuit.terminal("A0").dac = 5
    circuit.drive("D4", True)
    circuit.reset_board()
    assert all(terminal.mode == INPUT for terminal in circuit.terminals.values())
    assert circuit.pwm("D12") is None
    assert circuit.dac("A0") is None
    assert circuit.level("D4")


def test_an_analog_output_wired_to_an_input_is_read_there() -> None:
    """Over the wire, to the last bit."""
    circuit = new()
    circuit.wire("A0", "A1")
    circuit.terminal("A0").dac = 12345
    assert circuit.analog("A1") == 12345


def test_an_analog_voltage_is_a_level_too() -> None:
    """From half the reference on it is high."""
    circuit = new()
    for volts, level in ((0.2, False), (3.0, True)):
        circuit.set_volts("A2", volts)
        assert circuit.level("A2") is level
