"""A pin that makes a voltage."""

from __future__ import annotations

from cpcompat import hal
from cpcompat.hal.arguments import checked_pin, in_range
from cpcompat.hal.errors import Fault, HalError
from cpcompat.hal.pin_object import PinObject
from cpcompat.hal.refusals import Hold, noted, refusal

TYPE_CHECKING = False  # not typing's: that import costs more than all of this package
if TYPE_CHECKING:
    from cpcompat.hal.analog import AnalogOutput
    from cpcompat.hal.pin import Pin
    from cpcompat.hal.refusals import Refusals

_FAULTS: Refusals = {
    Fault.BUSY: (ValueError, "Pin in use"),
    Fault.ABSENT: (ValueError, "Invalid pin"),
}


class AnalogOut(PinObject):
    """A pin that makes a voltage.

    Args:
        pin: The pin; the board has a converter for it.

    Raises:
        TypeError: That is no pin.
        ValueError: The pin is in use (a note names the holder), or has no converter.
    """

    __slots__ = ()

    _port: AnalogOutput | None

    def __init__(self, pin: Pin) -> None:
        checked_pin(pin, "pin")
        machine = hal.machine()
        self._hold = Hold(machine, (pin,), "analogio.AnalogOut", _FAULTS)
        with self._hold:
            if pin not in machine.board.analog_outputs:
                able = ", ".join(map(repr, machine.board.analog_outputs)) or "none"
                note = f"Pins of the board {machine.board.id} that make a voltage: {able}."
                raise noted(ValueError("Invalid pin"), note)
            self._port = machine.backend.analog_output(pin)

    @property
    def value(self) -> int:
        """The voltage, 0 to 65535 of the reference. It can only be set.

        Raises:
            AttributeError: It was to be read.
            ValueError: It is out of range.
        """
        raise AttributeError("unreadable attribute")

    @value.setter
    def value(self, value: int) -> None:
        port = self._live()
        try:
            port.write(in_range(value, 0, 65535, "value"))
        except HalError as error:
            raise refusal(error, _FAULTS) from None
