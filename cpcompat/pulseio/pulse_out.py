"""Pulses of a carrier at a pin."""

from __future__ import annotations

from cpcompat import hal
from cpcompat.hal.arguments import checked_pin, in_range
from cpcompat.hal.clock import wait_until
from cpcompat.hal.errors import HalError
from cpcompat.hal.pin_object import PinObject
from cpcompat.hal.refusals import Hold, refusal
from cpcompat.pwmio.pwm_out import FAULTS, checked_frequency, opened

TYPE_CHECKING = False  # not typing's: that import costs more than all of this package
if TYPE_CHECKING:
    from cpcompat.hal.buffers import ReadableBuffer
    from cpcompat.hal.pin import Pin
    from cpcompat.hal.pwm import PwmOutput


class PulseOut(PinObject):
    """Pulses of a carrier, switched on and off, as remote controls send them.

    Args:
        pin: The pin; the board has a modulator for it.
        frequency: The carrier, in hertz.
        duty_cycle: The high part of each of its periods, 0 to 65535.

    Raises:
        TypeError: That is no pin.
        ValueError: The pin is in use (a note names the holder) or has no modulator, or the carrier
            cannot be made.

    On Linux: the chip makes the carrier, the program switches it, so that a length is off by some ten
    microseconds, and by milliseconds when other work gets the processor. Where the board's modulator
    is switched off there are no carriers over 1000 Hz.
    """

    __slots__ = ("_duty", "_frequency")

    _port: PwmOutput | None

    def __init__(self, pin: Pin, *, frequency: int = 38000, duty_cycle: int = 1 << 15) -> None:
        checked_pin(pin, "pin")
        self._frequency = checked_frequency(frequency)
        self._duty = in_range(duty_cycle, 0, 65535, "duty_cycle")
        machine = hal.machine()
        self._hold = Hold(machine, (pin,), "pulseio.PulseOut", FAULTS)
        with self._hold:
            self._port = opened(machine, pin, self._frequency, 0)

    def send(self, pulses: ReadableBuffer) -> None:
        """Send pulses, and wait until they are sent; the carrier is off afterwards.

        Args:
            pulses: Microseconds on and off by turns, the first on: an ``array.array`` of type 'H'. None
                is shorter than one period of the carrier.

        Raises:
            TypeError: It is no such array.
            ValueError: The object is deinited.
        """
        output = self._live()
        lengths = memoryview(pulses)
        if lengths.format != "H":
            raise TypeError("Array must contain halfwords (type 'H')")
        clock = hal.machine().backend.clock
        shortest_ns = 1_000_000_000 // self._frequency
        end_ns, duty = clock.now_ns(), self._duty
        try:
            try:
                for length_us in lengths:
                    output.set(self._frequency, duty)
                    end_ns += max(length_us * 1000, shortest_ns)
                    wait_until(clock, end_ns)
                    duty = 0 if duty else self._duty
            finally:
                output.set(self._frequency, 0)
        except HalError as error:
            raise refusal(error, FAULTS) from None
