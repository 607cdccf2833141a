"""The shim's GPIO character device keeps the kernel's rules."""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import socket
import struct
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.shim.gpio_calls import (
    ACTIVE_LOW,
    BOTH,
    CHIPINFO,
    DOWN,
    DRAIN,
    INPUT,
    OUTPUT,
    RISING,
    SET_CONFIG,
    SOURCE,
    UP,
    USED,
    config,
    events,
    get,
    info,
    put,
    refused,
    request,
)

if TYPE_CHECKING:
    from pathlib import Path

    from tests.shim.world import World

pytestmark = [pytest.mark.feature("kernel shim"), pytest.mark.shim]


@pytest.fixture
def chip(world: World) -> int:
    """Open the header's chip."""
    return os.open("/dev/gpiochip0", os.O_RDWR | os.O_CLOEXEC)


def test_the_chip_tells_its_name_its_label_and_its_lines(chip: int) -> None:
    """GPIO_GET_CHIPINFO_IOCTL."""
    data = bytearray(68)
    fcntl.ioctl(chip, CHIPINFO, data)
    assert data[:9] == b"gpiochip0"
    assert data[32:47] == b"pinctrl-bcm2711"
    assert struct.unpack_from("=I", data, 64) == (58,)


@pytest.mark.parametrize("value", [0, 1])
def test_an_output_begins_with_its_value(world: World, chip: int, value: int) -> None:
    """No other level in between."""
    world.drive(17, not value)
    world.drive(17, None)
    start = world.mark()
    lines = request(chip, [17], OUTPUT, value)
    assert world.levels(17, start) in ([bool(value)], [])
    assert world.level(17) is bool(value)
    put(lines, 1 - value)
    assert world.level(17) is not bool(value)
    assert get(lines) == 1 - value


def test_pulls_decide_a_floating_line_and_give_way_to_who_drives(world: World, chip: int) -> None:
    """As resistors do."""
    lines = request(chip, [4], INPUT | UP)
    assert get(lines) == 1
    world.drive(4, False)
    assert get(lines) == 0
    fcntl.ioctl(lines, SET_CONFIG, config(INPUT | DOWN))
    world.drive(4, None)
    assert get(lines) == 0
    fcntl.ioctl(lines, SET_CONFIG, config(INPUT | UP))
    assert get(lines) == 1


def test_open_drain_and_open_source_only_drive_one_way(world: World, chip: int) -> None:
    """The other way they let go."""
    drain = request(chip, [4], OUTPUT | DRAIN | UP, 1)
    assert world.level(4)
    world.drive(4, False)
    assert get(drain) == 0
    source = request(chip, [5], OUTPUT | SOURCE | DOWN, 0)
    world.drive(5, True)
    assert get(source) == 1


def test_a_wire_carries_levels_and_edges(world: World, chip: int) -> None:
    """From an output to an input of another request."""
    world.wire(20, 21)
    there = request(chip, [21], INPUT | DOWN | BOTH)
    here = request(chip, [20], OUTPUT, 1)
    assert get(there) == 1
    put(here, 0)
    assert [e.kind for e in events(there)] == [1, 2]


@pytest.mark.parametrize(
    "flags",
    [
        INPUT | OUTPUT,
        OUTPUT | RISING,
        RISING,
        INPUT | DRAIN,
        OUTPUT | DRAIN | SOURCE,
        UP,
        INPUT | UP | DOWN,
        INPUT | 1 << 40,
    ],
)
def test_contradicting_flags_are_refused(chip: int, flags: int) -> None:
    """EINVAL, as `gpio_v2_line_flags_validate` has it."""
    refused(errno.EINVAL, chip, [4], flags)


def test_wrong_requests_are_refused(chip: int) -> None:
    """No line, one that is not there, debounce without input."""
    refused(errno.EINVAL, chip, [], INPUT)
    refused(errno.EINVAL, chip, [58], INPUT)
    refused(errno.EINVAL, chip, [4], OUTPUT, debounce_us=1000)


def test_an_ioctl_that_is_not_there_is_refused(world: World, chip: int) -> None:
    """Version 1 among them: the shim is a kernel without CONFIG_GPIO_CDEV_V1."""
    with pytest.raises(OSError) as caught:
        fcntl.ioctl(chip, 0xC16CB403, bytearray(364))
    assert caught.value.errno == errno.EINVAL


def test_a_held_line_is_busy_and_tells_its_holder(world: World, chip: int) -> None:
    """A program's and the kernel's own."""
    lines = request(chip, [17], INPUT | UP)
    refused(errno.EBUSY, chip, [16, 17], INPUT)
    assert info(chip, 17) == ("GPIO17", "test", USED | INPUT | UP)
    world.set_line(8, "GPIO8", "spi0 CS0")
    refused(errno.EBUSY, chip, [8], INPUT)
    assert info(chip, 8)[1:] == ("spi0 CS0", USED | INPUT)
    os.close(lines)
    assert info(chip, 17) == ("GPIO17", "", INPUT)
    os.close(request(chip, [16, 17], INPUT))


def test_setting_an_input_is_not_permitted(world: World, chip: int) -> None:
    """EPERM, and nothing changes, not even the outputs beside it."""
    lines = request(chip, [4, 5], OUTPUT, 0)
    fcntl.ioctl(lines, SET_CONFIG, config(INPUT | UP, lines=2))
    with pytest.raises(PermissionError):
        put(lines, 0, 3)
    assert world.level(4)


def test_active_low_turns_values_and_edges_around(world: World, chip: int) -> None:
    """Not the level on the wire."""
    lines = request(chip, [4], OUTPUT | ACTIVE_LOW, 1)
    assert not world.level(4)
    assert get(lines) == 1
    world.drive(5, True)
    watched = request(chip, [5], INPUT | ACTIVE_LOW | RISING)
    world.drive(5, False)
    assert [e.kind for e in events(watched)] == [1]


@pytest.mark.parametrize("persist", [True, False])
def test_a_closed_output_drives_on_or_not(kernel_shim: None, tmp_path: Path, persist: bool) -> None:
    """As `pinctrl_bcm2835.persist_gpio_outputs` says."""
    from tests.shim.world import World

    with World(tmp_path / "own", persist=persist) as world:
        chip = os.open("/dev/gpiochip0", os.O_RDWR)
        os.close(request(chip, [17], OUTPUT, 1))
        assert world.level(17) is persist
        assert world.driven() == (["GPIO17"] if persist else [])
        os.close(request(chip, [17], INPUT))
        assert world.driven() == []


HOLD = """
import os, socket, sys
sys.path.append({root!r})
from tests.shim.gpio_calls import OUTPUT, request
chip = os.open("/dev/gpiochip0", os.O_RDWR)
lines = request(chip, [17], OUTPUT, 1)
end = socket.socket(fileno=int(sys.argv[1]))
socket.send_fds(end, [b"x"], [lines])
end.recv(1)
"""


def test_a_passed_copy_keeps_a_line_after_its_first_holder_is_killed(
    world: World, chip: int, pytestconfig: pytest.Config
) -> None:
    """And it is free when the last copy is closed."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    code = HOLD.format(root=str(pytestconfig.rootpath))
    holder = subprocess.Popen(
        [sys.executable, "-c", code, str(theirs.fileno())], pass_fds=[theirs.fileno()]
    )
    _, (copy,), *_ = socket.recv_fds(ours, 1, 1)
    refused(errno.EBUSY, chip, [17], INPUT)
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    refused(errno.EBUSY, chip, [17], INPUT)
    put(copy, 0)
    assert not world.level(17)
    os.close(copy)
    os.close(request(chip, [17], INPUT))


def test_a_killed_holder_frees_its_line(
    world: World, chip: int, pytestconfig: pytest.Config
) -> None:
    """Whose level stays, as on a Pi."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    code = HOLD.format(root=str(pytestconfig.rootpath)).replace(", [lines])", ", [])")
    with subprocess.Popen(
        [sys.executable, "-c", code, str(theirs.fileno())], pass_fds=[theirs.fileno()]
    ) as holder:
        ours.recv(1)
        assert world.line(17).used
        holder.kill()
    assert world.driven() == ["GPIO17"]
    assert not world.line(17).used
    os.close(request(chip, [17], INPUT))
    assert world.driven() == []


def test_a_kernel_without_version_2_refuses_requests(kernel_shim: None, tmp_path: Path) -> None:
    """EINVAL, as an unknown ioctl."""
    from tests.shim.world import World

    with World(tmp_path / "old", without_v2=True):
        chip = os.open("/dev/gpiochip0", os.O_RDWR)
        refused(errno.EINVAL, chip, [4], INPUT)


def test_an_injected_error_comes_when_it_is_due(world: World, chip: int) -> None:
    """After so many calls, so many times."""
    lines = request(chip, [4], OUTPUT)
    world.inject("set_values", errno.EIO, address=4, skip=1, times=1)
    put(lines, 1)
    with pytest.raises(OSError) as caught:
        put(lines, 0)
    assert caught.value.errno == errno.EIO
    put(lines, 0)


def test_opening_can_be_denied(world: World) -> None:
    """As to somebody who is not in the node's group."""
    world.inject("open", errno.EACCES, path="/dev/gpiochip0")
    with pytest.raises(PermissionError):
        os.open("/dev/gpiochip0", os.O_RDWR)


def test_every_call_is_in_the_log(world: World, chip: int) -> None:
    """In order, with its figures."""
    start = world.mark()
    lines = request(chip, [4, 6], OUTPUT, 2)
    put(lines, 1, 3)
    assert get(lines, 3) == 1
    os.close(lines)
    assert [(c.op, c.result, c.a, c.b, bytes(c.data)) for c in world.calls(start)] == [
        ("get_line", 0, OUTPUT, 2, b"\4\6"),
        ("set_values", 0, 1, 3, b""),
        ("get_values", 0, 1, 3, b""),
    ]
    assert [c.op for c in world.log(start)].count("release") == 1
