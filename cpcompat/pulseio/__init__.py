"""Single pulses: their lengths measured, or made with a carrier as for infrared light."""

from .pulse_in import PulseIn
from .pulse_out import PulseOut

__all__ = ["PulseIn", "PulseOut"]
