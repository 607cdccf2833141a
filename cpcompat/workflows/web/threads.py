"""Threads for what may wait for the disk; one that waits for ever holds up nobody who leaves.

A `concurrent.futures` pool would: the interpreter joins its threads at exit, however long a disk of
the network is dead. These are daemons, and who closes them waits for so long and no longer.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any, ParamSpec, TypeVar

_P = ParamSpec("_P")
_T = TypeVar("_T")


class Threads:
    """A few threads, made when they are first needed.

    Args:
        most: How many at most.
        name: What they are called.
    """

    def __init__(self, most: int, name: str) -> None:
        self._most = most
        self._name = name
        self._jobs: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._count = 0
        self._undone: set[Future[Any]] = set()
        self._closed = False

    async def do(self, function: Callable[_P, _T], *words: _P.args, **named: _P.kwargs) -> _T:
        """Call what may block, in a thread.

        Raises:
            ConnectionAbortedError: They are closed.
        """
        if self._closed:
            raise ConnectionAbortedError("the board leaves")
        future: Future[_T] = Future()

        def work() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                result = function(*words, **named)
            except BaseException as error:  # whoever waits gets it, as in a pool
                future.set_exception(error)
            else:
                future.set_result(result)

        self._put(work)
        self._undone.add(future)
        try:
            return await asyncio.wrap_future(future)
        finally:
            if future.done():
                self._undone.discard(future)

    def _put(self, work: Callable[[], None]) -> None:
        busy = sum(not future.done() for future in self._undone)
        if self._count < self._most and busy >= self._count:
            name = f"{self._name}-{self._count}"
            threading.Thread(target=self._serve, name=name, daemon=True).start()
            self._count += 1
        self._jobs.put(work)

    def _serve(self) -> None:
        while (work := self._jobs.get()) is not None:
            work()

    async def close(self, patience_s: float) -> bool:
        """Take no more, forget what has not begun, and wait for what has.

        Args:
            patience_s: How long to wait.

        Returns:
            Whether all of it has ended; if not, a thread still uses what it was given.
        """
        self._closed = True
        begun = [future for future in self._undone if not future.cancel() and not future.done()]
        for _ in range(self._count):
            self._jobs.put(None)
        if not begun:
            return True
        waiting = [asyncio.wrap_future(future) for future in begun]
        _, late = await asyncio.wait(waiting, timeout=patience_s)
        return not late
