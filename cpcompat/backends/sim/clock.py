"""Virtual time: a clock that only moves when somebody spends time."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Protocol

from cpcompat.hal.background import Chores

if TYPE_CHECKING:
    from collections.abc import Callable


class Events(Protocol):
    """What is bound to happen at times to come."""

    @property
    def lock(self) -> threading.RLock:
        """What is held while things happen."""
        ...

    def next_event_ns(self) -> int | None:
        """Return when the next thing happens, or None."""
        ...

    def advance(self) -> None:
        """Let everything happen that is due by now."""
        ...


class VirtualClock:
    """A clock on which sleeping costs no time: it jumps, and what is due on the way happens.

    Each event happens at its own time, in order. Two threads that sleep spend the sum of their
    times: there is one clock, and nobody waits for anybody.

    Args:
        start_ns: The time at first.
    """

    def __init__(self, start_ns: int = 0) -> None:
        self._now_ns = start_ns
        self._lock: threading.RLock = threading.RLock()
        self._next: Callable[[], int | None] = _never
        self._advance: Callable[[], None] = _nothing
        self._firing = False
        self._chores = Chores()

    def bind(self, events: Events) -> None:
        """Have these events happen whenever the clock passes their times."""
        self._lock = events.lock
        self._next = events.next_event_ns
        self._advance = events.advance

    def now_ns(self) -> int:
        """See `cpcompat.hal.clock.Clock.now_ns`."""
        return self._now_ns

    def sleep_ns(self, duration_ns: int) -> None:
        """See `cpcompat.hal.clock.Clock.sleep_ns`."""
        self._chores.pass_until(self._now_ns + duration_ns, self.run_until)

    def each(self, interval_ns: int, work: Callable[[], object]) -> Callable[[], None]:
        """See `cpcompat.hal.clock.Clock`."""
        return self._chores.each(self._now_ns, interval_ns, work)

    def run_until(self, target_ns: int) -> None:
        """Pass on to a time; what is due before it happens first. A time gone by changes nothing."""
        with self._lock:
            due = self._next()
            if due is not None and due <= target_ns and not self._firing:
                self._fire_until(target_ns)
            self._now_ns = max(self._now_ns, target_ns)

    def _fire_until(self, target_ns: int) -> None:
        """Stop at each event on the way. Time that an event itself spends fires none in it."""
        self._firing = True
        try:
            while (due := self._next()) is not None and due <= target_ns:
                self._now_ns = max(self._now_ns, due)
                self._advance()
                if (left := self._next()) is not None and left <= self._now_ns:
                    return  # An event is being handled further up, which sees to the rest.
        finally:
            self._firing = False


def _never() -> int | None:
    return None


def _nothing() -> None:
    return None
