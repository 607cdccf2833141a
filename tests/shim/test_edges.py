"""The shim's edges keep the kernel's rules."""

from __future__ import annotations

import errno
import fcntl
import os
import select
from typing import TYPE_CHECKING

import pytest

from tests.shim.gpio_calls import (
    BOTH,
    DOWN,
    INPUT,
    RISING,
    SET_CONFIG,
    config,
    events,
    get,
    request,
)

if TYPE_CHECKING:
    from tests.shim.world import World

pytestmark = [pytest.mark.feature("kernel shim"), pytest.mark.shim]


@pytest.fixture
def chip(world: World) -> int:
    """Open the header's chip."""
    return os.open("/dev/gpiochip0", os.O_RDWR | os.O_CLOEXEC)


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
