"""A pin whose voltage is read."""

from __future__ import annotations

from cpcompat import hal
from cpcompat.hal.arguments import checked_pin
from cpcompat.hal.errors import Fault, HalError
from cpcompat.hal.refusals import Hold, deinited, noted, refusal

TYPE_CHECKING = False  # not typing's: that import costs more than all of this package
if TYPE_CHECKING:
    from typing import Self

    from cpcompat.hal.analog import AnalogInput
    from cpcompat.hal.pin import Pin
    from cpcompat.hal.refusals import Refusals

_FAULTS: Refusals = {
    Fault.BUSY: (ValueError, "Pin in use"),
    Fault.ABSENT: (ValueError, "Invalid pin"),
}


class AnalogIn:
    """A pin whose voltage is read.

    Args:
        pin: The pin; the board has a converter for it.

    Raises:
        TypeError: That is no pin.
        ValueError: The pin is in use (a note names the holder), or has no converter.
    """

    __slots__ = ("__weakref__", "_hold", "_input")

    _input: AnalogInput | None

    def __init__(self, pin: Pin) -> None:
        self._input = None
        checked_pin(pin, "pin")
        machine = hal.machine()
        self._hold = Hold(machine, (pin,), "analogio.AnalogIn", _FAULTS)
        with self._hold:
            if pin not in machine.board.analog_inputs:
                able = ", ".join(map(repr, machine.board.analog_inputs)) or "none"
                note = f"Pins of the board {machine.board.id} that read a voltage: {able}."
                raise noted(ValueError("Invalid pin"), note)
            self._input = machine.backend.analog_input(pin)

    def deinit(self) -> None:
        """Release the pin. Doing it again does nothing."""
        port, self._input = self._input, None
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
        if getattr(self, "_input", None) is not None:
            self.deinit()

    @property
    def value(self) -> int:
        """The voltage now: 0 to 65535 of `reference_voltage`, whatever the converter's own width."""
        try:
            return self._live().read()
        except HalError as error:
            raise refusal(error, _FAULTS) from None

    @property
    def reference_voltage(self) -> float:
        """The voltage that reads as 65535, in volts."""
        return self._live().reference_v

    def _live(self) -> AnalogInput:
        port = self._input
        if port is None:
            raise deinited()
        return port
