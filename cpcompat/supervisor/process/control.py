"""The control socket: the commands that speak to a running supervisor.

A line of JSON comes, a line of JSON goes; ``console`` makes the rest of the connection a terminal.
The socket is private to the user, and whoever connects is asked of the kernel.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import socket
import struct
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from cpcompat import unix_socket
from cpcompat.supervisor.process.machine import IDLE, Event
from cpcompat.supervisor.process.remote_viewer import RemoteViewer

if TYPE_CHECKING:
    from cpcompat.supervisor.process.loop import Supervisor

Order: TypeAlias = Callable[[dict[str, Any]], dict[str, Any]]
"""Answers an order, which is given as it came."""
_log = logging.getLogger(__name__)
NAME = "control"
"""The socket's name in the drive's run folder."""
LINE_LIMIT = 4096
"""The most bytes of one line, both ways."""
_MOST_CLIENTS = 16
_CREDENTIALS = struct.Struct("iII")  # struct ucred of sys/socket.h: pid, uid, gid


class Control:
    """Listens for commands.

    Args:
        supervisor: Who obeys them.
        folder: The drive's run folder.
    """

    def __init__(self, supervisor: Supervisor, folder: Path) -> None:
        self._up = supervisor
        self._loop = asyncio.get_running_loop()
        self._clients: dict[socket.socket, bytearray] = {}
        self._path = folder / NAME
        # One that a killed supervisor has left is nobody's: we have the lock.
        self._socket = unix_socket.listen(self._path)
        self._socket.setblocking(False)
        self._loop.add_reader(self._socket, self._accept)

    def _accept(self) -> None:
        try:
            client, _ = self._socket.accept()
        except OSError as error:
            _log.warning("nobody can be let in at the control socket: %s", error)
            return
        if len(self._clients) >= _MOST_CLIENTS or not is_ours(client):
            client.close()
            return
        client.setblocking(False)
        self._clients[client] = bytearray()
        self._loop.add_reader(client, self._read, client)

    def _read(self, client: socket.socket) -> None:
        line = self._clients[client]
        try:
            data = client.recv(LINE_LIMIT + 1 - len(line))
        except OSError:
            data = b""
        line += data
        if not data or (b"\n" not in line and len(line) > LINE_LIMIT):
            self._forget(client)
            client.close()
        elif b"\n" in line:
            self._forget(client)
            order, _, rest = bytes(line).partition(b"\n")
            self._obey(client, order, rest)

    def _forget(self, client: socket.socket) -> None:
        self._loop.remove_reader(client)
        del self._clients[client]

    def _obey(self, client: socket.socket, line: bytes, rest: bytes) -> None:
        try:
            order = json.loads(line)
        except (ValueError, RecursionError):
            order = None
        answer = self._answer(order if isinstance(order, dict) else {})
        try:
            client.send(json.dumps(answer).encode("ascii") + b"\n")
        except OSError:
            answer = {}
        if answer.get("console"):
            self._up.add_viewer(lambda typed: RemoteViewer(client, typed, self._up.console), rest)
        else:
            client.close()

    def _answer(self, order: dict[str, Any]) -> dict[str, Any]:
        up = self._up
        what = order.get("order")
        if what == "status":
            return self._status()
        if what == "reload":
            up.facts.set("run_reason", "SUPERVISOR_RELOAD")
            up.post(Event.CTRL_D if up.state in IDLE else Event.RELOAD)
        elif what == "reset":
            up.hard_reset("RESET_PIN", "USER" if order.get("safe") is True else "")
        elif what in up.orders:
            return up.orders[what](order)
        elif what != "console":
            return {"error": "no such order"}
        return {"done": what, "console": what == "console"}

    def _status(self) -> dict[str, Any]:
        up = self._up
        board = up.options.board
        return {
            "pid": os.getpid(),
            "drive": str(up.options.drive),
            "board": board.id,
            "board_name": board.name,
            "state": up.state.value,
            "run_reason": up.facts.get("run_reason"),
            "auto_reload": up.memory.auto_reload,
            "safe_mode": up.memory.safe,
            "console": up.stages.console_path,
        }

    def close(self) -> None:
        """Hear nobody any more."""
        for client in list(self._clients):
            self._forget(client)
            client.close()
        self._loop.remove_reader(self._socket)
        self._socket.close()
        self._path.unlink(missing_ok=True)


def is_ours(client: socket.socket) -> bool:
    """Tell whether the process at the other end is this user's, or root's."""
    said = client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    return _CREDENTIALS.unpack(said)[1] in (os.getuid(), 0)
