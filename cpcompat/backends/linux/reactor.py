"""The one thread that fetches from the kernel what would be lost in its queues.

There is none until somebody asks for it, and it ends with the last who did. It sleeps until the kernel
has something (epoll(7)), and holds `LOCK` while it fetches: whoever shares what is fetched takes that.
"""

from __future__ import annotations

import os
from _thread import RLock, start_new_thread
from logging import getLogger
from select import EPOLLIN, epoll

from cpcompat.hal.errors import HalError

TYPE_CHECKING = False  # not typing's: that import costs more than this package
if TYPE_CHECKING:
    from collections.abc import Callable

LOCK = RLock()
"""Held while anything is fetched; never while a program's own code runs, but for finalisers.

They come at any moment, on a thread that may hold it, and `forget`: whoever holds it is ready for that.
"""


class _Watch:
    """One thread's work: by descriptor, what fetches from it."""

    __slots__ = ("bell", "fetch", "gone", "poll")

    def __init__(self) -> None:
        self.fetch: dict[int, Callable[[], None]] = {}
        self.gone: set[int] = set()
        self.poll = epoll()
        self.bell = os.eventfd(0, os.EFD_CLOEXEC)
        self.poll.register(self.bell, EPOLLIN)

    def run(self) -> None:
        """Fetch until nobody is left."""
        going = True
        while going:
            ready = self.poll.poll()
            with LOCK:
                for descriptor, _ in ready:
                    self._fetch(descriptor)
                going = bool(self.fetch)
        self.poll.close()
        os.close(self.bell)

    def _fetch(self, descriptor: int) -> None:
        fetch = self.fetch.get(descriptor)
        if fetch is None:
            return
        try:
            fetch()
        except HalError:
            # The chip is gone: its next reader is told. Here it would be ready for ever.
            getLogger(__name__).debug("nothing more comes", exc_info=True)
            self.poll.unregister(descriptor)
            self.gone.add(descriptor)


_now: list[_Watch] = []
"""The work of the thread that runs, if one does."""


def watch(descriptor: int, fetch: Callable[[], None]) -> None:
    """Call a function whenever a descriptor can be read, on the reactor's thread, with `LOCK` held.

    Args:
        descriptor: What to wait for.
        fetch: Reads all there is; raises HalError when nothing more will come.
    """
    with LOCK:
        if not _now:
            _now.append(_Watch())
            start_new_thread(_now[0].run, ())
        watched = _now[0]
        new = descriptor not in watched.fetch
        watched.fetch[descriptor] = fetch  # first: from now on it is nobody's to end
        if new:
            watched.poll.register(descriptor, EPOLLIN)


def forget(descriptor: int) -> None:
    """Wait for a descriptor no longer; the thread ends with the last."""
    with LOCK:
        watched = _now[0] if _now else None
        if watched is None or watched.fetch.pop(descriptor, None) is None:
            return
        if descriptor not in watched.gone:
            watched.poll.unregister(descriptor)
        watched.gone.discard(descriptor)
        if not watched.fetch and watched in _now:
            _now.clear()
            os.eventfd_write(watched.bell, 1)


def is_running() -> bool:
    """Return whether there is a thread."""
    return bool(_now)


def _in_child() -> None:
    """Begin without a thread, which a fork does not take along."""
    _now.clear()
    LOCK.release()


# Nobody else holds the lock at a fork, so in the child it can be given back.
os.register_at_fork(before=LOCK.acquire, after_in_parent=LOCK.release, after_in_child=_in_child)
