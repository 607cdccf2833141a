"""The web workflow beside a running supervisor: it starts after the first program, and ends last.

Only the socket is there from the start, so that nobody else takes the port. What serves is imported
when the first program runs, in a thread: on a small computer that import takes seconds.
"""

from __future__ import annotations

import asyncio
import importlib
import logging
import socket
import ssl
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from cpcompat.errors import CpcompatError
from cpcompat.supervisor.process.machine import ALIVE, IDLE
from cpcompat.workflows.web.plan import is_loopback

if TYPE_CHECKING:
    from cpcompat.supervisor.process.loop import Supervisor
    from cpcompat.workflows.mdns.presence import Presence
    from cpcompat.workflows.web.plan import Plan
    from cpcompat.workflows.web.server import Server
    from cpcompat.workflows.web.site import Site

_log = logging.getLogger(__name__)
NEEDED = "aiohttp"
MISSING = f"The web workflow needs {NEEDED}: pip install 'cpcompat[web]'."
_BACKLOG = 16
ANYWHERE = ("0.0.0.0", "::")
"""Hosts that stand for all addresses of this computer."""


class Service:
    """The web workflow of one supervisor.

    Args:
        supervisor: Who runs the board.
        plan: How it is to be.
        before: What must have ended before this board is announced: who had its name.
        told: Told the URL by which the board's network finds it, when it does.

    Raises:
        CpcompatError: The port cannot be had, or the certificate not be read.
    """

    def __init__(
        self,
        supervisor: Supervisor,
        plan: Plan,
        before: Iterable[asyncio.Task[None]] = (),
        told: Callable[[str], None] | None = None,
    ) -> None:
        self._up = supervisor
        self._plan = plan
        self._before = set(before)
        self._told = told
        self._tls = _encryption(plan)
        self._door = door(plan.host, plan.port)
        self.port: int = self._door.getsockname()[1]
        self._may_start = asyncio.Event()
        supervisor.listeners.append(self._look)
        supervisor.stages.says.address = self.shown_address
        self._server: Server | None = None
        self._site: Site | None = None
        self._presence: Presence | None = None
        self._task = asyncio.create_task(self._start())
        self._look()

    @property
    def address(self) -> str:
        """The URL at which it listens."""
        host = f"[{self._plan.host}]" if ":" in self._plan.host else self._plan.host
        return f"{self._plan.scheme}://{host}:{self.port}/"

    @property
    def shown_address(self) -> str:
        """What the status bar shows: the address, and the port where it is not the usual one."""
        host = own_address() if self._plan.host in ANYWHERE else self._plan.host
        return host if self.port == 80 else f"{host}:{self.port}"

    @property
    def naming(self) -> dict[str, Any]:
        """Return how its network finds it by name.

        ``named`` is the URL, once everybody may know it; ``trouble`` says what keeps it from that, and
        ``coming`` is whether it may still come.
        """
        presence = self._presence
        trouble = "" if presence is None else presence.trouble
        named = self._named("" if presence is None else presence.name)
        is_wanted = not is_loopback(self._door.getsockname()[0])
        return {
            "named": named,
            "trouble": trouble,
            "coming": is_wanted and not named and not trouble,
        }

    def _named(self, name: str) -> str:
        return f"{self._plan.scheme}://{name}:{self.port}/" if name else ""

    def _look(self) -> None:
        """Start when the first program has."""
        if self._up.state in ALIVE or self._up.state in IDLE:
            self._may_start.set()

    async def _start(self) -> None:
        await self._may_start.wait()
        try:
            await asyncio.to_thread(importlib.import_module, "cpcompat.workflows.web.server")
            from cpcompat.workflows.web.server import Server
            from cpcompat.workflows.web.site import Site

            self._site = Site(self._up, self._plan, self.port)
            await self._site.do(self._site.jail.sweep)
            self._server = Server(self._site)
            await self._server.listen(self._door, self._tls)
            await self._announce(self._site)
        except Exception:
            _log.exception("the web workflow cannot start")

    async def _announce(self, site: Site) -> None:
        """Have the board's network know it, if that can reach it."""
        listening = self._door.getsockname()[0]
        if is_loopback(listening):
            return
        if self._before:
            await asyncio.wait(self._before)
        from cpcompat.workflows.mdns.announcement import Wanted
        from cpcompat.workflows.mdns.presence import Presence

        wanted = Wanted(site.name, site.hostname, self.port, listening, self._plan.shared_name)
        told = self._told
        self._presence = Presence(
            wanted, lambda name: None if told is None else told(self._named(name))
        )
        site.others = self._presence.around.listing

    def hang_up(self) -> None:
        """Let nobody in any more, and leave the address to others."""
        if self._door.fileno() < 0:
            return
        self._task.cancel()
        self._up.listeners.remove(self._look)
        self._up.stages.says.address = ""
        if self._presence is not None:
            self._presence.leave()
        if self._server is not None:
            self._server.hang_up()
        self._door.close()

    async def close(self) -> None:
        """End it: who is connected is told."""
        self.hang_up()
        if self._server is not None:
            await self._server.close()
        if self._site is not None:
            await self._site.close()
        if self._presence is not None:
            await self._presence.close()


def door(host: str, port: int) -> socket.socket:
    """Return a socket that listens.

    Raises:
        CpcompatError: The address or the port cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(_BACKLOG)
    except (OSError, OverflowError) as error:
        listening.close()
        raise CpcompatError(
            f"the web workflow cannot listen at {host}:{port}: {error}",
            "Ports below 1024 need root; another port goes with «--web 8081», or as "
            "CIRCUITPY_WEB_API_PORT in settings.toml.",
        ) from error
    listening.setblocking(False)
    return listening


def own_address() -> str:
    """Return this computer's address in its network; nothing is sent to find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # RFC 5737: nobody's
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])


def _encryption(plan: Plan) -> ssl.SSLContext | None:
    if not plan.certificate:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(plan.certificate, plan.key or None)
    except (OSError, ssl.SSLError) as error:
        raise CpcompatError(
            f"the certificate {plan.certificate!r} cannot be used: {error}",
            "[web] of cpcompat.toml names it: certificate, and key where that is another file.",
        ) from error
    return context
