"""``/fs/``: the drive's files."""

from __future__ import annotations

import asyncio
import html
import os
from typing import TYPE_CHECKING
from urllib.parse import quote

from aiohttp import web

from cpcompat.workflows.files import paths
from cpcompat.workflows.web import http, policy, refusal
from cpcompat.workflows.web.refusal import RefusalError

if TYPE_CHECKING:
    from cpcompat.workflows.files.incoming import Incoming
    from cpcompat.workflows.files.jail import Entry
    from cpcompat.workflows.files.paths import Place
    from cpcompat.workflows.web.http import Request
    from cpcompat.workflows.web.site import Site

MOST = 256 * 1024 * 1024
"""The most bytes of one file that comes in."""
RESERVE = 1024 * 1024
"""Bytes of the file system that uploads leave free: a program may have to write, too."""
_PIECE = 256 * 1024
_TYPES = {
    "txt": "text/plain",
    "py": "text/plain",
    "toml": "text/plain",
    "js": "text/javascript",
    "html": "text/html",
    "json": "application/json",
}
HELD = "USB storage active."
"""What upstream says of a drive that the USB host has; clients look at the status, 409."""
_LATEST_MS = 253_402_300_799_999  # the end of the year 9999


class Files:
    """Answers what is asked of the drive.

    Args:
        site: Whose drive it is.
    """

    def __init__(self, site: Site) -> None:
        self._site = site
        self._methods = {
            "GET": self._get,
            "PUT": self._put,
            "DELETE": self._delete,
            "MOVE": self._move,
        }

    async def answer(self, request: Request, path: str) -> web.StreamResponse:
        """Answer a request from somebody who was let in.

        Args:
            request: The request.
            path: Its path behind ``/fs``.
        """
        http.only(request, *self._methods, "OPTIONS")
        place = _place(path)
        try:
            if request.method == "GET":
                return await self._get(request, place)
            with self._site.up.quiet.hold():
                return await self._methods[request.method](request, place)
        except OSError as error:
            if isinstance(error, ConnectionError):
                raise
            raise refusal.of(error) from error

    # Reading.

    async def _get(self, request: Request, place: Place) -> web.StreamResponse:
        if place.is_folder:
            return await self._list(request, place)
        descriptor, size = await self._site.do(self._site.jail.open, place)
        try:
            kind = _TYPES.get(place.names[-1].rpartition(".")[2].lower())
            answer = web.StreamResponse()
            answer.headers.update(policy.headers(policy.FILE, http.origin(request)))
            answer.headers["Content-Type"] = (
                f"{kind};charset=UTF-8" if kind else "application/octet-stream"
            )
            answer.content_length = size
            await answer.prepare(request)
            await self._send(answer, descriptor, size)
        finally:
            await self._site.do(os.close, descriptor)
        return answer

    async def _send(self, answer: web.StreamResponse, descriptor: int, size: int) -> None:
        at = 0
        while at < size:
            piece = await self._site.do(os.pread, descriptor, min(_PIECE, size - at), at)
            if not piece:
                raise ConnectionAbortedError("the file has become shorter")
            at += len(piece)
            await asyncio.wait_for(answer.write(piece), http.IDLE_S)
        await answer.write_eof()

    async def _list(self, request: Request, place: Place) -> web.Response:
        try:
            entries = await self._site.do(self._site.jail.entries, place)
        except FileNotFoundError:
            if list(place.names) != ["lib"] or not http.wants_json(request):
                raise
            # A board's drive has this folder from the start, and circup fails without it.
            entries, place = [], paths.place("/")
        if http.wants_json(request):
            space = await self._site.do(self._site.jail.space, place)
            body = {
                "free": space.free,
                "total": space.total,
                "block_size": space.block_size,
                "writable": space.writable and not self._site.up.facts.host_holds_drive,
                "files": [
                    {
                        "name": entry.name,
                        "directory": entry.is_folder,
                        "modified_ns": entry.modified_ns,
                        "file_size": entry.size,
                    }
                    for entry in entries
                ],
            }
            return http.as_json(request, body)
        if "text/plain" in request.headers.get("Accept", ""):
            return http.text(request, 200, "".join(f"{_shown(entry)}\n" for entry in entries))
        return _as_page(request, place, entries)

    # Writing.

    def _refuse_held(self) -> None:
        """Refuse a change while the USB host has the drive."""
        if self._site.up.facts.host_holds_drive:
            raise RefusalError(409, HELD)

    async def _put(self, request: Request, place: Place) -> web.Response:
        if place.is_folder:
            if await self._site.do(self._site.jail.exists, place):
                return http.text(request, 204)
            self._refuse_held()
            made = await self._site.do(self._site.jail.make_folder, place)
            return http.text(request, 201 if made else 204)
        self._refuse_held()
        expects = "Expect" in request.headers
        free = await self._room()
        if (http.declared_size(request) or 0) > min(free, MOST):
            raise RefusalError(417 if expects else 413, "The drive has no room for it.\n")
        incoming = await self._site.do(self._site.jail.begin, place)
        try:
            await http.say_continue(request)
            async for piece in http.body(request, min(free, MOST)):
                await self._site.do(incoming.write, piece)
            is_new = await self._finish(incoming, request)
        finally:
            await asyncio.shield(self._site.do(incoming.discard))
        return http.text(request, 201 if is_new else 204)

    async def _room(self) -> int:
        space = await self._site.do(self._site.jail.space, paths.place("/"))
        return max(space.free * space.block_size - RESERVE, 0)

    async def _finish(self, incoming: Incoming, request: Request) -> bool:
        stamp = request.headers.get("X-Timestamp", "").strip()
        usable = stamp.isascii() and stamp.isdigit() and int(stamp[:20]) <= _LATEST_MS
        return await self._site.do(incoming.finish, int(stamp) * 1_000_000 if usable else None)

    async def _delete(self, request: Request, place: Place) -> web.Response:
        if not place.names:
            raise RefusalError(409, "The drive itself cannot be deleted.\n")
        self._refuse_held()
        await self._site.do(self._site.jail.remove, place)
        return http.text(request, 204)

    async def _move(self, request: Request, place: Place) -> web.Response:
        header = request.headers.get("X-Destination")
        if header is None:
            raise RefusalError(400, "MOVE needs X-Destination.\n")
        try:
            target = paths.destination(header)
        except paths.BadPathError as error:
            raise RefusalError(400, f"X-Destination: {error}\n") from error
        if not place.names or not target.names:
            raise RefusalError(409, "The drive itself cannot be moved.\n")
        self._refuse_held()
        try:
            await self._site.do(self._site.jail.move, place, target)
        except FileExistsError as error:
            raise RefusalError(412, "There is something of that name already.\n") from error
        return http.text(request, 201)


def _place(path: str) -> Place:
    try:
        return paths.place(path)
    except paths.BadPathError as error:
        raise RefusalError(400, f"{error}\n") from error


def _shown(entry: Entry) -> str:
    return entry.name + "/" * entry.is_folder


def _as_page(request: Request, place: Place, entries: list[Entry]) -> web.Response:
    title = html.escape(str(place))
    rows = "".join(
        f'<li><a href="{quote(_shown(entry))}">{html.escape(_shown(entry))}</a>'
        for entry in entries
    )
    page = (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        f"<title>{title}</title><h1>{title}</h1><ul>{rows}</ul></html>"
    )
    answer = web.Response(text=page, content_type="text/html")
    return http.dressed(request, answer, policy.FILE)
