"""A buzzer that rings."""

from __future__ import annotations

from cpcompat import hal
from cpcompat.hal.arguments import checked_pin, in_range
from cpcompat.hal.errors import Fault, HalError
from cpcompat.hal.refusals import Hold, deinited, refusal

TYPE_CHECKING = False  # not typing's: that import costs more than all of this package
if TYPE_CHECKING:
    from typing import Self

    from cpcompat.hal.pin import Pin
    from cpcompat.hal.pwm import PwmOutput
    from cpcompat.hal.refusals import Refusals

_HALF = 32768

# What programs see of each fault: upstream's exception and text. All others have usual words.
_FAULTS: Refusals = {
    Fault.ABSENT: (ValueError, "Invalid pin"),
    Fault.UNSUPPORTED: (ValueError, "Invalid tone"),
}


class Bell:
    """A buzzer on a pin.

    Args:
        pin: The pin; the board has a modulator for it.
        tone: The pitch in hertz, 20 to 20000.

    Raises:
        ValueError: The pin is in use (a note names the holder) or has no modulator, or the tone is
            out of range.
    """

    __slots__ = ("__weakref__", "_hold", "_output", "_tone")

    def __init__(self, pin: Pin, *, tone: int = 440) -> None:
        self._output: PwmOutput | None = None
        checked_pin(pin, "pin")
        self._tone = in_range(tone, 20, 20000, "tone")
        machine = hal.machine()
        # The pin is ours from here on, or free again if opening it fails.
        self._hold = Hold(machine, (pin,), "bell.Bell", _FAULTS)
        with self._hold:
            self._output = machine.backend.pwm(pin)

    def ring(self, on: bool) -> None:
        """Begin to ring, or be silent.

        Args:
            on: Whether it rings from now on.

        Raises:
            ValueError: The pin cannot make this tone, or the object is deinited.
        """
        if self._output is None:
            raise deinited()
        try:
            self._output.set(self._tone, _HALF if on else 0)
        except HalError as error:
            raise refusal(error, _FAULTS) from None

    def deinit(self) -> None:
        """Be silent and release the pin. Doing it again does nothing."""
        output, self._output = self._output, None
        if output is not None:
            output.close()
            self._hold.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.deinit()

    def __del__(self) -> None:
        if getattr(self, "_output", None) is not None:
            self.deinit()
