"""The reactor: one thread for all, none without need, and none in a forked child's way."""

from __future__ import annotations

import gc
import os
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cpcompat.backends.linux import connect, reactor
from cpcompat.board.detect import definition
from cpcompat.hal.errors import Fault, HalError
from cpcompat.hal.gpio import Pull

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cpcompat.hal.backend import Backend
    from tests.shim.world import World

pytestmark = [pytest.mark.feature("digitalio"), pytest.mark.shim]


@pytest.fixture
def pi(world: World) -> Iterator[Backend]:
    """Return the way to an emulated Raspberry Pi's hardware."""
    made = connect(definition("raspberry_pi_4b"))
    yield made
    made.close()


def threads() -> int:
    """Return how many threads the kernel knows of this process."""
    return len(list(Path("/proc/self/task").iterdir()))


def threads_become(count: int) -> bool:
    """Wait until there are so many, ten seconds at most."""
    end_s = time.monotonic() + 10
    while threads() != count and time.monotonic() < end_s:
        os.sched_yield()
    return threads() == count


def holds_the_lock() -> bool:
    """Tell whether this thread holds the reactor's lock."""
    owned: bool = reactor.LOCK._is_owned()  # type: ignore[attr-defined]
    return owned


class Dropped:
    """Something in a ring with itself, so that it is garbage; its finaliser watches no more."""

    def __init__(self, descriptor: int) -> None:
        self.itself = self
        self.descriptor = descriptor
        reactor.watch(descriptor, lambda: None)

    def __del__(self) -> None:
        reactor.forget(self.descriptor)


def test_garbage_that_is_found_while_something_is_fetched_is_forgotten_too() -> None:
    """On the reactor's own thread, which holds the lock; it goes on, and ends with the last."""
    before = threads()
    (near, far), (other, end) = os.pipe(), os.pipe()
    came = threading.Event()
    gc.disable()
    try:
        Dropped(other)

        def fetch() -> None:
            os.read(near, 100)
            gc.collect()
            came.set()

        reactor.watch(near, fetch)
        for _ in range(2):
            came.clear()
            os.write(far, b"x")
            assert came.wait(10)
        reactor.forget(near)
        assert threads_become(before)
    finally:
        gc.enable()
        for descriptor in (near, far, other, end):
            os.close(descriptor)


def test_one_thread_serves_all_and_ends_with_the_last(world: World, pi: Backend) -> None:
    """And begins anew when somebody comes again."""
    pins = definition("raspberry_pi_4b").names
    before = threads()
    sources = [pi.edges(pins[name], Pull.DOWN, True, True, 0) for name in ("D4", "D5", "D6")]
    assert threads() == before
    for _ in range(2):
        for source in sources:
            source.hold(5000)
        assert threads_become(before + 1)
        for source in sources:
            source.close()
        assert not reactor.is_running()
        assert threads_become(before)
        sources = [pi.edges(pins["D4"], Pull.DOWN, True, True, 0)]
    sources[0].close()


def test_what_a_descriptor_brings_is_fetched_on_the_thread() -> None:
    """With the lock held, so that who shares it can wait for that."""
    near, far = os.pipe()
    came = threading.Event()
    seen: list[tuple[bytes, bool, bool]] = []

    def fetch() -> None:
        own = threading.get_ident() != main
        seen.append((os.read(near, 100), holds_the_lock(), own))
        came.set()

    main = threading.get_ident()
    reactor.watch(near, fetch)
    os.write(far, b"abc")
    assert came.wait(10)
    reactor.forget(near)
    reactor.forget(near)
    assert seen == [(b"abc", True, True)]
    os.close(near)
    os.close(far)


def test_a_source_that_is_gone_does_not_keep_the_thread_busy() -> None:
    """It is asked once; the others are served further."""
    (gone, end), (near, far) = os.pipe(), os.pipe()
    os.close(end)  # so it is ready for ever
    asked, came = [0], threading.Event()

    def fail() -> None:
        asked[0] += 1
        raise HalError(Fault.GONE, "the chip", "Plug it in.")

    def fetch() -> None:
        os.read(near, 100)
        came.set()

    reactor.watch(gone, fail)
    reactor.watch(near, fetch)
    for _ in range(3):
        came.clear()
        os.write(far, b"x")
        assert came.wait(10)
    assert asked == [1]
    for descriptor in (gone, near):
        reactor.forget(descriptor)
    for descriptor in (gone, near, far):
        os.close(descriptor)


def test_a_forked_child_can_read_and_watch_by_itself() -> None:
    """It has no thread at first, and never waits for one that it does not have."""
    near, far = os.pipe()
    reactor.watch(near, lambda: None)
    child = os.fork()
    if child == 0:
        came = threading.Event()
        own, end = os.pipe()
        good = not reactor.is_running() and not holds_the_lock()

        def fetch() -> None:
            os.read(own, 1)
            came.set()

        reactor.watch(own, fetch)
        os.write(end, b"x")
        os._exit(0 if good and came.wait(10) else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert reactor.is_running()
    reactor.forget(near)
    os.close(near)
    os.close(far)
