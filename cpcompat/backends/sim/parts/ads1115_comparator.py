"""The digital comparator of the ADS1115, which decides when ALERT/RDY is asserted.

Source: Texas Instruments ADS111x data sheet, SBAS444E: sections 7.3.7 (the comparator) and 7.3.8
(the conversion-ready signal), and 8.1.3 and 8.1.4 (the registers).
"""

from __future__ import annotations

from typing import Final

_WINDOW: Final = 0x0010
_LATCHING: Final = 0x0004
_QUEUE: Final = 0x0003
_QUEUE_LENGTHS: Final = (1, 2, 4)


class Comparator:
    """Counts conversions beyond the thresholds.

    Attributes:
        enabled: COMP_QUE is not 11.
        says_ready: The thresholds' signs ask for the conversion-ready signal instead.
        asserted: The output is active.
    """

    def __init__(self) -> None:
        self.enabled = False
        self.says_ready = False
        self.asserted = False
        self._config = 0
        self._low = -0x8000
        self._high = 0x7FFF
        self._beyond = 0
        self._continuous = False

    def configure(self, config: int) -> None:
        """Take the config register. Anything that counted so far is dropped."""
        self._config = config
        self.enabled = config & _QUEUE != _QUEUE
        self._beyond = 0
        if not self.enabled:
            self.asserted = False

    def thresholds(self, low: int, high: int) -> None:
        """Take the two threshold registers."""
        self._low, self._high = _signed(low), _signed(high)
        ready = self._high < 0 <= self._low
        if ready != self.says_ready:
            self.says_ready = ready
            self.asserted = False

    def begin(self, *, continuous: bool) -> None:
        """A conversion begins."""
        self._continuous = continuous
        if self.says_ready and not continuous:
            self.asserted = False

    def take(self, code: int) -> None:
        """A conversion has ended."""
        if not self.enabled:
            return
        if self.says_ready:
            self.asserted = True
            return
        window = self._config & _WINDOW
        beyond = code > self._high or bool(window and code < self._low)
        back = not beyond if window else code < self._low
        self._beyond = self._beyond + 1 if beyond else 0
        if self._beyond >= _QUEUE_LENGTHS[self._config & _QUEUE]:
            self.asserted = True
        elif back and not self._config & _LATCHING:
            self.asserted = False

    def read(self) -> bool:
        """The conversion register is read; return whether that let go of a latched output."""
        if not self.asserted or self.says_ready or not self._config & _LATCHING:
            return False
        self.asserted = False
        self._beyond = 0
        return True

    def end_pulse(self) -> None:
        """The pulse that says ready in continuous mode is over."""
        if self.says_ready and self._continuous:
            self.asserted = False


def _signed(value: int) -> int:
    return value - 0x10000 if value & 0x8000 else value
