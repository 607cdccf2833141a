"""The supervisor's hold on one program: its link, its process, and the ladder that ends it."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Callable

from cpcompat.protocol import Begin, Finish, Link, Message, ProtocolError

_log = logging.getLogger(__name__)

RELOAD_SIGNAL = signal.SIGRTMIN + 3
"""Raises ReloadException in a program; a real-time signal, which no program has a use for."""

WATCHDOG_SIGNAL = signal.SIGRTMIN + 4
"""Raises WatchDogTimeout in a program."""

RELOAD_LADDER = (
    (0.0, RELOAD_SIGNAL),
    (0.3, RELOAD_SIGNAL),
    (0.6, signal.SIGTERM),
    (0.9, signal.SIGKILL),
)
STOP_LADDER = (
    (0.0, RELOAD_SIGNAL),
    (0.25, RELOAD_SIGNAL),
    (0.5, RELOAD_SIGNAL),
    (0.75, RELOAD_SIGNAL),
    (1.0, signal.SIGTERM),
    (1.5, signal.SIGKILL),
)
"""Seconds after which a signal is sent: an exception first, again because one that comes inside a
finaliser is swallowed, then force."""
KILL_LADDER = ((0.0, signal.SIGKILL),)
"""What a press on reset is to a program."""
FINISH_LADDER = ((1.0, signal.SIGTERM), (1.5, signal.SIGKILL))
"""For a program that has ended and does not get through its finalisers."""
GIVE_UP_S = 3.0
"""How long after a ladder's end the death must be known; the largest heaps take 0.2 s."""


class Program:
    """One VM from its start until its processes are reaped.

    Args:
        begin: What it is to do.
        link: The link to it.
        handle: The pidfd of its process.
        received: Called with each of its messages.
        hangs: Called when not even SIGKILL has ended it.
        patience_s: How long to wait for that after the last rung of a ladder.
    """

    def __init__(
        self,
        begin: Begin,
        link: Link,
        handle: int,
        received: Callable[[Program, Message], None],
        hangs: Callable[[Program], None],
        patience_s: float = GIVE_UP_S,
    ) -> None:
        self.begin = begin
        link.set_blocking(False)
        self.ended = False
        self.reaped = False
        self.forced = False
        self._link: Link | None = link
        self._received = received
        self._hangs = hangs
        self._patience_s = patience_s
        self._handle = handle
        self._timers: list[asyncio.TimerHandle] = []
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(link.fileno(), self.read)
        link.send(begin)

    def read(self) -> None:
        """Take the messages that have come."""
        while self._link is not None:
            try:
                arrived = self._link.receive()
            except BlockingIOError:
                return
            except ProtocolError as error:
                # User code can write to any descriptor it has; what it writes is not obeyed.
                _log.warning("a message of the program was not understood: %s", error)
                continue
            if arrived is None:
                self._close_link()
                return
            message, descriptors = arrived
            for descriptor in descriptors:
                os.close(descriptor)
            self._received(self, message)

    def send(self, message: Message) -> None:
        """Send it a message; one that has gone is no error."""
        if self._link is not None:
            try:
                self._link.send(message)
            except BlockingIOError:
                _log.warning("a program that does not listen missed %s", type(message).__name__)
            except OSError:
                self._close_link()

    def finish(self) -> None:
        """Let it run its finalisers and exit, within bounds."""
        self.send(Finish())
        self.climb(FINISH_LADDER)

    def climb(self, ladder: tuple[tuple[float, int], ...]) -> None:
        """Go up a ladder of signals from its first rung, instead of any other under way."""
        self._cancel()
        for seconds, number in ladder:
            self._timers.append(self._loop.call_later(seconds, self._rung, number))
        last_s = ladder[-1][0] + self._patience_s
        self._timers.append(self._loop.call_later(last_s, self._hangs, self))

    def _rung(self, number: int) -> None:
        if number == RELOAD_SIGNAL and self.ended:
            return
        if number in (signal.SIGTERM, signal.SIGKILL):
            self.forced = True
        self.signal(number)

    def signal(self, number: int) -> None:
        """Send its process a signal; one that has gone is no error."""
        if self._handle < 0 or self.reaped:
            return
        try:
            signal.pidfd_send_signal(self._handle, number)
        except ProcessLookupError:
            return

    def _cancel(self) -> None:
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()

    def _close_link(self) -> None:
        if self._link is not None:
            self._loop.remove_reader(self._link.fileno())
            self._link.close()
            self._link = None

    def close(self) -> None:
        """Forget it; its processes are reaped."""
        self.reaped = True
        self._cancel()
        self._close_link()
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1
