"""Alarms by a touch."""

from __future__ import annotations

from cpcompat.hal.refusals import noted

TYPE_CHECKING = False  # not typing's: that import costs more than all of this package
if TYPE_CHECKING:
    from cpcompat.hal.pin import Pin

__all__ = ["TouchAlarm"]


class TouchAlarm:
    """Not offered: no board here has touch pins.

    Args:
        pin: The pins.

    Raises:
        NotImplementedError: Always.
    """

    def __init__(self, *pin: Pin) -> None:
        cure = "No Linux board has touch pins; a touch sensor on I2C has an output for a PinAlarm."
        raise noted(NotImplementedError(), cure)

    @property
    def pin(self) -> Pin:
        """The pin."""
        raise NotImplementedError
