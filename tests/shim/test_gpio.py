"""The shim's GPIO character device keeps the kernel's rules."""

from __future__ import annotations

import errno
import fcntl
import os
import select
import signal
import socket
import struct
import subprocess
import sys
from typing import TYPE_CHECKING, NamedTuple

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.shim.world import World

pytestmark = [pytest.mark.feature("kernel shim"), pytest.mark.shim]

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


def test_edges_are_numbered_and_stamped(world: World, chip: int) -> None:
    """Over the request and over each line."""
    lines = request(chip, [4, 5], INPUT | DOWN | BOTH)
    for line in (4, 5, 4):
        world.drive(line, not world.level(line))
    found = events(lines)
    assert [(e.offset, e.kind, e.seqno, e.line_seqno) for e in found] == [
        (4, 1, 1, 1),
        (5, 1, 2, 1),
        (4, 2, 3, 2),
    ]
    assert [e.time_ns for e in found] == sorted(e.time_ns for e in found)


def test_too_many_edges_drop_the_oldest(world: World, chip: int) -> None:
    """The numbers show the gap."""
    lines = request(chip, [4], INPUT | DOWN | BOTH, events=1024)
    world.toggle(4, 3000)
    assert [e.line_seqno for e in events(lines)] == list(range(1977, 3001))


def test_a_request_becomes_readable_with_an_edge(world: World, chip: int) -> None:
    """For poll and whatever is built on it; half an event cannot be read."""
    lines = request(chip, [4], INPUT | DOWN | RISING)
    assert not select.select([lines], [], [], 0)[0]
    world.drive(4, True)
    assert select.select([lines], [], [], 0)[0]
    with pytest.raises(OSError) as caught:
        os.read(lines, 47)
    assert caught.value.errno == errno.EINVAL
    assert len(os.read(lines, 100)) == 48


def test_a_bounce_makes_no_edge_and_a_level_that_holds_makes_one(world: World, chip: int) -> None:
    """After the debounce time, without anybody's call."""
    lines = request(chip, [4], INPUT | DOWN | BOTH, debounce_us=20_000)
    world.toggle(4, 4)
    assert not select.select([lines], [], [], 0.05)[0]
    world.drive(4, True)
    assert get(lines) == 0
    assert select.select([lines], [], [], 5)[0]
    assert [e.kind for e in events(lines)] == [1]
    assert get(lines) == 1


def test_events_survive_a_change_to_plain_input(world: World, chip: int) -> None:
    """What is queued stays queued."""
    lines = request(chip, [4], INPUT | DOWN | RISING)
    world.drive(4, True)
    fcntl.ioctl(lines, SET_CONFIG, config(INPUT))
    world.drive(4, False)
    assert [e.kind for e in events(lines)] == [1]


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
from tests.shim.test_gpio import OUTPUT, request
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
