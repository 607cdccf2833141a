"""Requests and answers: the pieces that all handlers use, on aiohttp's low-level server."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

from aiohttp import web

from cpcompat.workflows.web import policy
from cpcompat.workflows.web.refusal import RefusalError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from aiohttp.web_protocol import RequestHandler

Request = web.BaseRequest
IDLE_S = 30.0
"""How long a client may take for the next piece of a body, either way."""
_GOODBYE_S = 1.0
_SLOWEST = 1024
"""Bytes a second, below which a body is given up, once it has had its grace."""
_GRACE_S = 60.0


ORIGIN = web.RequestKey("ORIGIN", str)
"""The origin of a request that has been let in; empty if it told none."""


def origin(request: Request) -> str:
    """Return the request's origin once it has been let in, else an empty text."""
    return str(request.get(ORIGIN, ""))


def text(request: Request, status: int, body: str = "", content: str = policy.FILE) -> web.Response:
    """Return an answer of plain text."""
    answer = web.Response(status=status, text=body or None)
    return dressed(request, answer, content)


def as_json(request: Request, value: object) -> web.Response:
    """Return an answer of JSON."""
    body = json.dumps(value, ensure_ascii=False, separators=(", ", ": "))
    answer = web.Response(body=body.encode(), content_type="application/json", charset="utf-8")
    return dressed(request, answer, policy.FILE)


def dressed(request: Request, answer: web.Response, content: str) -> web.Response:
    """Return an answer with the headers that browsers heed."""
    answer.headers.update(policy.headers(content, origin(request)))
    return answer


def wants_json(request: Request) -> bool:
    """Tell whether a request asks for JSON in so many words."""
    accepted = request.headers.get("Accept", "").lower()
    return any(kind.split(";")[0].strip() == "application/json" for kind in accepted.split(","))


def only(request: Request, *methods: str) -> None:
    """Refuse other methods.

    Raises:
        RefusalError: It is another one.
    """
    if request.method not in methods:
        raise RefusalError(405, headers={"Allow": ", ".join(methods)})


def declared_size(request: Request) -> int | None:
    """Return how long the body will be, or None where it is sent in chunks."""
    chunked = "chunked" in request.headers.get("Transfer-Encoding", "").lower()
    return None if chunked else request.content_length or 0


async def body(request: Request, limit: int) -> AsyncIterator[bytes]:
    """Yield a body, piece by piece.

    Args:
        request: The request.
        limit: The most bytes.

    Raises:
        RefusalError: It is longer, or too slow, or ends too early.
    """
    expected, size = declared_size(request), 0
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    while True:
        try:
            piece = await asyncio.wait_for(request.content.readany(), IDLE_S)
        except TimeoutError:
            raise RefusalError(408, "too slow\n") from None
        size += len(piece)
        if size > limit:
            raise RefusalError(413, "too long\n")
        if not piece:
            break
        yield piece
        took_s = loop.time() - began_s
        if took_s > _GRACE_S and size / took_s < _SLOWEST:
            raise RefusalError(408, "too slow\n")
    if expected is not None and size != expected:
        raise RefusalError(400, "ended too early\n")


async def say_continue(request: Request) -> None:
    """Tell a client that waits before it sends the body that it may."""
    if "100-continue" in request.headers.get("Expect", "").lower():
        lines = ["HTTP/1.1 100 Continue"]
        if origin(request):
            lines.append(f"Access-Control-Allow-Origin: {origin(request)}")
            lines.append("Access-Control-Allow-Credentials: true")
        transport = connection(request).transport
        if transport is not None:
            transport.write("\r\n".join([*lines, "", ""]).encode("latin-1", "replace"))


async def say_goodbye(sockets: Iterable[web.WebSocketResponse]) -> None:
    """Close WebSockets, all at once; one that does not listen is not waited for."""

    async def close(socket: web.WebSocketResponse) -> None:
        await asyncio.wait_for(socket.close(code=1001, message=b"the board leaves"), _GOODBYE_S)

    # One that takes nothing more fails in ways of its own; it is cut off afterwards.
    await asyncio.gather(*map(close, sockets), return_exceptions=True)


async def cut(request: Request, socket: web.WebSocketResponse) -> None:
    """End a WebSocket's connection; whoever waits for something from it hears of the end.

    One that is being told why it has to go is left the time to hear that.
    """
    if socket.closed:
        await asyncio.sleep(_GOODBYE_S)
    transport = connection(request).transport
    if transport is not None:
        transport.abort()


def own_address(request: Request) -> str:
    """Return the address of ours at which the connection came in."""
    transport = connection(request).transport
    name = None if transport is None else transport.get_extra_info("sockname")
    return str(name[0]).removeprefix("::ffff:") if name else ""


def connection(request: Request) -> RequestHandler:
    """Return the connection that a request came by."""
    return request.protocol
