"""What programs see of a bell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cpcompat import bell, board, hal
from tests.fakes.refusing import refuses

if TYPE_CHECKING:
    from tests.fakes.backend import RecordingBackend


def test_a_bell_rings_with_half_of_each_period_and_falls_silent(backend: RecordingBackend) -> None:
    """One setting of the port each time."""
    with bell.Bell(board.D13, tone=880) as one:
        one.ring(True)
        one.ring(False)
    assert backend.calls == [("pwm", "P13"), ("set", 880, 32768), ("set", 880, 0), ("close",)]


@pytest.mark.parametrize("tone", [19, 20001])
def test_a_tone_nobody_hears_is_refused(backend: RecordingBackend, tone: int) -> None:
    """Before the pin is touched."""
    with refuses(ValueError, "tone must be 20-20000"):
        bell.Bell(board.D13, tone=tone)
    assert backend.calls == []


def test_the_pin_is_held_and_given_back(backend: RecordingBackend) -> None:
    """Whoever wants it meanwhile is told who has it."""
    one = bell.Bell(board.D13)
    with refuses(ValueError, "D13 in use") as caught:
        bell.Bell(board.D13)
    assert "bell.Bell" in caught.value.__notes__[0]
    one.deinit()
    one.deinit()
    assert hal.machine().claims.holder(board.D13) is None
    with refuses(
        ValueError, "Object has been deinitialized and can no longer be used. Create a new object."
    ):
        one.ring(True)
