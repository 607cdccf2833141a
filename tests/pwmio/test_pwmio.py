"""What programs see of a pulse-width modulated pin."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cpcompat import board, hal, pwmio
from cpcompat.hal import Fault
from tests.fakes.refusing import refuses

if TYPE_CHECKING:
    from tests.fakes.backend import RecordingBackend

pytestmark = [pytest.mark.feature("pwmio"), pytest.mark.simulated]

DEAD = "Object has been deinitialized and can no longer be used. Create a new object."


def test_a_new_output_is_set_once_with_all_it_was_given(backend: RecordingBackend) -> None:
    """The defaults are 500 Hz and always low."""
    with pwmio.PWMOut(board.D13) as pwm:
        assert backend.calls == [("pwm", "P13"), ("set", 500, 0)]
        assert (pwm.frequency, pwm.duty_cycle) == (500, 0)
    with pwmio.PWMOut(pin=board.D13, duty_cycle=9, frequency=50, variable_frequency=True):
        assert backend.calls[-1] == ("set", 50, 9)


def test_a_new_frequency_keeps_the_duty_cycle(backend: RecordingBackend) -> None:
    """And a new duty cycle the frequency."""
    with pwmio.PWMOut(board.D13, duty_cycle=32768, variable_frequency=True) as pwm:
        pwm.frequency = 880
        assert backend.calls[-1] == ("set", 880, 32768)
        pwm.duty_cycle = 1
        assert backend.calls[-1] == ("set", 880, 1)


def test_a_fixed_frequency_cannot_be_changed(backend: RecordingBackend) -> None:
    """Upstream's text; the note tells the parameter."""
    with (
        pwmio.PWMOut(board.D13) as pwm,
        refuses(AttributeError, "Invalid variable_frequency") as caught,
    ):
        pwm.frequency = 880
    assert "variable_frequency=True" in caught.value.__notes__[0]


@pytest.mark.parametrize("frequency", [0, -1, 2_000_000])
def test_a_frequency_that_cannot_be_made_is_invalid(
    backend: RecordingBackend, frequency: int
) -> None:
    """At construction and later; the pin is free and the old frequency stays."""
    with refuses(ValueError, "Invalid frequency"):
        pwmio.PWMOut(board.D13, frequency=frequency)
    assert hal.machine().claims.holder(board.D13) is None
    with pwmio.PWMOut(board.D13, variable_frequency=True) as pwm:
        with refuses(ValueError, "Invalid frequency"):
            pwm.frequency = frequency
        assert pwm.frequency == 500


@pytest.mark.parametrize("duty", [-1, 65536])
def test_a_duty_cycle_out_of_range_is_refused(backend: RecordingBackend, duty: int) -> None:
    """Upstream's text; the old one stays."""
    with pwmio.PWMOut(board.D13, duty_cycle=7) as pwm:
        with refuses(ValueError, "duty_cycle must be 0-65535"):
            pwm.duty_cycle = duty
        assert pwm.duty_cycle == 7


def test_a_pin_is_checked_held_and_released(backend: RecordingBackend) -> None:
    """A pin without a modulator, one in use, and a deinited object."""
    with refuses(ValueError, "Invalid pin"):
        pwmio.PWMOut(board.D0)
    pwm = pwmio.PWMOut(board.D13)
    with refuses(ValueError, "D13 in use"):
        pwmio.PWMOut(board.LED)
    pwm.deinit()
    pwm.deinit()
    with refuses(ValueError, DEAD):
        _ = pwm.duty_cycle
    with refuses(ValueError, DEAD):
        _ = pwm.frequency
    backend.faults["pwm"] = Fault.BUSY
    with refuses(RuntimeError, "Conflicting settings for shared resource"):
        pwmio.PWMOut(board.D13)
