"""The hand at the header's pins, from inside the emulated Pi and so at once.

The registers are those of BCM2835 ARM Peripherals, chapter 6. QEMU keeps what is set on an input, so
setting it is what a wire to 3.3 V or to ground is. No edge is seen of it: QEMU has none.
"""

from __future__ import annotations

import mmap
import os
import struct

_GPIO = 0x3F200000
_SET, _CLEAR, _LEVEL = 0x1C, 0x28, 0x34


class Pins:
    """The GPIO controller's registers."""

    def __init__(self) -> None:
        memory = os.open("/dev/mem", os.O_RDWR | os.O_SYNC)
        self._registers = mmap.mmap(memory, mmap.PAGESIZE, offset=_GPIO)
        os.close(memory)

    def drive(self, number: int, level: bool) -> None:
        """Drive a GPIO from outside."""
        at = (_SET if level else _CLEAR) + 4 * (number // 32)
        self._registers[at : at + 4] = struct.pack("<I", 1 << number % 32)

    def level(self, number: int) -> bool:
        """Return the level at a GPIO."""
        at = _LEVEL + 4 * (number // 32)
        (levels,) = struct.unpack("<I", self._registers[at : at + 4])
        return bool(levels >> number % 32 & 1)
