"""One request at a time over a connection that threads share, though finalisers break in.

CPython may collect garbage in the middle of a request. What it finds may be an object at a pin, which
wants to be closed: over the same connection, on the same thread.
"""

from __future__ import annotations

from _thread import RLock
from contextlib import suppress

from cpcompat.hal.errors import HalError

TYPE_CHECKING = False  # not typing's: that import costs more than all of this package
if TYPE_CHECKING:
    from collections.abc import Callable


class Turns:
    """The right to make a request: a context around each.

    Synchronization: any thread.
    """

    __slots__ = ("_later", "_lock", "_mine")

    def __init__(self) -> None:
        self._lock = RLock()
        self._mine: Callable[[], bool] = self._lock._is_owned  # type: ignore[attr-defined]
        self._later: list[Callable[[], object]] = []

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, *exception: object) -> None:
        try:
            while self._later:
                with suppress(HalError):  # who wanted it has gone
                    self._later.pop(0)()
        finally:
            self._lock.release()

    def after(self, work: Callable[[], object]) -> None:
        """Do something that makes a request: now, or at the end of this thread's request.

        In the latter case a `HalError` is passed over.
        """
        if self._mine():
            self._later.append(work)
        else:
            work()
