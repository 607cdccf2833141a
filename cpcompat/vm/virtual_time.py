"""``asyncio`` on a clock of the board's own: an event loop that lets virtual time pass.

Where the clock is the host's, asyncio's own loop serves.
"""

from __future__ import annotations

import asyncio
import math
import selectors
import warnings
from typing import TYPE_CHECKING, Any

from cpcompat.hal.clock import RealClock

if TYPE_CHECKING:
    from collections.abc import Mapping

    from _typeshed import FileDescriptorLike

    from cpcompat.hal.clock import Clock


def install(clock: Clock) -> None:
    """Have event loops of this process run on a clock, if it is not the host's.

    Args:
        clock: The board's clock.
    """
    if isinstance(clock, RealClock):
        return
    with warnings.catch_warnings():
        # Policies go away with Python 3.16; there is no other way yet to reach `asyncio.run`.
        warnings.simplefilter("ignore", DeprecationWarning)

        class Policy(asyncio.DefaultEventLoopPolicy):
            """Makes loops that run on the board's clock."""

            def new_event_loop(self) -> asyncio.AbstractEventLoop:
                """Make one."""
                return ClockLoop(clock)

        asyncio.set_event_loop_policy(Policy())


class ClockLoop(asyncio.SelectorEventLoop):
    """An event loop on a board's clock.

    Args:
        clock: Tells the time, and is asked to let it pass when there is nothing to do.
    """

    def __init__(self, clock: Clock) -> None:
        super().__init__(_ClockSelector(clock))
        self._clock = clock

    def time(self) -> float:
        """Return the board's time in seconds."""
        return self._clock.now_ns() / 1e9


class _ClockSelector(selectors.BaseSelector):
    """Waits for files as ever; but to wait for a time means to let the clock pass.

    What is ready at that moment comes first. A thread's result that takes real time will find
    that virtual time has gone on without it.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._files = selectors.DefaultSelector()

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None or timeout <= 0:
            return self._files.select(timeout)
        ready = self._files.select(0)
        if not ready:
            self._clock.sleep_ns(math.ceil(timeout * 1e9))
            ready = self._files.select(0)
        return ready

    def register(
        self, fileobj: FileDescriptorLike, events: int, data: Any = None
    ) -> selectors.SelectorKey:
        return self._files.register(fileobj, events, data)

    def unregister(self, fileobj: FileDescriptorLike) -> selectors.SelectorKey:
        return self._files.unregister(fileobj)

    def modify(
        self, fileobj: FileDescriptorLike, events: int, data: Any = None
    ) -> selectors.SelectorKey:
        return self._files.modify(fileobj, events, data)

    def get_map(self) -> Mapping[FileDescriptorLike, selectors.SelectorKey]:
        return self._files.get_map()

    def close(self) -> None:
        self._files.close()
