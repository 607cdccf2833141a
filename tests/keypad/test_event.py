"""What programs see of an event and of a queue."""

from __future__ import annotations

from typing import Any

import pytest

from cpcompat import board, hal, keypad
from cpcompat.backends.sim.circuit import Circuit
from tests.fakes.refusing import refuses

pytestmark = [pytest.mark.feature("keypad"), pytest.mark.simulated]
MS = 1_000_000


def test_an_event_says_which_key_and_what(circuit: Circuit) -> None:
    """By its attributes, and in a board's words when it is printed."""
    event = keypad.Event(3, False, 77)
    assert (event.key_number, event.pressed, event.released) == (3, False, True)
    assert event.timestamp == 77
    assert repr(event) == "<Event: key_number 3 released>"
    assert repr(keypad.Event()) == "<Event: key_number 0 pressed>"


def test_an_event_is_stamped_with_now_unless_told_otherwise(circuit: Circuit) -> None:
    """In the supervisor's ticks."""
    from cpcompat import supervisor

    circuit.clock.sleep_ns(5 * MS)
    assert keypad.Event(1).timestamp == supervisor.ticks_ms()


def test_events_of_one_key_and_kind_are_equal_whenever_they_were(circuit: Circuit) -> None:
    """And so are their hashes: a dict finds them."""
    assert keypad.Event(1, True, 5) == keypad.Event(1, True, 6)
    assert {keypad.Event(1, True, 5): "up"}[keypad.Event(1, True, 9)] == "up"
    assert keypad.Event(1, True) != keypad.Event(1, False)
    assert keypad.Event(1, True) != keypad.Event(2, True)
    assert keypad.Event(0) != 0


@pytest.mark.parametrize(
    ("arguments", "kind", "words"),
    [
        ((-1,), ValueError, "key_number must be >= 0"),
        (("a",), TypeError, "can't convert str to int"),
        ((1, True, "now"), TypeError, "can't convert str to int"),
    ],
)
def test_what_is_no_event_is_refused(
    circuit: Circuit, arguments: tuple[Any, ...], kind: type[Exception], words: str
) -> None:
    """A key or a time that is none."""
    with refuses(kind, words):
        keypad.Event(*arguments)


def test_only_a_scanner_makes_a_queue(circuit: Circuit) -> None:
    """As upstream."""
    with refuses(TypeError, "cannot create 'EventQueue' instances"):
        keypad.EventQueue()
    assert hal.machine().claims.holder(board.D5) is None


def test_an_event_can_be_filled_anew(circuit: Circuit) -> None:
    """Without making one; when there is nothing it is left as it was."""
    keys = keypad.Keys([board.D5], value_when_pressed=False)
    event = keypad.Event(9, False, 1)
    assert keys.events.get_into(event) is False
    assert (event.key_number, event.released, event.timestamp) == (9, True, 1)
    circuit.press("D5")
    circuit.clock.sleep_ns(30 * MS)
    assert keys.events.get_into(event) is True
    assert event == keypad.Event(0, True)
    assert event.timestamp != 1
    with refuses(TypeError, "event must be of type Event, not int"):
        keys.events.get_into(5)  # type: ignore[arg-type]
