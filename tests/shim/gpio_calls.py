"""The calls of the GPIO character device, version 2, as a test makes them (linux/gpio.h)."""

from __future__ import annotations

import fcntl
import os
import struct
from typing import NamedTuple

import pytest

CHIPINFO, LINEINFO, GET_LINE = 0x8044B401, 0xC100B405, 0xC250B407
SET_CONFIG, GET_VALUES, SET_VALUES = 0xC110B40D, 0xC010B40E, 0xC010B40F
USED, ACTIVE_LOW, INPUT, OUTPUT, RISING, FALLING, DRAIN, SOURCE, UP, DOWN, NO_BIAS = (
    1 << n for n in range(11)
)
BOTH = RISING | FALLING
EVENT = struct.Struct("=QIIII24x")


class Event(NamedTuple):
    """One edge as the kernel tells it."""

    time_ns: int
    kind: int
    offset: int
    seqno: int
    line_seqno: int


def config(flags: int, values: int = 0, debounce_us: int = 0, lines: int = 1) -> bytes:
    """Build a struct gpio_v2_line_config with the same flags for all lines."""
    mask = (1 << lines) - 1
    attributes = [struct.pack("=IIQQ", 2, 0, values, mask)] if flags & OUTPUT else []
    if debounce_us:
        attributes.append(struct.pack("=IIIIQ", 3, 0, debounce_us, 0, mask))
    return struct.pack("=QI20x", flags, len(attributes)) + b"".join(attributes).ljust(240, b"\0")


def request(chip: int, offsets: list[int], flags: int, values: int = 0, **more: int) -> int:
    """Request lines and return the descriptor."""
    data = bytearray(592)
    struct.pack_into(f"={len(offsets)}I", data, 0, *offsets)
    data[256:260] = b"test"
    data[288:560] = config(flags, values, more.get("debounce_us", 0), len(offsets))
    struct.pack_into("=II", data, 560, len(offsets), more.get("events", 0))
    fcntl.ioctl(chip, GET_LINE, data)
    return int(struct.unpack_from("=i", data, 588)[0])


def get(lines: int, mask: int = 1) -> int:
    """Return the values of a request's lines."""
    data = bytearray(struct.pack("=QQ", 0, mask))
    fcntl.ioctl(lines, GET_VALUES, data)
    return int(struct.unpack_from("=Q", data)[0])


def put(lines: int, bits: int, mask: int = 1) -> None:
    """Set the values of a request's lines."""
    fcntl.ioctl(lines, SET_VALUES, bytearray(struct.pack("=QQ", bits, mask)))


def events(lines: int) -> list[Event]:
    """Read the edges that are there."""
    os.set_blocking(lines, False)
    try:
        data = os.read(lines, 48 * 2000)
    except BlockingIOError:
        return []
    return [Event(*fields) for fields in EVENT.iter_unpack(data)]


def info(chip: int, offset: int) -> tuple[str, str, int]:
    """Return a line's name, consumer and flags."""
    data = bytearray(256)
    struct.pack_into("=I", data, 64, offset)
    fcntl.ioctl(chip, LINEINFO, data)
    name, consumer = data[:32].rstrip(b"\0").decode(), data[32:64].rstrip(b"\0").decode()
    return name, consumer, struct.unpack_from("=Q", data, 72)[0]


def refused(error: int, chip: int, offsets: list[int], flags: int, **more: int) -> None:
    """See a request refused."""
    with pytest.raises(OSError) as caught:
        request(chip, offsets, flags, **more)
    assert caught.value.errno == error
