"""A rotary encoder with two contacts in quadrature."""

from __future__ import annotations

from cpcompat import hal
from cpcompat.hal.arguments import checked_int, checked_pin
from cpcompat.hal.errors import Fault, HalError
from cpcompat.hal.gpio import Pull
from cpcompat.hal.refusals import Hold, deinited, refusal

TYPE_CHECKING = False  # not typing's: that import costs more than all of this package
if TYPE_CHECKING:
    from typing import Self

    from cpcompat.hal.edges import Edge, EdgeSource
    from cpcompat.hal.pin import Pin
    from cpcompat.hal.refusals import Refusals

_FAULTS: Refusals = {
    Fault.BUSY: (ValueError, "{where} in use"),
    Fault.UNSUPPORTED: (ValueError, "Invalid pin"),
}
_HELD = 65_536
"""Edges of one contact that are held: two minutes of a wheel that somebody turns fast."""
_AT_ONCE = 1024
_A, _B = 2, 1
_TURNS = {
    0b1101: 1,
    0b0100: 1,
    0b0010: 1,
    0b1011: 1,
    0b1110: -1,
    0b1000: -1,
    0b0001: -1,
    0b0111: -1,
}
"""By the levels before and after, a and b each: a quarter of a pulse, one way or the other."""


class IncrementalEncoder:
    """A rotary encoder, with its common contact at ground and pull-ups at both pins.

    Args:
        pin_a: The first contact.
        pin_b: The second contact.
        divisor: Quarters of a pulse that are one step of `position`: 4 for wheels with one detent in
            each pulse, 2 for two, 1 for four or none.

    Raises:
        TypeError: An argument is of another kind.
        ValueError: A pin is in use (a note names the holder), cannot be watched, or is both contacts.

    On Linux: the kernel stamps each edge, and one thread for all such objects fetches them, so that a
    program may look at `position` as rarely as it likes. A wheel at rest costs nothing.
    """

    __slots__ = (
        "__weakref__",
        "_at",
        "_coming",
        "_contacts",
        "_divisor",
        "_hold",
        "_levels",
        "_part",
    )

    _contacts: tuple[EdgeSource, ...]

    def __init__(self, pin_a: Pin, pin_b: Pin, divisor: int = 4) -> None:
        self._contacts = ()
        checked_pin(pin_a, "pin_a")
        checked_pin(pin_b, "pin_b")
        if pin_a is pin_b:
            raise ValueError("Invalid pins")
        self.divisor = divisor
        self._at = self._part = self._levels = 0
        self._coming: list[tuple[Edge, int]] = []
        machine = hal.machine()
        self._hold = Hold(machine, (pin_a, pin_b), "rotaryio.IncrementalEncoder", _FAULTS)
        with self._hold:
            try:
                for pin, bit in ((pin_a, _A), (pin_b, _B)):
                    contact = machine.backend.edges(pin, Pull.UP, True, True, 0)
                    self._contacts += (contact,)
                    contact.hold(_HELD)
                    self._levels |= bit * contact.level()
            except BaseException:
                self._close()
                raise

    def _close(self) -> None:
        contacts, self._contacts = self._contacts, ()
        for contact in contacts:
            contact.close()

    def deinit(self) -> None:
        """Release the pins. Doing it again does nothing."""
        if not self._contacts:
            return
        try:
            self._close()
        finally:
            self._hold.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.deinit()

    def __del__(self) -> None:
        if getattr(self, "_contacts", ()):
            self.deinit()

    @property
    def divisor(self) -> int:
        """Quarters of a pulse that are one step of `position`.

        Raises:
            ValueError: It is less than 1.
        """
        return self._divisor

    @divisor.setter
    def divisor(self, divisor: int) -> None:
        if checked_int(divisor) < 1:
            raise ValueError("divisor must be >= 1")
        self._divisor = divisor

    @property
    def position(self) -> int:
        """Steps since the object was made; may be set.

        Raises:
            TypeError: It is set to what is no whole number.
        """
        self._follow()
        return self._at

    @position.setter
    def position(self, position: int) -> None:
        self._follow()
        self._at = checked_int(position)

    def _follow(self) -> None:
        """Take the wheel through all edges that have come, in the order of their times."""
        if not self._contacts:
            raise deinited()
        until_ns = hal.machine().backend.clock.now_ns()
        try:
            for contact, bit in zip(self._contacts, (_A, _B), strict=True):
                while edges := contact.read(_AT_ONCE):
                    self._coming += [(edge, bit) for edge in edges]
        except HalError as error:
            raise refusal(error, _FAULTS) from None
        self._coming.sort(key=_when)
        come = 0
        for edge, bit in self._coming:
            # One contact was read before the other: of what came meanwhile a half may be missing.
            if edge.time_ns > until_ns:
                break
            self._turn(self._levels | bit if edge.rising else self._levels & ~bit)
            come += 1
        del self._coming[:come]

    def _turn(self, levels: int) -> None:
        self._part += _TURNS.get(self._levels << 2 | levels, 0)
        self._levels = levels
        if abs(self._part) >= self._divisor:
            self._at += 1 if self._part > 0 else -1
            self._part = 0


def _when(come: tuple[Edge, int]) -> int:
    return come[0].time_ns
