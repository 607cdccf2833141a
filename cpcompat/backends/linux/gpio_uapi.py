"""The GPIO character device, version 2: its numbers and structures.

Source: the kernel's ``include/uapi/linux/gpio.h`` (since Linux 5.10). Nothing is opened here.
"""

from __future__ import annotations

from struct import Struct
from sys import byteorder

TYPE_CHECKING = False  # not typing's: that import costs more than this package
if TYPE_CHECKING:
    from collections.abc import Sequence

GET_CHIPINFO = 0x8044B401
GET_LINEINFO = 0xC100B405
GET_LINE = 0xC250B407
SET_CONFIG = 0xC110B40D
GET_VALUES = 0xC010B40E
SET_VALUES = 0xC010B40F

USED = 1 << 0
ACTIVE_LOW = 1 << 1
INPUT = 1 << 2
OUTPUT = 1 << 3
EDGE_RISING = 1 << 4
EDGE_FALLING = 1 << 5
OPEN_DRAIN = 1 << 6
OPEN_SOURCE = 1 << 7
BIAS_PULL_UP = 1 << 8
BIAS_PULL_DOWN = 1 << 9
BIAS_DISABLED = 1 << 10

FREE = INPUT | BIAS_DISABLED
"""A line that nobody uses: an input without a pull."""

MOST_LINES = 64
EVENT_BUFFER = 1024
"""The most edges that a request keeps (GPIO_V2_LINES_MAX * 16)."""
RISING_EDGE = 1

_ATTRIBUTE_FLAGS, _ATTRIBUTE_VALUES, _ATTRIBUTE_DEBOUNCE = 1, 2, 3
_MOST_ATTRIBUTES = 10

CHIP_INFO = Struct("=32s32sI")
LINE_INFO = Struct("=32s32sIIQ176x")
LINE_EVENT = Struct("=QIIII24x")
"""When in ns, which edge, offset, number in the request, number on the line."""
LINE_VALUES = Struct("=QQ")
LINE_REQUEST = Struct("=256s32s272sII20xi")
_CONFIG_HEAD = Struct("=QI20x")
_FLAGS = Struct("=IIQQ")
_VALUES = Struct("=IIQQ")
_DEBOUNCE = Struct("=IIIIQ")
LINE_CONFIG_SIZE = 272
_REQUEST_FD = LINE_REQUEST.size - 4
_REQUEST_CONFIG = 256 + 32


class Setting:
    """What one line is to be.

    Attributes:
        flags: `INPUT`, `OUTPUT`, … together.
        value: The level an output starts with.
        debounce_us: How long an input's level must hold to count.
    """

    __slots__ = ("debounce_us", "flags", "value")

    def __init__(self, flags: int, value: bool = False, debounce_us: int = 0) -> None:
        self.flags = flags
        self.value = value
        self.debounce_us = debounce_us


def config(settings: Sequence[Setting]) -> bytearray:
    """Return ``struct gpio_v2_line_config`` for the lines of a request, in its order.

    Raises:
        ValueError: There are more different settings than one configuration can say.
    """
    whole = settings[0].flags
    others: dict[int, int] = {}
    debounces: dict[int, int] = {}
    outputs = values = 0
    for index, setting in enumerate(settings):
        bit = 1 << index
        if setting.flags != whole:
            others[setting.flags] = others.get(setting.flags, 0) | bit
        if setting.flags & OUTPUT:
            outputs |= bit
            values |= bit if setting.value else 0
        if setting.debounce_us:
            debounces[setting.debounce_us] = debounces.get(setting.debounce_us, 0) | bit
    attributes = [_FLAGS.pack(_ATTRIBUTE_FLAGS, 0, flags, mask) for flags, mask in others.items()]
    if outputs:
        attributes.append(_VALUES.pack(_ATTRIBUTE_VALUES, 0, values, outputs))
    for period_us, mask in debounces.items():
        attributes.append(_DEBOUNCE.pack(_ATTRIBUTE_DEBOUNCE, 0, period_us, 0, mask))
    if len(attributes) > _MOST_ATTRIBUTES:
        raise ValueError(f"{len(attributes)} different settings, and a request has room for 10")
    made = bytearray(LINE_CONFIG_SIZE)
    _CONFIG_HEAD.pack_into(made, 0, whole, len(attributes))
    filled = b"".join(attributes)
    made[_CONFIG_HEAD.size : _CONFIG_HEAD.size + len(filled)] = filled
    return made


def request(
    offsets: Sequence[int], settings: Sequence[Setting], consumer: str, event_buffer: int = 0
) -> bytearray:
    """Return ``struct gpio_v2_line_request``.

    Args:
        offsets: The lines, 64 at most.
        settings: What each is to be; a flag of 0 leaves it as it is.
        consumer: What LINEINFO tells others of who uses the line; 31 bytes count.
        event_buffer: How many edges are to be kept; 0 lets the kernel decide.
    """
    numbers = Struct(f"={len(offsets)}I").pack(*offsets)
    name = consumer.encode()[:31]
    return bytearray(
        LINE_REQUEST.pack(numbers, name, bytes(config(settings)), len(offsets), event_buffer, -1)
    )


def requested(answered: bytearray) -> int:
    """Return the descriptor that the kernel wrote into a request."""
    return int.from_bytes(answered[_REQUEST_FD:], byteorder, signed=True)


def offsets_of(asked: bytes | bytearray) -> tuple[int, ...]:
    """Return the lines that a request asks for."""
    numbers, _, _, count, _, _ = LINE_REQUEST.unpack(asked)
    return Struct(f"={min(count, MOST_LINES)}I").unpack_from(numbers)


def config_of(asked: bytes | bytearray) -> bytearray:
    """Return the configuration in a request."""
    return bytearray(asked[_REQUEST_CONFIG : _REQUEST_CONFIG + LINE_CONFIG_SIZE])


def flags_of(asked: bytes | bytearray) -> int:
    """Return the flags that a request has for all its lines."""
    flags: int = _CONFIG_HEAD.unpack_from(asked, _REQUEST_CONFIG)[0]
    return flags


def text(field: bytes) -> str:
    """Return a name of the kernel's."""
    return field.partition(b"\0")[0].decode("utf-8", "replace")
