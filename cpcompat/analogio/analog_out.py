"""A pin that makes a voltage."""

from __future__ import annotations

from cpcompat import hal
from cpcompat.hal.arguments import checked_pin, in_range
from cpcompat.hal.errors import Fault, HalError
from cpcompat.hal.refusals import Hold, deinited, noted, refusal

TYPE_CHECKING = False  # not typing's: that import costs more than all of this package
if TYPE_CHECKING:
    from typing import Self

    from cpcompat.hal.analog import AnalogOutput
    from cpcompat.hal.pin import Pin
    from cpcompat.hal.refusals import Refusals

_FAULTS: Refusals = {
    Fault.BUSY: (ValueError, "Pin in use"),
    Fault.ABSENT: (ValueError, "Invalid pin"),
}


class AnalogOut:
    """A pin that makes a voltage.

    Args:
        pin: The pin; the board has a converter for it.

    Raises:
        TypeError: That is no pin.
        ValueError: The pin is in use (a note names the holder), or has no converter.
    """

    __slots__ = ("__weakref__", "_hold", "_output")

    _output: AnalogOutput | None

    def __init__(self, pin: Pin) -> None:
        self._output = None
        checked_pin(pin, "pin")
        machine = hal.machine()
        self._hold = Hold(machine, (pin,), "analogio.AnalogOut", _FAULTS)
        with self._hold:
            if pin not in machine.board.analog_outputs:
                able = ", ".join(map(repr, machine.board.analog_outputs)) or "none"
                note = f"Pins of the board {machine.board.id} that make a voltage: {able}."
                raise noted(ValueError("Invalid pin"), note)
            self._output = machine.backend.analog_output(pin)

    def deinit(self) -> None:
        """Release the pin; it floats. Doing it again does nothing."""
        port, self._output = self._output, None
        if port is None:
            return
        try:
            port.close()
        finally:
            self._hold.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.deinit()

    def __del__(self) -> None:
        if getattr(self, "_output", None) is not None:
            self.deinit()

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
        port = self._output
        if port is None:
            raise deinited()
        try:
            port.write(in_range(value, 0, 65535, "value"))
        except HalError as error:
            raise refusal(error, _FAULTS) from None
