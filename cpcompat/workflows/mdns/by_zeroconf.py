"""The board answers for itself, where no Avahi runs (the library zeroconf).

Who is killed says no goodbye: others know the board until its records have run out.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
from typing import TYPE_CHECKING

from zeroconf import (
    BadTypeInNameException,
    DNSQuestionType,
    IPVersion,
    NonUniqueNameException,
    ServiceStateChange,
    Zeroconf,
)
from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

from cpcompat.errors import CpcompatError
from cpcompat.workflows.mdns.announcement import (
    DOMAIN,
    SERVICE,
    SHARED_HOST,
    alternative,
    is_version_4,
)
from cpcompat.workflows.mdns.neighbours import neighbour

if TYPE_CHECKING:
    from cpcompat.workflows.mdns.announcement import Announcement
    from cpcompat.workflows.mdns.neighbours import Neighbourhood

_log = logging.getLogger(__name__)
_TYPE = f"{SERVICE}.{DOMAIN}."
_SHARED_TYPE = f"_cpy-shared._tcp.{DOMAIN}."
"""The library announces addresses of services only; so the shared name has one that nobody looks for."""
_MOST_NAMES = 32
_PATIENCE_MS = 3000
_LOOK_MS = 1500
"""How long a name's owner has to answer; who has said it within a second says it again after that."""
_ALOUD = DNSQuestionType.QM
"""Answers go to all. One to this computer alone reaches just one of the responders that it has."""


class ByZeroconf:
    """Announces by a responder of its own."""

    async def run(self, board: Announcement, around: Neighbourhood) -> None:
        """See `cpcompat.workflows.mdns.responder.Responder`."""
        addresses = [one.text for one in board.addresses if is_version_4(one.text)]
        if not addresses:
            raise CpcompatError("without Avahi, boards are announced at addresses of IPv4 only")
        # The library takes a dot for the end of a label.
        around.own = board.instance.replace(".", "_")
        network = AsyncZeroconf(interfaces=addresses, ip_version=IPVersion.V4Only)
        asking = _Asking(network.zeroconf, around)
        try:
            AsyncServiceBrowser(
                network.zeroconf, _TYPE, handlers=[asking.look], question_type=_ALOUD
            )
            await _register(network, board, around)
            around.establish()
            if board.shared:
                await _share(network, board)
            await asyncio.get_running_loop().create_future()  # until cancelled
        finally:
            asking.cancel()
            around.forget()
            await network.async_close()  # says goodbye


async def _register(network: AsyncZeroconf, board: Announcement, around: Neighbourhood) -> None:
    """Announce the service under the first name that nobody has."""
    for _ in range(_MOST_NAMES):
        info = _info(board, _TYPE, around.own, board.host)
        try:
            # The library's probes ask for answers to this computer alone; so one has to look first.
            theirs = AsyncServiceInfo(_TYPE, info.name)
            if await theirs.async_request(network.zeroconf, _LOOK_MS, _ALOUD):
                raise NonUniqueNameException
            await (await network.async_register_service(info))
        except NonUniqueNameException:
            around.own = alternative(around.own)
        except BadTypeInNameException as error:
            raise CpcompatError(f"the board's name cannot be announced: {error}") from error
        else:
            return
    raise CpcompatError(
        f"every name like {board.instance!r} is taken on the network",
        "CIRCUITPY_WEB_INSTANCE_NAME in settings.toml gives the board another.",
    )


async def _share(network: AsyncZeroconf, board: Announcement) -> None:
    """Answer for the name that any board may have, as one of several."""
    info = _info(board, _SHARED_TYPE, board.host, SHARED_HOST)
    await (await network.async_register_service(info, cooperating_responders=True))


def _info(board: Announcement, kind: str, instance: str, host: str) -> AsyncServiceInfo:
    packed = [ipaddress.ip_address(one.text).packed for one in board.addresses]
    return AsyncServiceInfo(
        kind,
        f"{instance}.{kind}",
        port=board.port,
        server=f"{host}.{DOMAIN}.",
        addresses=packed,
    )


class _Asking:
    """Asks where the others are that are announced."""

    def __init__(self, network: Zeroconf, around: Neighbourhood) -> None:
        self._network = network
        self._around = around
        self._tasks: set[asyncio.Task[None]] = set()

    def look(
        self, zeroconf: Zeroconf, service_type: str, name: str, state_change: ServiceStateChange
    ) -> None:
        """Follow the others that come, go, and move."""
        if state_change is ServiceStateChange.Removed:
            self._around.lost(name)
        elif self._around.expect(name):
            task = asyncio.create_task(self._ask(name))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _ask(self, name: str) -> None:
        info = AsyncServiceInfo(_TYPE, name)
        if not await info.async_request(self._network, _PATIENCE_MS, _ALOUD):
            _log.debug("a board that is announced is not found")
            return
        addresses = info.parsed_addresses(IPVersion.V4Only)
        instance = name.removesuffix(f".{_TYPE}")
        where = [
            neighbour(instance, info.server or "", info.port or 0, address) for address in addresses
        ]
        self._around.found(name, next((one for one in where if one is not None), None))

    def cancel(self) -> None:
        """Ask no more."""
        for task in self._tasks:
            task.cancel()
