"""A pin whose edges are counted."""

from __future__ import annotations

from cpcompat import hal
from cpcompat.digitalio.modes import line_pull
from cpcompat.hal.arguments import checked_int, checked_pin
from cpcompat.hal.errors import Fault, HalError
from cpcompat.hal.pin_object import PinObject
from cpcompat.hal.refusals import Hold, refusal
from cpcompat.hal.symbols import Choice, define_choices

TYPE_CHECKING = False  # not typing's: that import costs more than all of this package
if TYPE_CHECKING:
    from typing import ClassVar

    from cpcompat.digitalio import Pull
    from cpcompat.hal.edges import EdgeSource
    from cpcompat.hal.pin import Pin
    from cpcompat.hal.refusals import Refusals

_FAULTS: Refusals = {
    Fault.BUSY: (ValueError, "{where} in use"),
    Fault.UNSUPPORTED: (ValueError, "Invalid pin"),
}
_AT_ONCE = 1024


class Edge(Choice):
    """Which changes of the level are counted."""

    __slots__ = ()

    RISE: ClassVar[Edge]
    """From low to high."""
    FALL: ClassVar[Edge]
    """From high to low."""
    RISE_AND_FALL: ClassVar[Edge]
    """Both."""


define_choices(Edge, "countio.Edge", "RISE", "FALL", "RISE_AND_FALL")


class Counter(PinObject):
    """A pin whose edges are counted, without a thread and however rarely it is looked at.

    Args:
        pin: The pin.
        edge: Which edges count.
        pull: Its resistor, or None.

    Raises:
        TypeError: An argument is of another kind.
        ValueError: The pin is in use (a note names the holder), or cannot be watched.

    On Linux: the kernel counts. Pulses that are closer together than it takes to serve an interrupt,
    about 20 µs on a Raspberry Pi, may become one.
    """

    __slots__ = ("_less", "_seen")

    _port: EdgeSource | None

    def __init__(self, pin: Pin, *, edge: Edge = Edge.FALL, pull: Pull | None = None) -> None:
        checked_pin(pin, "pin")
        if not isinstance(edge, Edge):
            raise TypeError(f"edge must be of type Edge, not {type(edge).__name__}")
        resistor = line_pull(pull)
        self._seen = self._less = 0
        machine = hal.machine()
        self._hold = Hold(machine, (pin,), "countio.Counter", _FAULTS)
        with self._hold:
            self._port = machine.backend.edges(
                pin, resistor, edge is not Edge.FALL, edge is not Edge.RISE, 0
            )

    @property
    def count(self) -> int:
        """How many edges there were; may be set.

        Raises:
            TypeError: It is set to what is no whole number.
        """
        return self._total() - self._less

    @count.setter
    def count(self, count: int) -> None:
        self._less = self._total() - checked_int(count)

    def reset(self) -> None:
        """Count from 0 again."""
        self.count = 0

    def _total(self) -> int:
        """Return the number of the newest edge: it is true though the kernel dropped older ones."""
        port = self._live()
        try:
            while edges := port.read(_AT_ONCE):
                self._seen = edges[-1].sequence
        except HalError as error:
            raise refusal(error, _FAULTS) from None
        return self._seen
