"""The lock of a bus."""

from __future__ import annotations

from _thread import RLock

from cpcompat.hal.refusals import deinited, noted

TYPE_CHECKING = False  # not typing's: that import costs more than all of this package
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn, Self


class Lockable:
    """A bus that only the thread holding its lock may use.

    Upstream knows no threads; here the thread that took the lock is the one that may transfer, so
    that two threads never mix their transfers, even when one of them forgot the lock.
    """

    _open = False
    _take: Callable[[], bool] | None = None
    """Takes the bus from other processes, too, where they can have it."""
    _give: Callable[[], object] | None = None

    def __init__(self) -> None:
        self._lock = RLock()
        # Asked before each transfer, and in C, as threading.Condition asks it: whose lock is it?
        self._holds: Callable[[], bool] = self._lock._is_owned  # type: ignore[attr-defined]

    def try_lock(self) -> bool:
        """Take the lock if it is free, at once and for one thread only.

        Returns:
            True when this call took it.

        Raises:
            ValueError: The object is deinited.
        """
        if not self._open:
            raise deinited()
        if self._holds() or not self._lock.acquire(False):
            return False
        if self._take is None or self._take():
            return True
        self._lock.release()
        return False

    def _share(self, bus: object) -> None:
        """Respect the bus's lock between processes, if it has one (see `cpcompat.hal.bus_lock`)."""
        self._take, self._give = getattr(bus, "lock", None), getattr(bus, "unlock", None)

    def unlock(self) -> None:
        """Give the lock back. Without a lock it does nothing.

        Raises:
            RuntimeError: Another thread holds the lock.
            ValueError: The object is deinited.
        """
        if not self._holds():
            if not self._open:
                raise deinited()
            if self._is_free():
                return
            self._refuse()
        try:
            if self._give is not None:
                self._give()
        finally:
            self._lock.release()

    def _is_free(self) -> bool:
        """Whether no thread holds the lock, asked by one that does not."""
        if free := self._lock.acquire(False):
            self._lock.release()
        return free

    def deinit(self) -> None:
        """Release the bus and its pins. Doing it again does nothing."""
        if not self._open:
            return
        self._open = False
        self._holds = _nobody
        self._close()

    def _close(self) -> None:
        raise NotImplementedError

    def _deinited(self) -> bool:
        return not self._open

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.deinit()

    def __del__(self) -> None:
        self.deinit()

    def _refuse(self) -> NoReturn:
        """Say why this thread may not transfer."""
        if not self._open:
            raise deinited()
        error = RuntimeError("Function requires lock")
        if self._is_free():
            raise noted(error, "Call try_lock() until it returns True, and unlock() afterwards.")
        raise noted(error, "Another thread holds the lock; each thread takes it for itself.")


def _nobody() -> bool:
    """No thread may use what is deinited."""
    return False
