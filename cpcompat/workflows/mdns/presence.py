"""A board on its network, for as long as its web workflow listens there.

It sleeps until an address of the computer comes or goes, or the network has something to say.
"""

from __future__ import annotations

import asyncio
import importlib
import logging
from collections.abc import Callable
from importlib.util import find_spec
from typing import TYPE_CHECKING

from cpcompat.errors import CpcompatError
from cpcompat.workflows.mdns.addresses import Watch, here
from cpcompat.workflows.mdns.announcement import DOMAIN, announcement
from cpcompat.workflows.mdns.choice import AVAHI, DBUS_LIBRARY, OWN_LIBRARY, choose
from cpcompat.workflows.mdns.neighbours import Neighbourhood

if TYPE_CHECKING:
    from cpcompat.workflows.mdns.announcement import Announcement, Wanted
    from cpcompat.workflows.mdns.responder import Responder

_log = logging.getLogger(__name__)
_AGAIN_S = 30.0
_LEAVE_S = 2.0
"""How long a goodbye may take."""


class Presence:
    """Announces a board, and knows the others; begins at once.

    Args:
        wanted: What is to be announced.
        told: Told the host name when it is announced, the first time.

    Attributes:
        around: The network, as far as it is known.
    """

    def __init__(self, wanted: Wanted, told: Callable[[str], None]) -> None:
        self.around = Neighbourhood(self._established)
        self._told: Callable[[str], None] | None = told
        self._trouble = ""
        self._wanted = wanted
        self._task = asyncio.create_task(self._live())

    @property
    def name(self) -> str:
        """The host name by which everybody on the network finds the board now, or empty."""
        return f"{self._wanted.host}.{DOMAIN}" if self.around.announced else ""

    @property
    def trouble(self) -> str:
        """Why the board is not announced, and what to do; empty while nothing is wrong."""
        return "" if self.around.announced else self._trouble

    def _established(self) -> None:
        told, self._told = self._told, None
        if told is not None:
            told(self.name)

    def leave(self) -> None:
        """Withdraw the board from the network."""
        self._task.cancel()

    async def close(self) -> None:
        """Withdraw the board from the network, and wait until it has said so."""
        self.leave()
        await asyncio.wait([self._task], timeout=_LEAVE_S)

    async def _live(self) -> None:
        """Announce whatever is to be announced, anew when the addresses change."""
        try:
            responder = await self._responder()
            if responder is not None:
                await self._follow(responder)
        except Exception:
            _log.exception("the board is not announced on the network")

    async def _follow(self, responder: Responder) -> None:
        watch = Watch(version_6=":" in self._wanted.listening)
        task: asyncio.Task[None] | None = None
        board: Announcement | None = None
        try:
            while True:
                now = announcement(self._wanted, here())
                if now != board:
                    await _ended(task)
                    board = now
                    task = asyncio.create_task(self._announce(responder, now)) if now else None
                await watch.changed()
        finally:
            watch.close()
            await _ended(task)

    async def _responder(self) -> Responder | None:
        """Return who answers for the board, or None for nobody."""
        library = find_spec(DBUS_LIBRARY) is not None
        avahi = None
        if library:
            by_avahi = await asyncio.to_thread(importlib.import_module, f"{__package__}.by_avahi")
            avahi = await by_avahi.is_there()
        choice = choose(library=library, avahi=avahi, zeroconf=find_spec(OWN_LIBRARY) is not None)
        if choice.cure:
            self._say(f"the board is not announced on the network. {choice.cure}")
        if not choice.way:
            return None
        if choice.way == AVAHI:
            made: Responder = by_avahi.ByAvahi()
        else:
            module = await asyncio.to_thread(importlib.import_module, f"{__package__}.by_zeroconf")
            made = module.ByZeroconf()
        return made

    async def _announce(self, responder: Responder, board: Announcement) -> None:
        """Announce, and try again by and by if that fails."""
        while True:
            try:
                await responder.run(board, self.around)
            except (OSError, CpcompatError) as error:
                notes = getattr(error, "__notes__", ())
                self._say("; ".join([f"the board is not announced: {error}", *notes]))
            except Exception:
                _log.exception("the board is not announced on the network")
                return
            await asyncio.sleep(_AGAIN_S)

    def _say(self, trouble: str) -> None:
        """Tell what is wrong, once."""
        if trouble != self._trouble:
            self._trouble = trouble
            _log.warning("%s", trouble)


async def _ended(task: asyncio.Task[None] | None) -> None:
    """Cancel a task, and wait until it has ended."""
    if task is not None:
        task.cancel()
        await asyncio.wait([task])
