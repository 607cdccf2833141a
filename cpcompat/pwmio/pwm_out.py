"""A pulse-width modulated pin."""

from __future__ import annotations

from cpcompat import hal
from cpcompat.hal.arguments import checked_int, checked_pin, in_range
from cpcompat.hal.errors import Fault, HalError
from cpcompat.hal.pin_object import PinObject
from cpcompat.hal.refusals import Hold, noted, refusal

TYPE_CHECKING = False  # not typing's: that import costs more than all of this package
if TYPE_CHECKING:
    from cpcompat.hal import Machine
    from cpcompat.hal.pin import Pin
    from cpcompat.hal.pwm import PwmOutput
    from cpcompat.hal.refusals import Refusals

FAULTS: Refusals = {
    Fault.BUSY: (RuntimeError, "Conflicting settings for shared resource"),
    Fault.ABSENT: (ValueError, "Invalid pin"),
    Fault.UNSUPPORTED: (ValueError, "Invalid frequency"),
}


def opened(machine: Machine, pin: Pin, frequency_hz: int, duty: int) -> PwmOutput:
    """Return the modulator of a pin, set.

    Raises:
        ValueError: The board has none there.
        HalError: It cannot be had, or cannot make that.
    """
    if pin not in machine.board.pwm:
        able = ", ".join(map(repr, machine.board.pwm)) or "none"
        note = f"Pins of the board {machine.board.id} with a modulator: {able}."
        raise noted(ValueError("Invalid pin"), note)
    port = machine.backend.pwm(pin)
    try:
        port.set(frequency_hz, duty)
    except BaseException:
        port.close()
        raise
    return port


class PWMOut(PinObject):
    """A pulse-width modulated pin.

    Args:
        pin: The pin; the board has a modulator for it.
        duty_cycle: The high part of each period, 0 (always low) to 65535 (always high).
        frequency: Periods a second, in hertz.
        variable_frequency: Whether `frequency` is going to be set later.

    Raises:
        TypeError: That is no pin.
        ValueError: The pin is in use (a note names the holder) or has no modulator, or the
            frequency or the duty cycle cannot be made.
    """

    __slots__ = ("_duty", "_frequency", "_variable")

    _port: PwmOutput | None

    def __init__(
        self,
        pin: Pin,
        *,
        duty_cycle: int = 0,
        frequency: int = 500,
        variable_frequency: bool = False,
    ) -> None:
        checked_pin(pin, "pin")
        self._duty = in_range(duty_cycle, 0, 65535, "duty_cycle")
        self._frequency = checked_frequency(frequency)
        self._variable = bool(variable_frequency)
        machine = hal.machine()
        self._hold = Hold(machine, (pin,), "pwmio.PWMOut", FAULTS)
        with self._hold:
            self._port = opened(machine, pin, self._frequency, self._duty)

    @property
    def duty_cycle(self) -> int:
        """The high part of each period, 0 (always low) to 65535 (always high).

        Raises:
            ValueError: It is out of range.
        """
        self._live()
        return self._duty

    @duty_cycle.setter
    def duty_cycle(self, value: int) -> None:
        port = self._live()
        duty = in_range(value, 0, 65535, "duty_cycle")
        try:
            port.set(self._frequency, duty)
        except HalError as error:
            raise refusal(error, FAULTS) from None
        self._duty = duty

    @property
    def frequency(self) -> int:
        """Periods a second, in hertz; setting it keeps the duty cycle.

        Raises:
            AttributeError: The object was made without ``variable_frequency``.
            ValueError: The frequency cannot be made.
        """
        self._live()
        return self._frequency

    @frequency.setter
    def frequency(self, value: int) -> None:
        port = self._live()
        if not self._variable:
            way_out = "Make the object with variable_frequency=True to change its frequency."
            raise noted(AttributeError("Invalid variable_frequency"), way_out)
        frequency = checked_frequency(value)
        try:
            port.set(frequency, self._duty)
        except HalError as error:
            raise refusal(error, FAULTS) from None
        self._frequency = frequency


def checked_frequency(value: object) -> int:
    """Return the frequency that an argument is.

    Raises:
        TypeError: It is no whole number.
        ValueError: It is less than 1.
    """
    frequency = checked_int(value)
    if frequency < 1:
        raise ValueError("Invalid frequency")
    return frequency
