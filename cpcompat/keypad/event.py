"""What happened to a key."""

from __future__ import annotations

from cpcompat.hal.arguments import checked_int

_PRESSED = 1 << 15


class Event:
    """A key that was pressed or released.

    Events are equal when they are of the same key and of the same kind, whenever they were.

    Args:
        key_number: The key, from 0.
        pressed: Whether it was pressed; else it was released.
        timestamp: When, as `supervisor.ticks_ms` counts; None for now.

    Raises:
        TypeError: A number is none.
        ValueError: ``key_number`` is negative.
    """

    __slots__ = ("_key_number", "_pressed", "_timestamp")

    def __init__(
        self, key_number: int = 0, pressed: bool = True, timestamp: int | None = None
    ) -> None:
        if checked_int(key_number) < 0:
            raise ValueError("key_number must be >= 0")
        self._put(
            key_number, bool(pressed), _now() if timestamp is None else checked_int(timestamp)
        )

    def _put(self, key_number: int, pressed: bool, timestamp: int) -> None:
        self._key_number, self._pressed, self._timestamp = key_number, pressed, timestamp

    @property
    def key_number(self) -> int:
        """The key."""
        return self._key_number

    @property
    def pressed(self) -> bool:
        """Whether the key was pressed."""
        return self._pressed

    @property
    def released(self) -> bool:
        """Whether the key was released."""
        return not self._pressed

    @property
    def timestamp(self) -> int:
        """When it was noticed, as `supervisor.ticks_ms` counts."""
        return self._timestamp

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Event):
            return False
        return (self._key_number, self._pressed) == (other._key_number, other._pressed)

    def __hash__(self) -> int:
        return self._pressed * _PRESSED + self._key_number

    def __repr__(self) -> str:
        kind = "pressed" if self._pressed else "released"
        return f"<Event: key_number {self._key_number} {kind}>"


def _now() -> int:
    from cpcompat import hal
    from cpcompat.hal.clock import ticks_ms

    return ticks_ms(hal.machine().backend.clock.now_ns())
