"""Sending colours to pixels in a chain: NeoPixels, WS2812 and their like."""

from __future__ import annotations

from cpcompat import hal
from cpcompat.digitalio import DigitalInOut, Direction
from cpcompat.hal.arguments import readable
from cpcompat.hal.errors import Fault, HalError
from cpcompat.hal.refusals import refusal

TYPE_CHECKING = False  # not typing's: that import costs more than all of this package
if TYPE_CHECKING:
    from cpcompat.hal.buffers import ReadableBuffer
    from cpcompat.hal.refusals import Refusals

__all__ = ["neopixel_write"]

_FAULTS: Refusals = {Fault.ABSENT: (ValueError, "Invalid pin")}


def neopixel_write(digitalinout: DigitalInOut, buf: ReadableBuffer) -> None:
    """Send bytes to the pixels at a pin.

    On Linux: the pin is MOSI of an SPI bus that is switched on, which makes the pulses; its clock and
    its chip selects are to lead nowhere.

    Args:
        digitalinout: The pin, as an output.
        buf: The colours, in the order that the pixels have.

    Raises:
        TypeError: That is no `digitalio.DigitalInOut`, or no buffer.
        ValueError: It is deinited, or the pin cannot do it (a note names those that can).
        RuntimeError: It is an input.
        OSError: 5 (EIO).
    """
    if not isinstance(digitalinout, DigitalInOut):
        kind = type(digitalinout).__name__
        raise TypeError(f"digitalinout must be of type DigitalInOut, not {kind}")
    if digitalinout.direction is not Direction.OUTPUT:
        raise RuntimeError("Drive mode not used when direction is input.")
    data = readable(buf)
    try:
        port = hal.machine().backend.pixels(digitalinout._pin)
        try:
            port.write(data)
        finally:
            port.close()
    except HalError as error:
        raise refusal(error, _FAULTS) from None
