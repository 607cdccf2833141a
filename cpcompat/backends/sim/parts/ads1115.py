"""ADS1115, Texas Instruments: an analog-to-digital converter of 16 bits and 4 inputs, on I2C.

Source: Texas Instruments ADS111x data sheet, SBAS444E: the multiplexer, the full-scale range, the
data rate and the comparator in section 7.3, the modes in 7.4, the bus in 7.5, the registers in 8.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cpcompat.backends.sim.part import Channel, I2cPart
from cpcompat.backends.sim.parts.ads1115_comparator import Comparator

if TYPE_CHECKING:
    from cpcompat.backends.sim.part import Site

_CONVERSION: Final = 0
_CONFIG: Final = 1
_LOW: Final = 2
_HIGH: Final = 3

_START: Final = 0x8000
_SINGLE_SHOT: Final = 0x0100
_POLARITY: Final = 0x0008

_PAIRS: Final = ((0, 1), (0, 3), (1, 3), (2, 3), (0, None), (1, None), (2, None), (3, None))
"""Positive and negative input by the three bits of MUX."""
_FULL_SCALE_V: Final = (6.144, 4.096, 2.048, 1.024, 0.512, 0.256, 0.256, 0.256)
_RATES_HZ: Final = (8, 16, 32, 64, 128, 250, 475, 860)
_READY_PULSE_NS: Final = 8_000
_STEADY: Final = 5
"""After so many equal conversions nothing changes any more, whatever the comparator's queue."""


def _input(number: int) -> Channel:
    return Channel(0.0, low=-0.3, high=5.8, unit="V", about=f"at input AIN{number}")


class Ads1115(I2cPart):
    """An ADS1115. A conversion takes its time on the circuit's clock.

    Args:
        alert_pin: The board's pin that ALERT/RDY is wired to. It is an open drain.
    """

    about = "4 analog inputs, 16 bits, with a comparator"
    addresses = (0x48, 0x49, 0x4A, 0x4B)
    address = 0x48

    ain0 = _input(0)
    ain1 = _input(1)
    ain2 = _input(2)
    ain3 = _input(3)

    def __init__(self, alert_pin: str | None = None) -> None:
        super().__init__()
        self._alert_pin = alert_pin
        self._pointer = 0
        self._registers = [0x0000, 0x0583, 0x8000, 0x7FFF]
        self._comparator = Comparator()
        # The conversion under way: what it was configured to, and when it ends.
        self._running: int | None = None
        self._end_ns = 0
        self._steady = 0
        self._planned_ns = -1
        self._felt = (0.0, 0.0, 0.0, 0.0)
        self._powered = False

    def attach(self, site: Site) -> None:
        """Power up: asleep, with ALERT/RDY afloat."""
        super().attach(site)
        self._powered = True
        self.turned("")
        self._show_alert()

    def turned(self, channel: str) -> None:
        """Finish what was converted before the knob turned."""
        if self._powered:
            self._catch_up()
            self._felt = (self.ain0, self.ain1, self.ain2, self.ain3)
            self._steady = 0
            self._plan()

    def write(self, data: bytes) -> int:
        """Set the address pointer, and with three bytes a register (7.5.3)."""
        if data:
            self._catch_up()
            self._pointer = data[0] & 3
        if len(data) >= 3:
            self._set(self._pointer, data[1] << 8 | data[2])
        return min(len(data), 3)

    def read(self, length: int) -> bytes:
        """Return the register that the pointer names, most significant byte first."""
        self._catch_up()
        value = self._registers[self._pointer]
        if self._pointer == _CONFIG and self._running is None:
            value |= _START
        if self._pointer == _CONVERSION and self._comparator.read():
            self._show_alert()
        return (value.to_bytes(2, "big") * (length // 2 + 1))[:length]

    def _set(self, register: int, value: int) -> None:
        if register == _CONVERSION:
            return
        self._registers[register] = value & ~_START if register == _CONFIG else value
        if register == _CONFIG:
            self._comparator.configure(value)
            # One that runs goes on to its end with the settings that it began with (7.4.2.2).
            if self._running is None and (value & _START or not value & _SINGLE_SHOT):
                self._begin(self.site.now_ns())
        self._comparator.thresholds(self._registers[_LOW], self._registers[_HIGH])
        self._steady = 0
        self._show_alert()
        self._plan()

    def _begin(self, now_ns: int) -> None:
        self._running = self._registers[_CONFIG]
        self._end_ns = now_ns + _period_ns(self._running)
        self._comparator.begin(continuous=not self._running & _SINGLE_SHOT)

    def _catch_up(self) -> None:
        """Bring the registers to the present: finish the conversions that have ended."""
        now_ns = self.site.now_ns()
        while self._running is not None and self._end_ns <= now_ns:
            code = self._convert(self._running)
            self._registers[_CONVERSION] = code & 0xFFFF
            self._comparator.take(code)
            self._steady += 1
            self._next(now_ns)
            self._show_alert()

    def _next(self, now_ns: int) -> None:
        config = self._registers[_CONFIG]
        if config & _SINGLE_SHOT:
            self._running = None
            return
        start_ns = self._end_ns
        if self._steady >= _STEADY and self._running == config:
            # Nothing has changed: leave out the conversions that would say the same.
            start_ns += max(0, now_ns - start_ns) // _period_ns(config) * _period_ns(config)
        self._begin(start_ns)

    def _convert(self, config: int) -> int:
        positive, negative = _PAIRS[config >> 12 & 7]
        volts = self._felt[positive] - (0 if negative is None else self._felt[negative])
        code = round(volts * 0x8000 / _FULL_SCALE_V[config >> 9 & 7])
        return max(-0x8000, min(code, 0x7FFF))

    def _plan(self) -> None:
        """Have ALERT/RDY change in time, if it is wired and can change."""
        if self._alert_pin is None or not self._comparator.enabled or self._running is None:
            return
        waiting = self._steady < _STEADY or self._comparator.says_ready
        if waiting and self._planned_ns != self._end_ns:
            self._planned_ns = self._end_ns
            self.site.at(self._end_ns, self._conversion_ends)

    def _conversion_ends(self) -> None:
        self._catch_up()
        if self._comparator.says_ready and self._running is not None:
            self.site.at(self.site.now_ns() + _READY_PULSE_NS, self._pulse_ends)
        self._plan()

    def _pulse_ends(self) -> None:
        self._comparator.end_pulse()
        self._show_alert()

    def _show_alert(self) -> None:
        if self._alert_pin is None:
            return
        active_high = bool(self._registers[_CONFIG] & _POLARITY)
        high = self._comparator.asserted == active_high if self._comparator.enabled else True
        self.site.drive(self._alert_pin, None if high else False)


def _period_ns(config: int) -> int:
    return 1_000_000_000 // _RATES_HZ[config >> 5 & 7]
