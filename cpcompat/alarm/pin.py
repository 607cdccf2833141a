"""Alarms by a pin."""

from __future__ import annotations

from cpcompat.hal.arguments import checked_pin

TYPE_CHECKING = False  # not typing's: that import costs more than all of this package
if TYPE_CHECKING:
    from cpcompat.hal.pin import Pin

__all__ = ["PinAlarm"]


class PinAlarm:
    """Goes off when a pin has a level, or comes to have it.

    Args:
        pin: The pin; it is in use only while somebody waits for the alarm.
        value: The level, True for high.
        edge: Only a change to that level counts.
        pull: Pull the pin to the other level meanwhile.

    Raises:
        TypeError: That is no pin.
    """

    __slots__ = ("_edge", "_pin", "_pull", "_value")

    def __init__(self, pin: Pin, value: bool, edge: bool = False, pull: bool = False) -> None:
        self._pin = checked_pin(pin, "pin")
        self._value = bool(value)
        self._edge = bool(edge)
        self._pull = bool(pull)

    @property
    def pin(self) -> Pin:
        """The pin."""
        return self._pin

    @property
    def value(self) -> bool:
        """The level."""
        return self._value
