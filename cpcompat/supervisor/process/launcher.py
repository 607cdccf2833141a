"""The supervisor's end of the zygote: asks for processes and hears of their ends."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable
from typing import Any

from cpcompat.errors import CpcompatError
from cpcompat.protocol import (
    Keep,
    KeepTerminal,
    Link,
    Message,
    ProtocolError,
    Reaped,
    ServiceEnded,
    Spawned,
    SpawnProgram,
    SpawnService,
)
from cpcompat.supervisor.process import kernel, zygote

_log = logging.getLogger(__name__)


class Launcher:
    """Starts programs and services by the zygote, and starts the zygote anew if it dies.

    Args:
        link: The link to the zygote that `cpcompat.supervisor.process.zygote.start` made.
        pid: The zygote's process id.
        reaped: Called with pid and status when a program and all that it left have ended; with
            the program's pid and status -1 when the zygote died and took it along.
    """

    def __init__(self, link: Link, pid: int, reaped: Callable[[int, int], None]) -> None:
        self._link = link
        self._zygote = pid
        self._told = reaped
        self._services: set[int] = set()
        self._program = 0
        self._keep: Callable[[], tuple[str, list[int]]] | None = None
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(link.fileno(), self._read)

    def keep(self, spare: Callable[[], tuple[str, list[int]]]) -> None:
        """Give the zygote what it needs to bring the lines back when the supervisor is dead.

        Args:
            spare: Returns the backend's module and descriptors for it; asked again for each zygote.
        """
        self._keep = spare
        backend, descriptors = spare()
        self._link.send(Keep(backend), tuple(descriptors))
        _close_all(descriptors)

    def keep_terminal(self, descriptor: int, attributes: list[Any]) -> None:
        """Have the zygote put a terminal back when the supervisor is dead."""
        self._link.send(KeepTerminal({"termios": attributes}), (descriptor,))

    def start_program(self, memory_limit: int, descriptors: list[int]) -> int:
        """Fork a program; return its pidfd, which is the caller's to close.

        Args:
            memory_limit: The most bytes of data, or 0.
            descriptors: The console's slave, the link, then the grant's; all are closed here.
        """
        self._program, handle = self._spawn(SpawnProgram(memory_limit), descriptors)
        return handle

    def launch(self, module: str, arguments: dict[str, object], descriptors: list[int]) -> int:
        """Fork a service; see `cpcompat.hal.backend.Launch`."""
        copies = [os.dup(descriptor) for descriptor in descriptors]
        pid, handle = self._spawn(SpawnService(module, arguments), copies)
        os.close(handle)
        self._services.add(pid)
        return pid

    @property
    def program(self) -> int:
        """The pid of the program that was started last, 0 once it has been reaped."""
        return self._program

    def _spawn(self, order: SpawnProgram | SpawnService, descriptors: list[int]) -> tuple[int, int]:
        try:
            self._link.send(order, tuple(descriptors))
            while True:
                arrived = self._link.receive()
                if arrived is None:
                    raise CpcompatError("the zygote has died")
                message, received = arrived
                if isinstance(message, Spawned):
                    return message.pid, received[0]
                self._loop.call_soon(self._take, message)
        finally:
            _close_all(descriptors)

    def _read(self) -> None:
        try:
            arrived = self._link.receive()
        except ProtocolError as error:
            _log.error("the zygote said what was not understood: %s", error)
            return
        if arrived is None:
            self._start_anew()
        else:
            self._take(arrived[0])

    def _take(self, message: Message) -> None:
        if isinstance(message, Reaped) and message.pid == self._program:
            self._program = 0
            self._told(message.pid, message.status)
        elif isinstance(message, ServiceEnded):
            _log.warning("a service ended with status %d", message.status)
            self._services.discard(message.pid)

    def _start_anew(self) -> None:
        """The zygote has died: end what it left, and make another."""
        _log.error("the zygote died; another one is started")
        self._loop.remove_reader(self._link.fileno())
        self._link.close()
        kernel.sweep(self._services)
        self._link, self._zygote = zygote.start()
        self._loop.add_reader(self._link.fileno(), self._read)
        if self._keep is not None:
            self.keep(self._keep)
        if self._program:
            lost, self._program = self._program, 0
            self._told(lost, -1)

    def close(self) -> None:
        """End the zygote, and with it whatever it still has."""
        self._loop.remove_reader(self._link.fileno())
        self._link.close()
        os.waitpid(self._zygote, 0)


def _close_all(descriptors: list[int]) -> None:
    for descriptor in descriptors:
        os.close(descriptor)
