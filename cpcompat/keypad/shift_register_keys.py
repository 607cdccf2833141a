"""Keys at shift registers."""

from __future__ import annotations

from cpcompat.hal.arguments import checked_int, checked_pin
from cpcompat.hal.gpio import Pull
from cpcompat.hal.pin import Pin

from .polled import PolledScanner

TYPE_CHECKING = False  # not typing's: that import costs more than all of this package
if TYPE_CHECKING:
    from collections.abc import Sequence

_CLOCK, _LATCH, _ENDS = 0b01, 0b10, 2
"""The lines of the group: two bits, and from which bit on the chains' ends are."""


class ShiftRegisterKeys(PolledScanner):
    """Keys at shift registers that are read in series, such as the 74HC165 and the CD4021.

    Registers may be chained; several chains may share clock and latch. Key 0 is the first bit that
    comes out; the keys of the second chain follow those of the first.

    Args:
        clock: The clock's pin; the registers shift when it rises.
        data: The pin of the chain's end, or those of several.
        latch: The pin that takes the keys in.
        value_to_latch: Its level while the registers hold what they took in: True for a 74HC165.
        key_count: How many keys each chain has: as many numbers as there are data pins.
        value_when_pressed: The level of a key that is down.
        interval: Seconds between two looks.
        max_events: How many events wait for the program, from 1.
        debounce_threshold: How many looks make a change, 1 to 127.

    Raises:
        TypeError: An argument is of another kind.
        ValueError: A pin is in use (a note names the holder), or a number is out of range.

    On Linux: a thread reads the registers.
    """

    __slots__ = ("_counts", "_latched", "_when_pressed")

    def __init__(
        self,
        *,
        clock: Pin,
        data: Pin | Sequence[Pin],
        latch: Pin,
        value_to_latch: bool = True,
        key_count: int | Sequence[int],
        value_when_pressed: bool,
        interval: float = 0.020,
        max_events: int = 64,
        debounce_threshold: int = 1,
    ) -> None:
        super().__init__(interval, max_events, debounce_threshold)
        ends = [data] if isinstance(data, Pin) else list(data)
        counts = [key_count] if isinstance(key_count, int) else list(key_count)
        if len(counts) != len(ends):
            raise ValueError(f"key_count length must be {len(ends)}")
        if any(checked_int(count) < 1 for count in counts):
            raise ValueError("key_count must be >= 1")
        pins = [checked_pin(clock, "clock"), checked_pin(latch, "latch")]
        pins += [checked_pin(end, "data") for end in ends]
        self._counts = counts
        self._latched, self._when_pressed = bool(value_to_latch), bool(value_when_pressed)
        self._hold_and_start(pins, "keypad.ShiftRegisterKeys", sum(counts))

    def _prepare(self) -> None:
        self._lines.configure(_CLOCK | _LATCH, _LATCH, Pull.NONE)

    def _look_at_all(self, now_ns: int) -> None:
        lines, latched = self._lines, _LATCH if self._latched else 0
        lines.write(latched, _LATCH)
        for bit in range(max(self._counts)):
            lines.write(0, _CLOCK)
            levels = lines.read() >> _ENDS
            first = 0  # the number of the chain's first key
            for end, count in enumerate(self._counts):
                if bit < count:
                    level = bool(levels >> end & 1)
                    self._found(first + bit, level is self._when_pressed, now_ns)
                first += count
            lines.write(_CLOCK, _CLOCK)
        lines.write(~latched, _LATCH)
