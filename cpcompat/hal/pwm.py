"""The PWM port."""

from __future__ import annotations

from typing import Protocol


class PwmOutput(Protocol):
    """One pulse-width modulated pin, opened by `Backend.pwm`, silent (low) until it is set.

    Synchronization: one caller at a time.
    """

    def set(self, frequency_hz: int, duty: int) -> None:
        """Set frequency and duty ratio at once.

        Args:
            frequency_hz: Pulses a second, from 1.
            duty: The high part of each, 0 (always low) to 65535 (always high).

        Raises:
            HalError: UNSUPPORTED for a frequency that cannot be made.
        """
        ...

    def close(self) -> None:
        """Stop it, make the pin an input and let it go. Closing again does nothing."""
        ...
