"""Keys that have a pin each."""

from __future__ import annotations

from cpcompat import hal
from cpcompat.hal.arguments import checked_pin
from cpcompat.hal.gpio import Pull
from cpcompat.hal.refusals import Hold

from .scanner import FAULTS, Scanner, differing

TYPE_CHECKING = False  # not typing's: that import costs more than all of this package
if TYPE_CHECKING:
    from collections.abc import Sequence

    from cpcompat.hal.backend import Backend
    from cpcompat.hal.edges import EdgeSource
    from cpcompat.hal.pin import Pin

_HELD = 4096
"""Edges of one key that are held: minutes of typing, with all that bounces."""
_AT_ONCE = 1024


class Keys(Scanner):
    """Keys that have a pin each.

    Args:
        pins: The pins; a key's number is its place in them.
        value_when_pressed: The level of a key that is down.
        pull: Whether to hold each pin at the other level by the chip's own resistor.
        interval: Seconds between two looks.
        max_events: How many events wait for the program, from 1.
        debounce_threshold: How many looks make a change, 1 to 127.

    Raises:
        TypeError: An argument is of another kind.
        ValueError: A pin is twice in it, in use (a note names the holder), or cannot be watched; or a
            number is out of range.

    On Linux: nothing is looked at while no key moves. The kernel stamps each edge, and when the
    program asks, the looks that would have been are made up from them.
    """

    __slots__ = ("_coming", "_contacts", "_levels", "_when_pressed")

    def __init__(
        self,
        pins: Sequence[Pin],
        *,
        value_when_pressed: bool,
        pull: bool = True,
        interval: float = 0.020,
        max_events: int = 64,
        debounce_threshold: int = 1,
    ) -> None:
        super().__init__(interval, max_events, debounce_threshold)
        used = differing([checked_pin(pin, "pin") for pin in pins], "pins contains duplicate pins")
        self._when_pressed = bool(value_when_pressed)
        resistor = (Pull.DOWN if value_when_pressed else Pull.UP) if pull else Pull.NONE
        machine = hal.machine()
        self._contacts: list[EdgeSource] = []
        self._coming: list[tuple[int, int, bool]] = []
        self._hold = Hold(machine, used, "keypad.Keys", FAULTS)
        with self._hold:
            try:
                self._watch(machine.backend, used, resistor)
                self._start(machine, len(used))
            except BaseException:
                self._close()
                raise

    def _watch(self, backend: Backend, pins: tuple[Pin, ...], resistor: Pull) -> None:
        for pin in pins:
            contact = backend.edges(pin, resistor, True, True, 0)
            self._contacts.append(contact)
            contact.hold(_HELD)
        self._levels = [contact.level() for contact in self._contacts]

    def _close(self) -> None:
        contacts, self._contacts = self._contacts, []
        for contact in contacts:
            contact.close()

    def _scan(self, now_ns: int) -> None:
        """Make up for the looks since the last: a level holds from one edge to the next."""
        for key, contact in enumerate(self._contacts):
            while edges := contact.read(_AT_ONCE):
                self._coming += [(edge.time_ns, key, edge.rising) for edge in edges]
        self._coming.sort()
        come = 0
        while self._next_ns <= now_ns:
            while come < len(self._coming) and self._coming[come][0] <= self._next_ns:
                _, key, self._levels[key] = self._coming[come]
                come += 1
            for key, level in enumerate(self._levels):
                self._found(key, level is self._when_pressed, self._next_ns)
            until_ns = self._coming[come][0] if come < len(self._coming) else now_ns + 1
            self._next_ns += self._interval_ns * self._looks_until(until_ns)
        del self._coming[:come]

    def _looks_until(self, time_ns: int) -> int:
        """Return how many looks on something can be found: at once, unless all keys rest."""
        for counter, level in zip(self._counters, self._levels, strict=True):
            if counter != (self._threshold if level is self._when_pressed else -self._threshold):
                return 1
        return max(1, -(-(time_ns - self._next_ns) // self._interval_ns))
