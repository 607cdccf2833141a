"""The pages: our own, in files beside this one, and the way to upstream's editor."""

from __future__ import annotations

import hashlib
from importlib.resources import files
from typing import TYPE_CHECKING

from aiohttp import web

from cpcompat.workflows.web import http, policy
from cpcompat.workflows.web.refusal import RefusalError

if TYPE_CHECKING:
    from cpcompat.workflows.web.http import Request
    from cpcompat.workflows.web.site import Site

_TYPES = {
    "html": "text/html",
    "js": "text/javascript",
    "css": "text/css",
    "svg": "image/svg+xml",
    "txt": "text/plain",
    "woff2": "font/woff2",
    "png": "image/png",
}
_NOT_BUILT = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>cpcompat</title>
<h1>cpcompat</h1>
<p>This installation has no page of its own: it was not built. The web workflow works; see
<a href="/cp/version.json">version.json</a> and <a href="/fs/">the drive</a>.</p></html>
"""
_ONLINE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Code editor</title>
<script type="module" src="https://code.circuitpython.org/assets/js/device.js"></script></html>
"""
"""What upstream's boards have at ``/code/``: the editor comes from the internet, and runs here."""


class Pages:
    """Answers what browsers show.

    Args:
        site: Of which board.
    """

    def __init__(self, site: Site) -> None:
        self._site = site
        self._kept: dict[str, bytes] = {}

    async def page(self, request: Request) -> web.Response:
        """Answer with our page."""
        http.only(request, "GET")
        try:
            return await self.file(request, "index.html")
        except RefusalError:
            answer = web.Response(text=_NOT_BUILT, content_type="text/html")
            return http.dressed(request, answer, policy.PAGE)

    async def code(self, request: Request) -> web.Response:
        """Answer ``/code/``."""
        if not self._site.plan.online_editor:
            return await self.page(request)
        http.only(request, "GET")
        answer = web.Response(text=_ONLINE, content_type="text/html")
        return http.dressed(request, answer, policy.ONLINE_EDITOR)

    async def file(self, request: Request, name: str) -> web.Response:
        """Answer with one of the page's files."""
        http.only(request, "GET")
        data = await self._data(name)
        tag = f'"{hashlib.sha256(data).hexdigest()[:16]}"'
        if request.headers.get("If-None-Match") == tag:
            answer = web.Response(status=304)
        else:
            kind = _TYPES.get(name.rpartition(".")[2], "application/octet-stream")
            answer = web.Response(body=data, content_type=kind, charset="utf-8")
        answer.headers["ETag"] = tag
        return http.dressed(request, answer, policy.PAGE)

    async def _data(self, name: str) -> bytes:
        if name not in self._kept:
            if not name.replace(".", "").replace("-", "").replace("_", "").isalnum():
                raise RefusalError(404)
            folder = files("cpcompat.workflows.web") / "static"
            try:
                self._kept[name] = await self._site.do((folder / name).read_bytes)
            except OSError as error:
                raise RefusalError(404) from error
        return self._kept[name]
