"""Pulse-width modulation: a pin that is high for a part of each period."""

from .pwm_out import PWMOut

__all__ = ["PWMOut"]
