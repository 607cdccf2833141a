"""What the kernel says of a GPIO line, asked without anything of cpcompat's backend.

GPIO_V2_GET_LINEINFO_IOCTL and struct gpio_v2_line_info of include/uapi/linux/gpio.h.
"""

from __future__ import annotations

import fcntl
import os
import struct

from cpcompat.hal.gpio import Pull

_GET_LINEINFO = 0xC100B405
_SIZE, _OFFSET_AT, _FLAGS_AT = 256, 64, 72
_PULL_UP, _PULL_DOWN = 1 << 8, 1 << 9


def bias(chip: str, line: int) -> Pull:
    """Return the pull resistor that the kernel has been asked for."""
    descriptor = os.open(chip, os.O_RDONLY)
    try:
        info = bytearray(_SIZE)
        struct.pack_into("<I", info, _OFFSET_AT, line)
        fcntl.ioctl(descriptor, _GET_LINEINFO, info)
    finally:
        os.close(descriptor)
    (flags,) = struct.unpack_from("<Q", info, _FLAGS_AT)
    if flags & _PULL_UP:
        return Pull.UP
    return Pull.DOWN if flags & _PULL_DOWN else Pull.NONE
