"""``/cpcompat/``: what our page knows of the board besides upstream's protocol, and its buttons."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

from cpcompat.board import header
from cpcompat.errors import CpcompatError
from cpcompat.supervisor.process.board_view import BoardView
from cpcompat.supervisor.process.commands import Commands
from cpcompat.workflows.web import http
from cpcompat.workflows.web.bucket import Bucket
from cpcompat.workflows.web.live import Live
from cpcompat.workflows.web.refusal import RefusalError

if TYPE_CHECKING:
    from aiohttp import web

    from cpcompat.workflows.web.http import Request
    from cpcompat.workflows.web.site import Site

_log = logging.getLogger(__name__)
_LONGEST = 1024
"""The most bytes of a command."""
_AT_ONCE, _EACH_SECOND = 20, 5.0


class Board:
    """Answers what our page asks.

    Args:
        site: Which board it is.
    """

    def __init__(self, site: Site) -> None:
        self._site = site
        view = BoardView(site.up)
        self._commands = Commands(site.up, view)
        self._pressed = Bucket(_AT_ONCE, _EACH_SECOND)
        self.live = Live(view)

    async def answer(self, request: Request, path: str) -> web.StreamResponse:
        """Answer a request from somebody who was let in.

        Args:
            request: The request.
            path: Its path behind ``/cpcompat``.
        """
        if path == "/board.json":
            http.only(request, "GET", "OPTIONS")
            return http.as_json(request, self._facts())
        if path == "/live":
            http.only(request, "GET", "OPTIONS")
            if request.headers.get("Upgrade", "").lower() != "websocket":
                raise RefusalError(426, "This is a WebSocket.\n", {"Upgrade": "websocket"})
            return await self.live.answer(request)
        if path == "/command":
            http.only(request, "POST", "OPTIONS")
            return await self._command(request)
        raise RefusalError(404)

    def _facts(self) -> dict[str, Any]:
        options = self._site.up.options
        return {
            "id": options.board.id,
            "name": self._site.name,
            "rows": header.rows(options.board),
            "led": options.status_led or None,
        }

    async def _command(self, request: Request) -> web.Response:
        # A form of another page cannot say this without asking first, which is refused.
        if request.content_type != "application/json":
            raise RefusalError(415, "A command is application/json.\n")
        data = b"".join([piece async for piece in http.body(request, _LONGEST)])
        command = _command_in(data)
        if command not in self._commands.names:
            raise RefusalError(400, f"Commands: {', '.join(self._commands.names)}.\n")
        if not self._pressed.take():
            raise RefusalError(429, "Too many commands at once.\n", {"Retry-After": "1"})
        try:
            self._commands.obey(command)
        except CpcompatError as error:
            raise RefusalError(409, f"{error}\n") from error
        return http.text(request, 204)


def _command_in(data: bytes) -> str:
    try:
        said = json.loads(data)
    except (ValueError, RecursionError):
        said = None
    command = said.get("command") if isinstance(said, dict) else None
    return command if isinstance(command, str) else ""
