"""``/cpcompat/live``: pins, buses and simulated parts as a WebSocket, and their knobs the other way."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from aiohttp import WSMsgType, web

from cpcompat.workflows.web import http
from cpcompat.workflows.web.bucket import Bucket
from cpcompat.workflows.web.newest import Newest

if TYPE_CHECKING:
    from aiohttp import WSMessage

    from cpcompat.supervisor.process.board_view import BoardView
    from cpcompat.workflows.web.http import Request

LONGEST = 2048
"""The most bytes of one message that comes in."""
_MOST_VIEWERS = 8
_HEARTBEAT_S = 30.0
_PATIENCE_S = 10.0
"""How long a viewer may take for one message; who is slower is dropped."""
_AT_ONCE, _EACH_SECOND = 200, 100.0
"""Messages that may come in: a page sends one each time the screen is drawn while a knob turns."""
_NAME = 100
_LARGEST = 10.0**15


class LiveViewer:
    """One who looks on; see `cpcompat.supervisor.process.board_view.Onlooker`.

    Args:
        socket: The connection.
    """

    def __init__(self, socket: web.WebSocketResponse) -> None:
        self.socket = socket
        self.messages = Bucket(_AT_ONCE, _EACH_SECOND)
        self._newest = Newest()
        self._news = asyncio.Event()

    def take(self, message: dict[str, Any]) -> None:
        """See `Onlooker.take`: for one that does not keep up, only the newest is kept."""
        self._newest.put(message)
        self._news.set()

    def refuse(self, why: str) -> None:
        """Tell why something was not done."""
        self.take({"type": "error", "text": why})

    async def pump(self) -> None:
        """Send what is told, until the connection ends or takes too long."""
        while True:
            await self._news.wait()
            self._news.clear()
            while (message := self._newest.get()) is not None:
                text = json.dumps(message, ensure_ascii=False, separators=(",", ":"))
                await asyncio.wait_for(self.socket.send_str(text), _PATIENCE_S)


class Live:
    """The WebSockets that look at the board.

    Args:
        view: The board.
    """

    def __init__(self, view: BoardView) -> None:
        self._view = view
        self.viewers: list[LiveViewer] = []

    async def answer(self, request: Request) -> web.StreamResponse:
        """Serve a WebSocket until it ends."""
        socket = web.WebSocketResponse(
            max_msg_size=LONGEST, compress=False, heartbeat=_HEARTBEAT_S, timeout=2.0
        )
        await socket.prepare(request)
        if len(self.viewers) >= _MOST_VIEWERS:
            await socket.close(code=1013, message=b"too many viewers")
            return socket
        viewer = LiveViewer(socket)
        self.viewers.append(viewer)
        pump = asyncio.create_task(_pumped(viewer, request))
        self._view.add(viewer)
        try:
            async for message in socket:
                if not viewer.messages.take():
                    await socket.close(code=1008, message=b"too many messages")
                    break
                self._hear(viewer, message)
        finally:
            self._view.remove(viewer)
            self.viewers.remove(viewer)
            pump.cancel()
        return socket

    def _hear(self, viewer: LiveViewer, message: WSMessage) -> None:
        if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
            return
        setting = _setting(message.data)
        if setting is None:
            viewer.refuse('Not understood. A knob turns by {"set": {"part", "knob", "value"}}.')
        else:
            self._view.turn(*setting, viewer.refuse)

    async def close(self) -> None:
        """Say goodbye to all."""
        await http.say_goodbye([viewer.socket for viewer in self.viewers])


async def _pumped(viewer: LiveViewer, request: Request) -> None:
    try:
        await viewer.pump()
    except (OSError, TimeoutError):
        await http.cut(request, viewer.socket)  # it does not read, or is gone


def _setting(data: str | bytes) -> tuple[str, str, float | bool | str] | None:
    """Return part, knob and value of a message, None for what is none."""
    try:
        said = json.loads(data, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    wanted = said.get("set") if isinstance(said, dict) else None
    if not isinstance(wanted, dict):
        return None
    part, knob, value = wanted.get("part"), wanted.get("knob"), wanted.get("value")
    if not (isinstance(part, str) and isinstance(knob, str)) or len(part) + len(knob) > _NAME:
        return None
    if isinstance(value, bool) or (isinstance(value, str) and len(value) <= _NAME):
        return part, knob, value
    if isinstance(value, int | float) and abs(value) <= _LARGEST:
        return part, knob, value
    return None


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")
