"""Work that goes on beside a program: what a microcontroller does in its tick.

On the host's own clock a thread does it. On virtual time whoever passes time does it on the way.
"""

from __future__ import annotations

from _thread import allocate_lock, start_new_thread

TYPE_CHECKING = False  # not typing's: that import costs more than all of this package
if TYPE_CHECKING:
    from collections.abc import Callable

    from cpcompat.hal.clock import Clock


def each(clock: Clock, interval_ns: int, work: Callable[[], object]) -> Callable[[], None]:
    """Call a function again and again, beside the program.

    Args:
        clock: The board's time.
        interval_ns: How long to wait between two calls.
        work: The function; it raises nothing.

    Returns:
        A function that ends it, from any thread; calling that again does nothing.
    """
    by_the_clock = getattr(clock, "each", None)
    if by_the_clock is not None:
        stop: Callable[[], None] = by_the_clock(interval_ns, work)
        return stop
    return _by_thread(interval_ns, work)


def _by_thread(interval_ns: int, work: Callable[[], object]) -> Callable[[], None]:
    bell = allocate_lock()
    bell.acquire()

    def run() -> None:
        while not bell.acquire(timeout=interval_ns / 1e9):
            work()

    def stop() -> None:
        if bell.locked():
            bell.release()

    start_new_thread(run, ())
    return stop


class _Chore:
    """One function, and when it is due next."""

    __slots__ = ("due_ns", "interval_ns", "work")

    def __init__(self, due_ns: int, interval_ns: int, work: Callable[[], object]) -> None:
        self.due_ns, self.interval_ns, self.work = due_ns, interval_ns, work


class Chores:
    """What is to be done as virtual time passes, for a clock of that kind.

    Synchronization: the thread that passes the time.
    """

    __slots__ = ("_at_work", "_chores")

    def __init__(self) -> None:
        self._chores: list[_Chore] = []
        self._at_work = False

    def each(self, now_ns: int, interval_ns: int, work: Callable[[], object]) -> Callable[[], None]:
        """Take a function up; return what ends it. See `cpcompat.hal.clock.Clock`."""
        chore = _Chore(now_ns + interval_ns, interval_ns, work)
        self._chores.append(chore)

        def stop() -> None:
            if chore in self._chores:
                self._chores.remove(chore)

        return stop

    def pass_until(self, target_ns: int, go: Callable[[int], None]) -> None:
        """Pass time, and stop at each moment at which something is due.

        Args:
            target_ns: When to end.
            go: Passes time until a moment. Time that a function spends itself calls none.
        """
        while self._chores and not self._at_work:
            chore = min(self._chores, key=_due_ns)
            if chore.due_ns > target_ns:
                break
            go(chore.due_ns)
            chore.due_ns += chore.interval_ns
            self._at_work = True
            try:
                chore.work()
            finally:
                self._at_work = False
        go(target_ns)


def _due_ns(chore: _Chore) -> int:
    return chore.due_ns
