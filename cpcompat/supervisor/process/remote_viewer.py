"""A viewer at the other end of a socket: a terminal that came later, and may go again."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING

from cpcompat.supervisor.process.viewers import FULL, Outlet

if TYPE_CHECKING:
    from cpcompat.supervisor.process.console import Console
    from cpcompat.supervisor.process.viewers import Typed

_READ = 65536


class RemoteViewer:
    """Shows the console to one connection until it ends; see `Viewer`.

    Args:
        client: The connection; it is closed here.
        typed: Gets what is typed.
        console: Where to leave when the connection has ended.
    """

    is_terminal = True

    def __init__(self, client: socket.socket, typed: Typed, console: Console) -> None:
        self.connected = True
        self._client = client
        self._typed = typed
        self._console = console
        self._out = Outlet(client.fileno(), lambda: None)
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(client, self._read)

    def _read(self) -> None:
        try:
            data = self._client.recv(_READ)
        except OSError:
            data = b""
        if data:
            self._typed(data)
        else:
            self._console.remove(self)
            self.close()

    def show(self, data: bytes) -> None:
        """See `Viewer.show`: what one that does not read has no room for is dropped."""
        if len(self._out) + len(data) <= FULL:
            self._out.put(data)

    def is_full(self) -> bool:
        """See `Viewer.is_full`: this one drops instead."""
        return False

    async def drain(self) -> None:
        """See `Viewer.drain`: nobody waits for one who looks on."""

    def close(self) -> None:
        """See `Viewer.close`."""
        if self.connected:
            self.connected = False
            self._loop.remove_reader(self._client)
            self._out.clear()
            self._client.close()
