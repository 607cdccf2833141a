"""The time of a circuit and what is bound to happen on it."""

from __future__ import annotations

import logging
import threading
from collections import deque
from heapq import heappop, heappush
from typing import TYPE_CHECKING

from cpcompat.backends.sim.clock import VirtualClock
from cpcompat.backends.sim.records import CircuitFault
from cpcompat.errors import CircuitError

if TYPE_CHECKING:
    from collections.abc import Callable

    from cpcompat.hal.clock import Clock

_log = logging.getLogger(__name__)


class Timeline:
    """A clock with a queue of events.

    Nothing runs in the background: events that are due happen when somebody next looks, and are
    stamped with their own time, not with the looker's.

    Synchronization: any thread; events happen one at a time, under the lock.

    Args:
        clock: The circuit's time.
        strict: Raise `CircuitError` on the first fault instead of only keeping it.

    Attributes:
        clock: The circuit's time.
        lock: Held while the circuit changes.
        strict: See above.
        faults: The last faults, oldest first.
    """

    def __init__(self, clock: Clock, strict: bool = False) -> None:
        self.clock = clock
        self.lock = threading.RLock()
        self.strict = strict
        self.faults: deque[CircuitFault] = deque(maxlen=1000)
        self._known_faults: set[tuple[str, str]] = set()
        self._queue: list[tuple[int, int, Callable[[], None]]] = []
        self._count = 0
        self._event_ns: int | None = None
        self._last_ns = 0
        self._changed = threading.Condition(self.lock)
        self._spend: Callable[[int], None] | None = None
        if isinstance(clock, VirtualClock):
            clock.bind(self)
            self._spend = clock.sleep_ns

    def now_ns(self) -> int:
        """Return the circuit's time; while an event happens, the event's own time."""
        event_ns = self._event_ns
        return self.clock.now_ns() if event_ns is None else event_ns

    def at(self, time_ns: int, action: Callable[[], None]) -> None:
        """Have something done at a time; at once if it has come already."""
        with self.lock:
            self._count += 1
            heappush(self._queue, (time_ns, self._count, action))
            self._changed.notify_all()
        self.advance()

    def next_event_ns(self) -> int | None:
        """Return the time of the next event, or None when nothing is bound to happen."""
        queue = self._queue
        return queue[0][0] if queue else None

    def advance(self) -> None:
        """Let everything happen that is due by now. Inside an event it does nothing."""
        queue = self._queue
        try:
            if queue[0][0] > self.clock.now_ns():
                return
        except IndexError:  # empty, or emptied by another thread just now
            return
        with self.lock:
            if self._event_ns is not None:
                return
            try:
                while queue and queue[0][0] <= self.clock.now_ns():
                    self._event_ns, _, action = heappop(queue)
                    self._do(action)
            finally:
                self._event_ns = None

    def as_of(self, time_ns: int, action: Callable[[], None]) -> None:
        """Do something now that somebody did a little earlier, with its own time.

        What was due by then happens first. On virtual time there is no earlier.
        """
        self.advance()
        with self.lock:
            if self._spend is None and self._event_ns is None:
                self._last_ns = self._event_ns = max(self._last_ns, time_ns)
            try:
                action()
            finally:
                self._event_ns = None

    def _do(self, action: Callable[[], None]) -> None:
        try:
            action()
        except CircuitError:
            raise
        except Exception as error:
            _log.exception("an event of the circuit failed")
            self.fault("event", f"{type(error).__name__}: {error}")

    def spend(self, duration_ns: int) -> None:
        """Let the time of a wire pass: on virtual time at once, on real time not at all."""
        if self._spend is not None:
            self._spend(duration_ns)

    def wait(self, until_ns: int) -> None:
        """Wait for the next event or for a time, whichever comes first. May return early.

        On virtual time it jumps there. On real time a new event, `wake` and a signal end it.
        """
        due = self.next_event_ns()
        target_ns = until_ns if due is None else min(due, until_ns)
        delay_ns = target_ns - self.clock.now_ns()
        if self._spend is not None:
            self._spend(max(delay_ns, 0))
        elif delay_ns > 0:
            with self._changed:
                if self.next_event_ns() == due:
                    self._changed.wait(min(delay_ns / 1e9, 3600.0))
        self.advance()

    def wake(self) -> None:
        """End what waits in `wait`: something has changed that is not an event."""
        with self._changed:
            self._changed.notify_all()

    def fault(self, where: str, what: str) -> None:
        """Keep a fault, and log it the first time.

        Raises:
            CircuitError: The circuit is strict.
        """
        fault = CircuitFault(self.now_ns(), where, what)
        self.faults.append(fault)
        if (where, what) not in self._known_faults:
            self._known_faults.add((where, what))
            _log.warning("%s", fault)
        if self.strict:
            raise CircuitError(str(fault))
