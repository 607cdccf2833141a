"""Who uses which pin: one table, so that two objects never share one by mistake."""

from __future__ import annotations

import sys

TYPE_CHECKING = False  # not typing's: that import costs more than all of this package
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from cpcompat.hal.pin import Pin

_OURS = __name__.partition(".")[0] + "."


class Claim:
    """A pin's holder.

    Args:
        holder: What kind of object, ``"digitalio.DigitalInOut"``.
        file: The file whose line made it, as the program names it.
        line: That line, from 1.
    """

    __slots__ = ("file", "holder", "line")

    def __init__(self, holder: str, file: str, line: int) -> None:
        self.holder = holder
        self.file = file
        self.line = line

    def __str__(self) -> str:
        return f"Held by {self.holder}, made at {self.file}:{self.line}."


class PinInUse(Exception):
    """A pin was to be claimed that is held already; `claim` tells by whom."""

    def __init__(self, pin: Pin, claim: Claim) -> None:
        super().__init__(f"{pin.label} in use")
        self.pin = pin
        self.claim = claim


class Claims:
    """The pins in use and their holders.

    Synchronization: any thread; a claim of several pins takes all or none.

    Attributes:
        told: Called with a pin and its new holder, or None for nobody, before the pin is used.
    """

    def __init__(self) -> None:
        self._held: dict[Pin, Claim] = {}
        self.told: Callable[[Pin, Claim | None], None] | None = None

    def take(self, pins: Iterable[Pin], holder: str) -> None:
        """Claim pins for an object that is being made.

        Args:
            pins: The pins; none may be named twice.
            holder: The object's kind, for the message when somebody else wants one of them.

        Raises:
            PinInUse: One of them is held; none has been claimed.
        """
        claim = Claim(holder, *_made_at())
        taken: list[Pin] = []
        for pin in pins:
            if self._held.setdefault(pin, claim) is not claim:
                other = self._held[pin]
                self.release(taken)
                raise PinInUse(pin, other)
            taken.append(pin)
        if self.told is not None:
            for pin in taken:
                self.told(pin, claim)

    def release(self, pins: Iterable[Pin]) -> None:
        """Let pins go; those that nobody holds are passed over."""
        for pin in pins:
            if self._held.pop(pin, None) is not None and self.told is not None:
                self.told(pin, None)

    def holder(self, pin: Pin) -> Claim | None:
        """Return who holds a pin, or None."""
        return self._held.get(pin)

    def clear(self) -> None:
        """Forget every claim: the machine has been reset."""
        self.release(tuple(self._held))


def _made_at() -> tuple[str, int]:
    """Return file and line of the nearest caller that is not part of this package."""
    frame = sys._getframe(2)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith(_OURS):
        frame = frame.f_back
    return frame.f_code.co_filename, frame.f_lineno
