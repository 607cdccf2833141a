"""``/cp/*.json``: what tools ask of a board before anything else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cpcompat.identity import BUILD_DATE, RELEASE
from cpcompat.workflows.files import paths
from cpcompat.workflows.web import http
from cpcompat.workflows.web.refusal import RefusalError

if TYPE_CHECKING:
    from aiohttp import web

    from cpcompat.workflows.web.http import Request
    from cpcompat.workflows.web.site import Site

API_VERSION = 4
PAGES = ("version.json", "devices.json", "diskinfo.json")
_CREATOR, _CREATION = 0x1D6B, 0x0104  # the Linux Foundation's composite device


class Facts:
    """Answers what anybody may know.

    Args:
        site: Of which board.
    """

    def __init__(self, site: Site) -> None:
        self._site = site
        answers = (self._version, self._devices, self._disks)
        self._pages = dict(zip(PAGES, answers, strict=True))

    async def answer(self, request: Request, name: str) -> web.Response:
        """Answer a request for one of them."""
        page = self._pages.get(name)
        if page is None:
            raise RefusalError(404)
        return http.as_json(request, await page(request))

    async def _version(self, request: Request) -> object:
        return {
            "web_api_version": API_VERSION,
            "version": RELEASE,
            "build_date": BUILD_DATE,
            "board_name": self._site.name,
            "mcu_name": self._site.board.chip,
            "board_id": self._site.board.id,
            "creator_id": _CREATOR,
            "creation_id": _CREATION,
            "hostname": self._site.hostname,
            "port": self._site.port,
            "ip": http.own_address(request),
        }

    async def _devices(self, request: Request) -> object:
        others = self._site.others()  # as heard so far; nobody is asked now
        return {"total": len(others), "devices": others}

    async def _disks(self, request: Request) -> object:
        space = await self._site.do(self._site.jail.space, paths.place("/"))
        return [
            {
                "root": "/",
                "free": space.free,
                "total": space.total,
                "block_size": space.block_size,
                "writable": space.writable and not self._site.up.facts.host_holds_drive,
            }
        ]
