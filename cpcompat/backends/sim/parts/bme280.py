"""BME280, Bosch: temperature, humidity and pressure, on I2C.

Source: Bosch Sensortec, BME280 data sheet, BST-BME280-DS002: the sensor modes in section 3.3, the
filter in 3.4.4, the compensation in 4.2 and 8.1, the registers in 5.3 and 5.4, the bus in 6.2, the
measurement time in 9.1.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

from cpcompat.backends.sim.part import Channel, I2cPart
from cpcompat.backends.sim.parts import bme280_compensation as compensation

if TYPE_CHECKING:
    from cpcompat.backends.sim.part import Site

_ID: Final = 0xD0
_RESET: Final = 0xE0
_CTRL_HUM: Final = 0xF2
_STATUS: Final = 0xF3
_CTRL_MEAS: Final = 0xF4
_CONFIG: Final = 0xF5
_DATA: Final = 0xF7

_CHIP_ID: Final = 0x60
_RESET_WORD: Final = 0xB6
_MEASURING: Final = 0x08
_UPDATING: Final = 0x01
_SLEEP: Final = 0
_NORMAL: Final = 3

_SKIPPED_20_BITS: Final = 0x80000
_SKIPPED_16_BITS: Final = 0x8000
_STARTUP_NS: Final = 2_000_000

_SAMPLES: Final = (0, 1, 2, 4, 8, 16, 16, 16)
"""Oversampling by the three bits of osrs_t, osrs_p and osrs_h (5.4.3, 5.4.5)."""
_STANDBY_US: Final = (500, 62_500, 125_000, 250_000, 500_000, 1_000_000, 10_000, 20_000)
"""The pause of normal mode by the three bits of t_sb (5.4.6)."""
_FILTER: Final = (1, 2, 4, 8, 16, 16, 16, 16)
"""The filter coefficient by the three bits of filter (5.4.6)."""


class Bme280(I2cPart):
    """A BME280. Its raw values are those which the compensation turns into the channels."""

    about = "temperature, humidity and pressure sensor"
    addresses = (0x77, 0x76)
    address = 0x77

    temperature = Channel(21.0, low=-40, high=85, unit="°C", about="of the air")
    humidity = Channel(45.0, low=0, high=100, unit="%RH", about="relative humidity")
    pressure = Channel(1013.25, low=300, high=1100, unit="hPa", about="of the air, here")

    def __init__(self) -> None:
        super().__init__()
        self._powered = False
        self._pointer = 0
        self._registers = bytearray(256)

    def attach(self, site: Site) -> None:
        """Power up: the registers at their reset state, the calibration from memory."""
        super().attach(site)
        self._powered = True
        self._reset()

    def turned(self, channel: str) -> None:
        """Finish what was measured before the knob turned."""
        if self._powered:
            self._catch_up()
            self._felt = (self.temperature, self.humidity, self.pressure)

    def write(self, data: bytes) -> int:
        """Set the register pointer, and write pairs of register and value (6.2.1)."""
        if not data:
            return 0
        self._pointer = data[0]
        if len(data) == 1:
            # Only what is read or set depends on the time.
            return 1
        self._catch_up()
        for i in range(0, len(data) - 1, 2):
            self._set(data[i], data[i + 1])
        return len(data)

    def read(self, length: int) -> bytes:
        """Return registers from the pointer on; all of them of one measurement (4)."""
        self._catch_up()
        start = self._pointer
        registers = self._registers
        if start + length <= 256:
            return bytes(registers[start : start + length])
        return bytes(registers[(start + i) & 0xFF] for i in range(length))

    def _reset(self) -> None:
        self._registers[:] = bytes(256)
        for start, block in compensation.MEMORY.items():
            self._registers[start : start + len(block)] = block
        self._registers[_ID] = _CHIP_ID
        self._humidity_control = 0
        self._filtered: dict[int, float] = {}
        self._felt = (self.temperature, self.humidity, self.pressure)
        self._done_ns: int | None = None
        self._still = False  # nothing is under way: the registers stay as they are
        self._ready_ns = self.site.now_ns() + _STARTUP_NS
        self._publish(_SKIPPED_20_BITS, _SKIPPED_20_BITS, _SKIPPED_16_BITS)

    def _set(self, register: int, value: int) -> None:
        if register == _RESET and value == _RESET_WORD:
            self._reset()
        elif register == _CTRL_HUM:
            self._registers[_CTRL_HUM] = value & 0x07
        elif register == _CONFIG:
            self._registers[_CONFIG] = value & 0xFD
            self._filtered.clear()
        elif register == _CTRL_MEAS:
            # What ctrl_hum says becomes effective with this write only (5.4.3).
            self._humidity_control = self._registers[_CTRL_HUM]
            self._registers[_CTRL_MEAS] = value
            mode = value & 3
            now_ns = self.site.now_ns()
            self._done_ns = None if mode == _SLEEP else now_ns + self._duration_ns()
            self._still = False
            self._show_status(now_ns)

    def _oversampling(self) -> tuple[int, int, int]:
        control = self._registers[_CTRL_MEAS]
        return (
            _SAMPLES[control >> 5],
            _SAMPLES[control >> 2 & 7],
            _SAMPLES[self._humidity_control],
        )

    def _duration_ns(self) -> int:
        t, p, h = self._oversampling()
        halves = 2 + 4 * t + (4 * p + 1 if p else 0) + (4 * h + 1 if h else 0)
        return halves * 500_000

    def _period_ns(self) -> int:
        return self._duration_ns() + _STANDBY_US[self._registers[_CONFIG] >> 5] * 1000

    def _catch_up(self) -> None:
        """Bring the registers to the present: finish the measurements that have ended."""
        if self._still:
            return
        now_ns = self.site.now_ns()
        if self._done_ns is not None and now_ns >= self._done_ns:
            if self._registers[_CTRL_MEAS] & 3 == _NORMAL:
                times = (now_ns - self._done_ns) // self._period_ns() + 1
                self._done_ns += times * self._period_ns()
            else:
                times = 1
                self._done_ns = None
                self._registers[_CTRL_MEAS] &= 0xFC
            self._measure(times)
        self._show_status(now_ns)
        self._still = self._done_ns is None and now_ns >= self._ready_ns

    def _show_status(self, now_ns: int) -> None:
        measuring = self._done_ns is not None and now_ns >= self._done_ns - self._duration_ns()
        self._registers[_STATUS] = (_MEASURING if measuring else 0) | (
            _UPDATING if now_ns < self._ready_ns else 0
        )

    def _measure(self, times: int) -> None:
        """End a measurement, for the last of so many times with nothing changed between."""
        t, p, h = self._oversampling()
        in_celsius, in_percent, in_hpa = self._felt
        temperature = compensation.raw_temperature(in_celsius)
        if t:
            temperature = self._reported(0, temperature, t, times)
        # Readers compensate the other two with the temperature that they read, not the true one.
        fine = compensation.fine_temperature(temperature)
        pressure = compensation.raw_pressure(in_hpa, fine)
        self._publish(
            self._reported(1, pressure, p, times) if p else _SKIPPED_20_BITS,
            temperature if t else _SKIPPED_20_BITS,
            compensation.raw_humidity(in_percent, fine) if h else _SKIPPED_16_BITS,
        )

    def _reported(self, which: int, raw: int, samples: int, times: int) -> int:
        """Return a raw value after the filter, at its resolution (3.4.1: 20 bits with it on)."""
        coefficient = _FILTER[self._registers[_CONFIG] >> 2 & 7]
        if coefficient == 1:
            return _rounded(raw, samples)
        old = self._filtered.get(which, raw)
        self._filtered[which] = raw + (old - raw) * ((coefficient - 1) / coefficient) ** times
        return round(self._filtered[which])

    def _publish(self, pressure: int, temperature: int, humidity: int) -> None:
        block = (pressure << 4).to_bytes(3, "big") + (temperature << 4).to_bytes(3, "big")
        self._registers[_DATA : _DATA + 8] = block + struct.pack(">H", humidity)


def _rounded(value: int, samples: int) -> int:
    """Return a raw value at the resolution it has without the filter: 16 bits and up."""
    spare = 5 - samples.bit_length()
    half = (1 << spare) >> 1
    return min((value + half) >> spare << spare, 0xFFFFF >> spare << spare)
