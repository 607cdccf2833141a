"""The compensation of the BME280, and its inverse: from the air to what its converter reads.

Source: Bosch Sensortec, BME280 data sheet, BST-BME280-DS002, sections 4.2.2 (where the
coefficients are kept) and 8.1 (the formulas in floating point).
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

_T: Final = (27504, 26435, -1000)
_P: Final = (36477, -10685, 3024, 2855, 140, -7, 15500, -14600, 6000)
_H: Final = (75, 362, 0, 317, 50, 30)
"""The coefficients dig_T1.., dig_P1.. and dig_H1..: those of one part, like any other's."""


def _memory() -> dict[int, bytes]:
    h1, h2, h3, h4, h5, h6 = _H
    nibbles = (h4 & 0x0F) | (h5 & 0x0F) << 4
    return {
        0x88: struct.pack("<Hhh", *_T) + struct.pack("<H8h", *_P),
        0xA1: bytes([h1]),
        0xE1: struct.pack("<hBbBbb", h2, h3, h4 >> 4, nibbles, h5 >> 4, h6),
    }


MEMORY: Final = _memory()
"""The coefficients as the registers hold them: first register → bytes."""


def fine_temperature(raw: float) -> float:
    """Return t_fine, the temperature in 1/5120 °C, of a raw value of 20 bits."""
    from_zero = raw / 16384 - _T[0] / 1024
    return from_zero * _T[1] + (from_zero / 8) ** 2 * _T[2]


def pressure_pa(raw: float, fine: float) -> float:
    """Return the pressure in pascals of a raw value of 20 bits at a t_fine."""
    p1, p2, p3, p4, p5, p6, p7, p8, p9 = _P
    offset = fine / 2 - 64000
    zero = (offset * offset * p6 / 32768 + offset * p5 * 2) / 4 + p4 * 65536
    scale = (p3 * offset * offset / 524288 + p2 * offset) / 524288
    scale = (1 + scale / 32768) * p1
    linear = (1048576 - raw - zero / 4096) * 6250 / scale
    return linear + (p9 * linear * linear / 2147483648 + linear * p8 / 32768 + p7) / 16


def humidity_percent(raw: float, fine: float) -> float:
    """Return the relative humidity in percent, before the limits, of 16 bits at a t_fine."""
    h1, h2, h3, h4, h5, h6 = _H
    offset = fine - 76800
    zero = h4 * 64 + h5 / 16384 * offset
    by_heat = 1 + h3 / 67108864 * offset
    scale = h2 / 65536 * (1 + h6 / 67108864 * offset * by_heat) * by_heat
    linear = (raw - zero) * scale
    return linear * (1 - h1 * linear / 524288)


def raw_temperature(celsius: float) -> int:
    """Return the 20 bits that mean such a temperature."""
    return _code(fine_temperature, celsius * 5120, 20, rising=True)


def raw_pressure(hpa: float, fine: float) -> int:
    """Return the 20 bits that mean such a pressure at a t_fine."""
    return _code(lambda raw: pressure_pa(raw, fine), hpa * 100, 20, rising=False)


def raw_humidity(percent: float, fine: float) -> int:
    """Return the 16 bits that mean such a relative humidity at a t_fine."""
    return _code(lambda raw: humidity_percent(raw, fine), percent, 16, rising=True)


def _code(meaning: Callable[[float], float], target: float, bits: int, *, rising: bool) -> int:
    """Return the code whose meaning is nearest to the target, by halving the range."""
    low, high = 0, (1 << bits) - 1
    while low < high:
        middle = (low + high) // 2
        if (meaning(middle + 0.5) < target) == rising:
            low = middle + 1
        else:
            high = middle
    return low
