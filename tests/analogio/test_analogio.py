"""What programs see of analog pins."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cpcompat import analogio, board, hal
from cpcompat.hal import Fault
from tests.fakes.refusing import refuses

if TYPE_CHECKING:
    from tests.fakes.backend import RecordingBackend

pytestmark = [pytest.mark.feature("analogio"), pytest.mark.simulated]

DEAD = "Object has been deinitialized and can no longer be used. Create a new object."


def test_reading_gives_16_bits_of_the_reference(backend: RecordingBackend) -> None:
    """Whatever the converter's own width."""
    backend.analog = 32768
    with analogio.AnalogIn(pin=board.A0) as knob:
        assert knob.value == 32768
        assert knob.reference_voltage == 3.3


def test_an_output_takes_16_bits_and_cannot_be_read(backend: RecordingBackend) -> None:
    """Upstream's texts."""
    with analogio.AnalogOut(pin=board.A1) as dac:
        dac.value = 65535
        assert backend.calls[-1] == ("write", 65535)
        for wrong in (-1, 65536):
            with refuses(ValueError, "value must be 0-65535"):
                dac.value = wrong
        with refuses(TypeError, "can't convert float to int"):
            dac.value = 1.5  # type: ignore[assignment]
        with refuses(AttributeError, "unreadable attribute"):
            _ = dac.value


@pytest.mark.parametrize("kind", [analogio.AnalogIn, analogio.AnalogOut])
def test_a_pin_without_a_converter_is_invalid_and_free_again(
    backend: RecordingBackend, kind: type[analogio.AnalogIn]
) -> None:
    """The note lists the pins that have one; something else is no pin."""
    with refuses(ValueError, "Invalid pin") as caught:
        kind(board.D13)
    assert "board.A" in caught.value.__notes__[0]
    assert hal.machine().claims.holder(board.D13) is None
    with refuses(TypeError, "pin must be of type Pin, not int"):
        kind(5)  # type: ignore[arg-type]


def test_a_pin_is_held_until_deinit_and_then_refuses(backend: RecordingBackend) -> None:
    """For both directions."""
    knob = analogio.AnalogIn(board.A0)
    dac = analogio.AnalogOut(board.A1)
    with refuses(ValueError, "A0 in use"):
        analogio.AnalogIn(board.A0)
    for thing in (knob, dac):
        thing.deinit()
        thing.deinit()
    with refuses(ValueError, DEAD):
        _ = knob.value
    with refuses(ValueError, DEAD):
        _ = knob.reference_voltage
    with refuses(ValueError, DEAD):
        dac.value = 1
    analogio.AnalogIn(board.A0).deinit()


def test_a_fault_is_an_oserror(backend: RecordingBackend) -> None:
    """While reading, writing and opening."""
    backend.faults.update(read=Fault.BROKEN, write=Fault.GONE)
    with analogio.AnalogIn(board.A0) as knob, refuses(OSError, "[Errno 5] Input/output error"):
        _ = knob.value
    with analogio.AnalogOut(board.A1) as dac, refuses(OSError, "[Errno 5] Input/output error"):
        dac.value = 1
    backend.faults["analog_input"] = Fault.DENIED
    with refuses(PermissionError, "[Errno 13] Permission denied"):
        analogio.AnalogIn(board.A0)
    assert hal.machine().claims.holder(board.A0) is None
