"""The analog ports."""

from __future__ import annotations

from typing import Protocol


class AnalogInput(Protocol):
    """One channel of an analog-to-digital converter, opened by `Backend.analog_input`.

    Attributes:
        reference_v: The voltage that reads as 65535.
    """

    reference_v: float

    def read(self) -> int:
        """Convert once; return 0 to 65535, whatever the converter's own width."""
        ...

    def close(self) -> None:
        """Let the channel go. Closing again does nothing."""
        ...


class AnalogOutput(Protocol):
    """One channel of a digital-to-analog converter, opened by `Backend.analog_output`."""

    def write(self, value: int) -> None:
        """Set the voltage: 0 to 65535 of the reference."""
        ...

    def close(self) -> None:
        """Let the channel go and its pin float. Closing again does nothing."""
        ...
