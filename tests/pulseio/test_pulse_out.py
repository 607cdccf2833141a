"""What programs see of pulses that they send: on a simulated board."""

from __future__ import annotations

import gc
from array import array
from typing import TYPE_CHECKING, Any

import pytest

from cpcompat import board, hal, pulseio
from cpcompat.hal import Fault
from tests.fakes.refusing import refuses

if TYPE_CHECKING:
    from tests.fakes.backend import RecordingBackend

pytestmark = [pytest.mark.feature("pulseio"), pytest.mark.simulated]

DEAD = "Object has been deinitialized and can no longer be used. Create a new object."
OFF = (38000, 0)
ON = (38000, 32768)


def switched(backend: RecordingBackend) -> list[tuple[int, tuple[int, int]]]:
    """Have each setting of the carrier noted with its time, in microseconds."""
    found: list[tuple[int, tuple[int, int]]] = []

    def note(name: str, *arguments: Any) -> None:
        if name == "set":
            found.append((backend.time.time_ns // 1000, arguments))

    backend.note = note  # type: ignore[method-assign]
    return found


def test_pulses_go_on_and_off_by_turns(backend: RecordingBackend) -> None:
    """Each for its time; the carrier is off before the first and after the last."""
    found = switched(backend)
    with pulseio.PulseOut(board.D13) as output:
        output.send(array("H", [9000, 4500, 560]))
        assert found == [(0, OFF), (0, ON), (9000, OFF), (13500, ON), (14060, OFF)]


def test_no_pulse_is_shorter_than_the_carrier_s_period(backend: RecordingBackend) -> None:
    """It would not be one."""
    found = switched(backend)
    with pulseio.PulseOut(pin=board.D13, frequency=1000, duty_cycle=9) as output:
        output.send(array("H", [1]))
        assert found == [(0, (1000, 0)), (0, (1000, 9)), (1000, (1000, 0))]


def test_the_carrier_is_off_after_an_interruption(backend: RecordingBackend) -> None:
    """As after Ctrl-C while it sends."""
    found = switched(backend)

    def interrupted(duration_ns: int) -> None:
        raise KeyboardInterrupt

    backend.time.sleep_ns = interrupted  # type: ignore[method-assign]
    with pulseio.PulseOut(board.D13) as output:
        with pytest.raises(KeyboardInterrupt):
            output.send(array("H", [50_000]))
        assert found[-1] == (0, OFF)


def test_only_arrays_of_halfwords_are_sent(backend: RecordingBackend) -> None:
    """As upstream."""
    with pulseio.PulseOut(board.D13) as output:
        for wrong in (array("I", [1]), b"ab"):
            with refuses(TypeError, "Array must contain halfwords (type 'H')"):
                output.send(wrong)
        with pytest.raises(TypeError):
            output.send([1, 2])  # type: ignore[arg-type]


def test_a_carrier_that_cannot_be_made_is_refused(backend: RecordingBackend) -> None:
    """And a pin without a modulator; each stays free."""
    with refuses(ValueError, "Invalid pin"):
        pulseio.PulseOut(board.D0)
    with refuses(ValueError, "Invalid frequency"):
        pulseio.PulseOut(board.D13, frequency=0)
    with refuses(ValueError, "Invalid frequency"):
        pulseio.PulseOut(board.D13, frequency=2_000_000)
    with refuses(ValueError, "duty_cycle must be 0-65535"):
        pulseio.PulseOut(board.D13, duty_cycle=65536)
    with refuses(TypeError, "pin must be of type Pin, not int"):
        pulseio.PulseOut(13)  # type: ignore[arg-type]
    backend.faults["pwm"] = Fault.BUSY
    with refuses(RuntimeError, "Conflicting settings for shared resource"):
        pulseio.PulseOut(board.D13)
    assert hal.machine().claims.holder(board.D13) is None


def test_the_pin_is_held_until_the_end(backend: RecordingBackend) -> None:
    """Of the object, or of its use."""
    output = pulseio.PulseOut(board.D13)
    with refuses(ValueError, "D13 in use"):
        pulseio.PulseOut(board.D13)
    output.deinit()
    output.deinit()
    with refuses(ValueError, DEAD):
        output.send(array("H", [1]))
    left = pulseio.PulseOut(board.D13)
    del left
    gc.collect()
    pulseio.PulseOut(board.D13).deinit()
