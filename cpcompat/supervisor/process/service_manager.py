"""Tells systemd how the supervisor is, where that started it and asks (sd_notify(3)).

The messages are plain text on a socket that ``NOTIFY_SOCKET`` names. ``WATCHDOG_USEC`` tells how soon
systemd takes the supervisor for dead; its loop says that it lives twice in that time.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cpcompat.supervisor.process.loop import Supervisor

_log = logging.getLogger(__name__)
_TIMES = 2


@contextmanager
def beside(supervisor: Supervisor) -> Iterator[None]:
    """Tell for as long as this lasts; without systemd nothing is told."""
    manager = ServiceManager(os.environ)
    manager.begin()
    supervisor.listeners.append(lambda: manager.status(supervisor.state.name))
    try:
        yield
    finally:
        manager.end()


class ServiceManager:
    """The way to whoever started this process as a service.

    Args:
        environment: What systemd passed.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        name = environment.get("NOTIFY_SOCKET", "")
        self._address = f"\0{name[1:]}" if name.startswith("@") else name
        asked = environment.get("WATCHDOG_USEC", "")
        ours = environment.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        self._every_s = int(asked) / 1e6 / _TIMES if asked.isdecimal() and ours else 0.0
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None

    def begin(self) -> None:
        """Say that the service is up, and from now on that it lives, if that is asked."""
        self._tell("READY=1")
        if self._every_s > 0 and self._address:
            self._live()

    def _live(self) -> None:
        self._tell("WATCHDOG=1")
        self._timer = self._loop.call_later(self._every_s, self._live)

    def status(self, state: str) -> None:
        """Say what the board is doing, for ``systemctl status``."""
        self._tell(f"STATUS=The board's state is {state}.")

    def end(self) -> None:
        """Say that the service is about to end."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._tell("STOPPING=1")

    def _tell(self, message: str) -> None:
        if not self._address:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
                end.setblocking(False)
                end.sendto(message.encode(), self._address)
        except OSError as error:
            _log.warning("the service manager does not listen any more: %s", error)
            self._address = ""
