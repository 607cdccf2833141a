"""The structures of the GPIO character device are the kernel's."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpcompat.backends.linux import gpio_uapi as uapi

pytestmark = [pytest.mark.feature("digitalio"), pytest.mark.shim]

_IN_OUT = 3 << 30


@pytest.mark.parametrize(
    ("made", "size"),
    [
        (uapi.CHIP_INFO.size, 68),
        (uapi.LINE_INFO.size, 256),
        (uapi.LINE_EVENT.size, 48),
        (uapi.LINE_VALUES.size, 16),
        (uapi.LINE_REQUEST.size, 592),
        (uapi.LINE_CONFIG_SIZE, 272),
        (len(uapi.config([uapi.Setting(uapi.INPUT)])), 272),
        (len(uapi.request([1], [uapi.Setting(uapi.INPUT)], "x")), 592),
    ],
)
def test_a_structure_has_the_kernels_size(made: int, size: int) -> None:
    """As linux/gpio.h lays it out."""
    assert made == size


@pytest.mark.parametrize(
    ("number", "order", "size"),
    [
        (uapi.GET_LINEINFO, 5, 256),
        (uapi.GET_LINE, 7, 592),
        (uapi.SET_CONFIG, 13, 272),
        (uapi.GET_VALUES, 14, 16),
        (uapi.SET_VALUES, 15, 16),
    ],
)
def test_a_number_is_made_as_the_kernel_makes_it(number: int, order: int, size: int) -> None:
    """_IOWR(0xB4, order, size)."""
    assert number == _IN_OUT | size << 16 | 0xB4 << 8 | order
    assert uapi.GET_CHIPINFO == 2 << 30 | 68 << 16 | 0xB4 << 8 | 1


SETTINGS = st.lists(
    st.builds(
        uapi.Setting,
        st.sampled_from([uapi.FREE, uapi.INPUT | uapi.BIAS_PULL_UP, uapi.OUTPUT, uapi.OUTPUT | 64]),
        st.booleans(),
    ),
    min_size=1,
    max_size=64,
)


def seen(made: bytearray, line: int) -> tuple[int, int | None]:
    """Return flags and value of a line as the kernel looks them up (gpiolib-cdev.c)."""
    flags, count = struct.unpack_from("=QI", made)
    value = None
    found = None
    for index in range(count):
        kind, padding, content, mask = struct.unpack_from("=IIQQ", made, 32 + 24 * index)
        assert padding == 0
        if mask >> line & 1:
            if kind == 1 and found is None:
                found = content
            elif kind == 2:
                value = content >> line & 1
    return (flags if found is None else found), value


@given(SETTINGS)
def test_each_line_of_a_request_gets_its_own_setting(settings: list[uapi.Setting]) -> None:
    """However they are mixed."""
    made = uapi.config(settings)
    for line, setting in enumerate(settings):
        flags, value = seen(made, line)
        assert flags == setting.flags
        if setting.flags & uapi.OUTPUT:
            assert value == int(setting.value)


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=64, unique=True))
def test_a_request_tells_its_lines(offsets: list[int]) -> None:
    """In order; and its configuration and flags."""
    settings = [uapi.Setting(uapi.OUTPUT, bool(offset & 1)) for offset in offsets]
    asked = uapi.request(offsets, settings, "a name of more than 31 bytes, which is cut", 16)
    assert uapi.offsets_of(asked) == tuple(offsets)
    assert uapi.config_of(asked) == uapi.config(settings)
    assert uapi.flags_of(asked) == uapi.OUTPUT
    assert uapi.text(bytes(asked[256:288])) == "a name of more than 31 bytes, w"


def test_more_different_settings_than_a_request_has_room_for_are_refused() -> None:
    """Ten attributes."""
    settings = [uapi.Setting(uapi.INPUT, debounce_us=n) for n in range(1, 13)]
    with pytest.raises(ValueError, match="room for 10"):
        uapi.config(settings)
