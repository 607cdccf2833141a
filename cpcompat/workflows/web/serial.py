"""``/cp/serial/``: the console as a WebSocket."""

from __future__ import annotations

import asyncio
import codecs
import re
from collections import deque
from typing import TYPE_CHECKING

from aiohttp import WSMsgType, web

from cpcompat.supervisor.process.viewers import FULL
from cpcompat.workflows.web import http

if TYPE_CHECKING:
    from aiohttp import WSMessage

    from cpcompat.workflows.web.http import Request
    from cpcompat.workflows.web.site import Site

LONGEST = 64 * 1024
"""The most bytes of one message that comes in."""
_MOST_TYPED = 64 * 1024
_MOST_VIEWERS = 8
_HEARTBEAT_S = 30.0
_PIECE = 16 * 1024
TOKENS = re.compile("(\x1b\\]0;|\U0001f40d|\x1b\\\\|\x08|\x1b\\[K|\x1b\\[2K\x1b\\[0G)")
"""What upstream sends in frames of their own; its page knows them only so."""
_TAKEN = "\r\n[Somebody else types now. Connect again to take the keyboard back.]\r\n"
_NOT_YOURS = "\r\n[Somebody else has the keyboard. Connect again to take it.]\r\n"


class WebViewer:
    """Shows the console to one WebSocket; see `cpcompat.supervisor.process.viewers.Viewer`.

    Args:
        socket: The connection.

    Attributes:
        told: It has been told that it has not the keyboard.
    """

    is_terminal = True

    def __init__(self, socket: web.WebSocketResponse) -> None:
        self.connected = True
        self.told = False
        self.socket = socket
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._frames: deque[str] = deque()
        self._size = 0
        self._news = asyncio.Event()

    def show(self, data: bytes) -> None:
        """See `Viewer.show`: what one that does not keep up has no room for is dropped."""
        if self.connected and self._size + len(data) <= FULL:
            self.show_text(self._decoder.decode(data))

    def show_text(self, text: str) -> None:
        """Show a text: whole characters only, and the title's bytes in frames of their own."""
        for index, piece in enumerate(TOKENS.split(text)):
            if piece and not index % 2 and self._frames and self._joins(self._frames[-1]):
                self._frames[-1] += piece
            elif piece:
                self._frames.append(piece)
        self._size += len(text)
        self._news.set()

    @staticmethod
    def _joins(frame: str) -> bool:
        return len(frame) < _PIECE and TOKENS.fullmatch(frame) is None

    async def pump(self) -> None:
        """Send what is shown, until the connection ends."""
        while self.connected:
            await self._news.wait()
            self._news.clear()
            while self._frames:
                frame = self._frames.popleft()
                self._size -= len(frame)
                await asyncio.wait_for(self.socket.send_str(frame), http.IDLE_S)

    def is_full(self) -> bool:
        """See `Viewer.is_full`: this one drops instead."""
        return False

    async def drain(self) -> None:
        """See `Viewer.drain`: nobody waits for one who looks on."""

    def close(self) -> None:
        """See `Viewer.close`."""
        self.connected = False
        self._news.set()


class Serial:
    """The WebSockets that look on. The one that came last has the keyboard.

    Args:
        site: Whose console it is.
    """

    def __init__(self, site: Site) -> None:
        self._site = site
        self.viewers: list[WebViewer] = []

    async def answer(self, request: Request) -> web.StreamResponse:
        """Serve a WebSocket until it ends."""
        socket = web.WebSocketResponse(
            max_msg_size=LONGEST, compress=False, heartbeat=_HEARTBEAT_S, timeout=2.0
        )
        await socket.prepare(request)
        if len(self.viewers) >= _MOST_VIEWERS:
            await socket.close(code=1013, message=b"too many viewers")
            return socket
        viewer = WebViewer(socket)
        pump = asyncio.create_task(self._pumped(viewer, request))
        self._came(viewer, with_past="past" in request.query)
        try:
            async for message in socket:
                self._typed(viewer, message)
        finally:
            self._left(viewer)
            pump.cancel()
        return socket

    async def _pumped(self, viewer: WebViewer, request: Request) -> None:
        try:
            await viewer.pump()
        except (OSError, TimeoutError):
            await http.cut(request, viewer.socket)  # it does not read, or is gone

    def _came(self, viewer: WebViewer, *, with_past: bool) -> None:
        up = self._site.up
        if self.viewers:
            self.viewers[-1].show_text(_TAKEN)
        self.viewers.append(viewer)
        if up.facts.get("status_bar_console") and not up.stages.says.hushed:
            viewer.show_text(up.stages.says.title())
        up.console.add(viewer, with_past=with_past)
        up.viewer_came()

    def _left(self, viewer: WebViewer) -> None:
        self.viewers.remove(viewer)
        if viewer.connected:
            self._site.up.console.remove(viewer)
            viewer.close()

    def _typed(self, viewer: WebViewer, message: WSMessage) -> None:
        if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
            return
        data = message.data.encode() if isinstance(message.data, str) else bytes(message.data)
        if viewer is not self.viewers[-1]:
            if not viewer.told:
                viewer.show_text(_NOT_YOURS)
            viewer.told = True
            return
        up = self._site.up
        if (
            up.console.waiting_input + len(up.keyboard.queue) + len(data) <= _MOST_TYPED
            or b"\x03" in data
        ):
            up.typed(data)

    async def close(self) -> None:
        """Say goodbye to all."""
        await http.say_goodbye([viewer.socket for viewer in self.viewers])
