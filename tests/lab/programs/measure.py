"""Compares operations with the bare, prepared calls of ``fcntl.ioctl`` that they come down to.

In a machine whose time is its work: what is compared is how much work there is. Prints JSON: the
nanoseconds of the bare call, and the median ratio.
"""

from __future__ import annotations

import ctypes
import json
import os
import struct
from fcntl import ioctl
from statistics import median
from timeit import timeit
from typing import TYPE_CHECKING

from cpcompat import board, busio, digitalio

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS, COUNT = 7, 200
_GET_LINE, _GET_VALUES, _SET_VALUES = 0xC250B407, 0xC010B40E, 0xC010B40F
_OUTPUT = 8
_I2C_RDWR, _SPI_MESSAGE = 0x0707, 0x40206B00


def request(line: int) -> int:
    """Return the descriptor of an output, as struct gpio_v2_line_request of linux/gpio.h asks for it."""
    asked = bytearray(592)
    struct.pack_into("<I", asked, 0, line)
    struct.pack_into("<32s", asked, 256, b"measure")
    struct.pack_into("<Q", asked, 288, _OUTPUT)
    struct.pack_into("<I", asked, 560, 1)
    chip = os.open("/dev/gpiochip0", os.O_RDWR)
    ioctl(chip, _GET_LINE, asked)
    os.close(chip)
    (descriptor,) = struct.unpack_from("<i", asked, 588)
    return int(descriptor)


def bare_lines() -> tuple[Callable[[], object], Callable[[], object]]:
    """Return setting and getting a line."""
    line, values = request(23), bytearray(struct.pack("<QQ", 1, 1))
    return lambda: ioctl(line, _SET_VALUES, values), lambda: ioctl(line, _GET_VALUES, values)


def bare_i2c(keep: list[object]) -> Callable[[], object]:
    """Return reading a register of one byte."""
    node = os.open("/dev/i2c-1", os.O_RDWR)
    register, answer = (ctypes.c_ubyte * 1)(1), (ctypes.c_ubyte * 1)()
    messages = ctypes.create_string_buffer(
        struct.pack(
            "<HHHxxQHHHxxQ",
            *(0x50, 0, 1, ctypes.addressof(register)),
            *(0x50, 1, 1, ctypes.addressof(answer)),
        )
    )
    call = bytearray(struct.pack("<QI4x", ctypes.addressof(messages), 2))
    keep += [register, answer, messages]
    return lambda: ioctl(node, _I2C_RDWR, call)


def bare_spi(keep: list[object], length: int) -> Callable[[], object]:
    """Return a transfer both ways."""
    node = os.open("/dev/spidev0.0", os.O_RDWR)
    out, into = (ctypes.c_ubyte * length)(), (ctypes.c_ubyte * length)()
    keep += [out, into]
    places = ctypes.addressof(out), ctypes.addressof(into)
    call = bytearray(struct.pack("<QQIIHBBBBBB", *places, length, 1_000_000, 0, 8, 0, 0, 0, 0, 0))
    return lambda: ioctl(node, _SPI_MESSAGE, call)


def compare(ours: Callable[[], object], bare: Callable[[], object], count: int) -> list[float]:
    """Return the nanoseconds of a bare call, and the median ratio."""
    pairs = []
    for _ in range(ROUNDS + 1):
        floor = timeit(bare, number=count)
        pairs.append((floor / count * 1e9, timeit(ours, number=count) / floor))
    pairs = pairs[1:]  # the first was to be warm
    return [round(median(ns for ns, _ in pairs)), round(median(ratio for _, ratio in pairs), 3)]


def main() -> None:
    """Measure and print."""
    keep: list[object] = []
    output, source = digitalio.DigitalInOut(board.D22), digitalio.DigitalInOut(board.D27)
    output.switch_to_output()
    set_line, get_line = bare_lines()
    i2c = busio.I2C(board.SCL, board.SDA)
    i2c.try_lock()
    spi = busio.SPI(board.SCK, board.MOSI, board.MISO)
    spi.try_lock()
    spi.configure(baudrate=1_000_000)
    register, answer = bytearray([1]), bytearray(1)
    four, block = (bytearray(4), bytearray(4)), (bytearray(4096), bytearray(4096))

    def set_pin() -> None:
        output.value = True

    def read_register() -> None:
        i2c.writeto_then_readfrom(0x50, register, answer)

    rows = {
        "pin set": (set_pin, set_line, COUNT),
        "pin get": (lambda: source.value, get_line, COUNT),
        "I2C, one register": (read_register, bare_i2c(keep), COUNT),
        "SPI, 4 bytes both ways": (lambda: spi.write_readinto(*four), bare_spi(keep, 4), COUNT),
        "SPI, 4 KiB both ways": (lambda: spi.write_readinto(*block), bare_spi(keep, 4096), 10),
    }
    print(json.dumps({name: compare(*row) for name, row in rows.items()}))


main()
