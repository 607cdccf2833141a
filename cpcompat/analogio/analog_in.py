"""A pin whose voltage is read."""

from __future__ import annotations

from cpcompat import hal
from cpcompat.hal.arguments import checked_pin
from cpcompat.hal.errors import Fault, HalError
from cpcompat.hal.pin_object import PinObject
from cpcompat.hal.refusals import Hold, noted, refusal

TYPE_CHECKING = False  # not typing's: that import costs more than all of this package
if TYPE_CHECKING:
    from cpcompat.hal.analog import AnalogInput
    from cpcompat.hal.pin import Pin
    from cpcompat.hal.refusals import Refusals

_FAULTS: Refusals = {
    Fault.BUSY: (ValueError, "Pin in use"),
    Fault.ABSENT: (ValueError, "Invalid pin"),
}


class AnalogIn(PinObject):
    """A pin whose voltage is read.

    Args:
        pin: The pin; the board has a converter for it.

    Raises:
        TypeError: That is no pin.
        ValueError: The pin is in use (a note names the holder), or has no converter.
    """

    __slots__ = ()

    _port: AnalogInput | None

    def __init__(self, pin: Pin) -> None:
        checked_pin(pin, "pin")
        machine = hal.machine()
        self._hold = Hold(machine, (pin,), "analogio.AnalogIn", _FAULTS)
        with self._hold:
            if pin not in machine.board.analog_inputs:
                able = ", ".join(map(repr, machine.board.analog_inputs)) or "none"
                note = f"Pins of the board {machine.board.id} that read a voltage: {able}."
                raise noted(ValueError("Invalid pin"), note)
            self._port = machine.backend.analog_input(pin)

    @property
    def value(self) -> int:
        """The voltage now: 0 to 65535 of `reference_voltage`, whatever the converter's own width."""
        port: AnalogInput = self._live()
        try:
            return port.read()
        except HalError as error:
            raise refusal(error, _FAULTS) from None

    @property
    def reference_voltage(self) -> float:
        """The voltage that reads as 65535, in volts."""
        port: AnalogInput = self._live()
        return port.reference_v
