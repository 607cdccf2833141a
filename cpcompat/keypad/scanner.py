"""What the three kinds of scanners have in common: debouncing, the queue, an end."""

from __future__ import annotations

from _thread import RLock

from cpcompat.hal.arguments import checked_int, in_range
from cpcompat.hal.clock import ticks_ms
from cpcompat.hal.errors import Fault, HalError
from cpcompat.hal.refusals import deinited, refusal

from .event_queue import EventQueue

TYPE_CHECKING = False  # not typing's: that import costs more than all of this package
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Self

    from cpcompat.hal import Machine
    from cpcompat.hal.pin import Pin
    from cpcompat.hal.refusals import Hold, Refusals

FAULTS: Refusals = {
    Fault.BUSY: (ValueError, "{where} in use"),
    Fault.UNSUPPORTED: (ValueError, "Invalid pin"),
}
_TICK_NS = 1_000_000_000 // 1024
"""The shortest interval: upstream scans in its tick."""


class Scanner:
    """Keys that are looked at again and again.

    A key has changed when as many looks found it changed as ``debounce_threshold`` says, those that
    did not counting against it. A key that is down when the scanner is made is no event.

    Args:
        interval: Seconds between two looks.
        max_events: How many events wait for the program, from 1.
        debounce_threshold: How many looks make a change, 1 to 127.

    Raises:
        TypeError: One of them is no number.
        ValueError: One of them is out of range.
    """

    __slots__ = (
        *("__weakref__", "_clock", "_counters", "_events", "_hold", "_interval_ns"),
        *("_lock", "_next_ns", "_open", "_threshold"),
    )

    _hold: Hold

    def __init__(self, interval: float, max_events: int, debounce_threshold: int) -> None:
        self._open = False
        self._interval_ns = _interval_ns(interval)
        if checked_int(max_events) < 1:
            raise ValueError("max_events must be >= 1")
        self._threshold = in_range(debounce_threshold, 1, 127, "debounce_threshold")
        self._events = EventQueue._of(self._catch_up, max_events)
        self._counters: list[int] = []
        self._lock = RLock()

    def _start(self, machine: Machine, key_count: int) -> None:
        """Look for the first time; the lines are open."""
        self._clock = machine.backend.clock
        self._counters = [0] * key_count
        self._next_ns = self._clock.now_ns()
        self._scan(self._next_ns)
        self._open = True

    def _catch_up(self) -> None:
        """Look, if it is time to; what cannot be looked at is the program's to know."""
        with self._lock:
            try:
                if self._open and (now_ns := self._clock.now_ns()) >= self._next_ns:
                    self._scan(now_ns)
            except HalError as error:
                raise refusal(error, FAULTS) from None

    def _scan(self, now_ns: int) -> None:
        """Look at all keys, and say when to look next."""
        raise NotImplementedError

    def _found(self, key: int, pressed: bool, time_ns: int) -> None:
        """Take in what a look found of one key."""
        step = 1 if pressed else -1
        most = step * self._threshold
        if self._counters[key] == most:
            return
        self._counters[key] += step
        if self._counters[key] == 0:
            self._counters[key] = most
            self._events._record(key, pressed, ticks_ms(time_ns))

    def reset(self) -> None:
        """Take all keys for released: each that is down is pressed anew.

        Raises:
            ValueError: The object is deinited.
        """
        self._catch_up()
        with self._lock:
            self._check()
            self._counters = [-self._threshold] * len(self._counters)
            self._next_ns = self._clock.now_ns()
        self._catch_up()

    def deinit(self) -> None:
        """Stop looking and release the pins. Doing it again does nothing."""
        with self._lock:
            if not self._open:
                return
            self._open = False
            try:
                self._close()
            finally:
                self._hold.release()

    def _close(self) -> None:
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.deinit()

    def __del__(self) -> None:
        if getattr(self, "_open", False):
            self.deinit()

    def _check(self) -> None:
        if not self._open:
            raise deinited()

    @property
    def key_count(self) -> int:
        """How many keys are looked at."""
        self._check()
        return len(self._counters)

    @property
    def events(self) -> EventQueue:
        """The presses and releases that have not been taken."""
        self._check()
        return self._events


def _interval_ns(interval: object) -> int:
    if isinstance(interval, bool) or not isinstance(interval, (int, float)):
        raise TypeError(f"interval must be of type float, not {type(interval).__name__}")
    if interval < 0:
        raise ValueError("interval must be >= 0")
    return max(round(interval * 1e9), _TICK_NS)


def differing(pins: Sequence[Pin], words: str) -> tuple[Pin, ...]:
    """Return pins that are all different.

    Raises:
        ValueError: Two are the same; the words say which argument it was.
    """
    if len(set(pins)) != len(pins):
        raise ValueError(words)
    return tuple(pins)
