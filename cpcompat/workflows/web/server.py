"""The server: who may come in, in the order that clients see, and who answers what."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from cpcompat.workflows.web import gate, http, policy
from cpcompat.workflows.web.board import Board
from cpcompat.workflows.web.facts import Facts
from cpcompat.workflows.web.files import Files
from cpcompat.workflows.web.http import Request
from cpcompat.workflows.web.pages import Pages
from cpcompat.workflows.web.refusal import RefusalError
from cpcompat.workflows.web.serial import Serial

if TYPE_CHECKING:
    import socket
    import ssl

    from cpcompat.workflows.web.site import Site

_log = logging.getLogger(__name__)
_silent = logging.getLogger(__name__ + ".aiohttp")
_silent.disabled = True  # it would log requests that it cannot parse, password and all
_MOST_CONNECTIONS = 32
_FIRST_REQUEST_S = 5.0
_IDLE_S = 15
_REALM = 'Basic realm="CircuitPython"'
_FULL = (
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\n"
    b"Connection: close\r\n\r\n"
)
_PAGES = ("/", "/edit/", "/code/")
_PROTECTED = ("fs", "cp", "cpcompat")
_SAFE = ("GET", "HEAD", "OPTIONS")


class Connection(RequestHandler):
    """A connection that has to say what it wants before long; one too many is turned away."""

    def __init__(self, server: web.Server) -> None:
        super().__init__(
            server,
            loop=asyncio.get_running_loop(),
            keepalive_timeout=_IDLE_S,
            lingering_time=1.0,
            access_log=_silent,
            logger=_silent,
            auto_decompress=False,
        )
        self._all = server

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for the first request, but not for ever."""
        super().connection_made(transport)
        loop = asyncio.get_running_loop()
        self.deadline = loop.call_later(_FIRST_REQUEST_S, self.force_close)
        if len(self._all.connections) > _MOST_CONNECTIONS and self.transport is not None:
            self.transport.write(_FULL)
            self.force_close()

    def handle_error(
        self,
        request: Request,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer what is no HTTP; nothing of it is sent back, and nobody hears what runs here."""
        if request.writer.output_size:
            raise ConnectionError("the answer has begun already")
        answer = http.text(request, status, "This is no request.\n" if status == 400 else "")
        answer.force_close()
        return answer

    def connection_lost(self, exc: BaseException | None) -> None:
        """Wait no more."""
        self.deadline.cancel()
        super().connection_lost(exc)


class Server:
    """Serves one board.

    Args:
        site: The board.
    """

    def __init__(self, site: Site) -> None:
        self._site = site
        self._files = Files(site)
        self._facts = Facts(site)
        self._pages = Pages(site)
        self._board = Board(site)
        self.serial = Serial(site)
        self._server = web.Server(self._handle)
        self._listening: asyncio.Server | None = None

    async def listen(self, door: socket.socket, tls: ssl.SSLContext | None) -> None:
        """Let clients in.

        Args:
            door: A listening socket.
            tls: What encrypts, or None.
        """
        loop = asyncio.get_running_loop()
        self._listening = await loop.create_server(
            lambda: Connection(self._server),
            sock=door,
            ssl=tls,
            # Whoever has not shaken hands is not yet among the connections that are counted.
            ssl_handshake_timeout=_FIRST_REQUEST_S if tls else None,
        )

    def hang_up(self) -> None:
        """Let nobody in any more."""
        if self._listening is not None:
            self._listening.close()

    async def close(self) -> None:
        """Let nobody in any more, and everybody go."""
        self.hang_up()
        await asyncio.gather(self.serial.close(), self._board.live.close())
        await self._server.shutdown(1.0)

    async def _handle(self, request: Request) -> web.StreamResponse:
        connection = http.connection(request)
        if isinstance(connection, Connection):
            connection.deadline.cancel()
        try:
            return await self._let_in(request)
        except RefusalError as refusal:
            answer = http.text(request, refusal.status, refusal.text)
            answer.headers.update(refusal.headers)
        except (ConnectionError, TimeoutError):
            raise
        except Exception:
            # The request's headers are not told: they have the password in them.
            _log.exception("the web workflow could not answer %s", request.method)
            answer = http.text(request, 500)
        if request.can_read_body and not request.content.at_eof():
            answer.force_close()
        return answer

    # The order of these checks is upstream's; clients see it.

    async def _let_in(self, request: Request) -> web.StreamResponse:
        path = request.raw_path.partition("?")[0].partition("#")[0]
        if (request.version.major, request.version.minor) != (1, 1):
            raise RefusalError(501)
        self._check_host(request, path)
        self._check_origin(request)
        if not path.startswith("/") or path.startswith("//"):
            raise RefusalError(400 if not path.startswith("/") else 404)
        return await self._route(request, path)

    def _check_host(self, request: Request, path: str) -> None:
        """Refuse names that are not this board's."""
        headers = request.headers.getall("Host", [])
        host = gate.host_name(headers[0]) if len(headers) == 1 else None
        if host is None:
            raise RefusalError(400, "one Host header is needed\n")
        if host == gate.SHARED_NAME:
            self._redirect(request, path)
        if not self._site.names.is_ours(host, http.own_address(request)):
            raise RefusalError(
                421, "Not a name of this board. List it in cpcompat.toml: [web] hosts.\n"
            )

    def _redirect(self, request: Request, path: str) -> None:
        """Send who asks for any board to this one by its own name."""
        if not self._site.plan.shared_name or not path.startswith("/") or path.startswith("//"):
            raise RefusalError(404)
        scheme = self._site.plan.scheme
        if request.headers.get("Upgrade", "").lower() == "websocket":
            scheme = scheme.replace("http", "ws")
        usual = {"http": 80, "https": 443, "ws": 80, "wss": 443}[scheme]
        port = "" if self._site.port == usual else f":{self._site.port}"
        place = f"{scheme}://{self._site.hostname}.local{port}{path}"
        raise RefusalError(307, headers={"Location": place, "Connection": "close"})

    def _check_origin(self, request: Request) -> None:
        """Refuse other people's pages."""
        origin = request.headers.getall("Origin", [])
        host = request.headers["Host"]
        if origin and (len(origin) > 1 or not self._site.names.may_use(origin[0], host)):
            raise RefusalError(403)
        request[http.ORIGIN] = origin[0] if origin else ""
        from_elsewhere = request.headers.get("Sec-Fetch-Site") == "cross-site"
        if from_elsewhere and not origin and request.method not in _SAFE:
            raise RefusalError(403)

    async def _route(self, request: Request, path: str) -> web.StreamResponse:
        first, slash, rest = path[1:].partition("/")
        if path in _PAGES:
            return await self._page(request, path)
        if slash and first == "static":
            return await self._pages.file(request, rest)
        if not slash or first not in _PROTECTED:
            raise RefusalError(404 if request.method == "GET" else 405)
        if request.method == "OPTIONS":
            answer = http.text(request, 204)
            answer.headers.update(policy.OUR_PREFLIGHT if first == "cpcompat" else policy.PREFLIGHT)
            return answer
        if first == "cp":
            return await self._answer_cp(request, rest)
        self._check_password(request)
        answers = self._board.answer if first == "cpcompat" else self._files.answer
        return await answers(request, "/" + rest)

    async def _page(self, request: Request, path: str) -> web.Response:
        if path == "/edit/":
            self._check_password(request)
        return await (self._pages.code if path == "/code/" else self._pages.page)(request)

    async def _answer_cp(self, request: Request, rest: str) -> web.StreamResponse:
        http.only(request, "GET", "OPTIONS")
        if rest != "serial/":
            return await self._facts.answer(request, rest)
        self._check_password(request)
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return await self.serial.answer(request)
        return await self._pages.page(request)

    def _check_password(self, request: Request) -> None:
        """Refuse who does not know the password, and who guesses too often."""
        header = request.headers.get("Authorization")
        address, now_s = request.remote or "", time.monotonic()
        if header is not None:
            wait_s = self._site.password.wait_s(address, now_s)
            if wait_s:
                seconds = str(int(wait_s) + 1)
                raise RefusalError(429, "Too many wrong passwords.\n", {"Retry-After": seconds})
            if self._site.password.fits(header, address, now_s):
                return
        raise RefusalError(401, headers={"WWW-Authenticate": _REALM})
