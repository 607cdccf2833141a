"""A bell: a buzzer on a pin that makes pulses.

On Linux: any pin with a modulator; `cpcompat boards` lists them.
"""

from .bell import Bell

__all__ = ["Bell"]
