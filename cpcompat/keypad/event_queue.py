"""The presses and releases that a program has not taken yet."""

from __future__ import annotations

from collections import deque

from .event import Event

TYPE_CHECKING = False  # not typing's: that import costs more than all of this package
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self


class EventQueue:
    """A scanner's events, oldest first; each scanner makes its own.

    When it is full, what comes is dropped, and `overflowed` tells. After the scanner's ``deinit()``
    what is in it can still be taken.

    Raises:
        TypeError: A program made one.
    """

    __slots__ = ("_catch_up", "_events", "_most", "_overflowed")

    _catch_up: Callable[[], None]
    _events: deque[tuple[int, bool, int]]
    _most: int
    _overflowed: bool

    def __init__(self) -> None:
        raise TypeError("cannot create 'EventQueue' instances")

    @classmethod
    def _of(cls, catch_up: Callable[[], None], most: int) -> Self:
        """Return a scanner's queue.

        Args:
            catch_up: Has the scanner note what has happened by now.
            most: How many events it holds.
        """
        queue = object.__new__(cls)
        queue._catch_up, queue._most = catch_up, most
        queue._events, queue._overflowed = deque(), False
        return queue

    def _record(self, key_number: int, pressed: bool, timestamp: int) -> None:
        if len(self._events) < self._most:
            self._events.append((key_number, pressed, timestamp))
        else:
            self._overflowed = True

    def get(self) -> Event | None:
        """Take the oldest event; None when there is none."""
        self._catch_up()
        return Event(*self._events.popleft()) if self._events else None

    def get_into(self, event: Event) -> bool:
        """Take the oldest event into one that is there already.

        Args:
            event: What becomes it; left as it is when there is none.

        Returns:
            Whether there was one.

        Raises:
            TypeError: ``event`` is no `Event`.
        """
        if not isinstance(event, Event):
            raise TypeError(f"event must be of type Event, not {type(event).__name__}")
        self._catch_up()
        if not self._events:
            return False
        event._put(*self._events.popleft())
        return True

    def clear(self) -> None:
        """Drop all events, and forget that some were lost."""
        self._catch_up()
        self._events.clear()
        self._overflowed = False

    def __bool__(self) -> bool:
        return len(self) > 0

    def __len__(self) -> int:
        self._catch_up()
        return len(self._events)

    @property
    def overflowed(self) -> bool:
        """Whether an event was lost because the queue was full; `clear` makes it False."""
        self._catch_up()
        return self._overflowed
