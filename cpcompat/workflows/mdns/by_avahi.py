"""Avahi answers for the board, told over the system's message bus.

Avahi keeps what it is told for as long as the connection lasts: whoever leaves the bus, killed or not,
is taken off the network with a goodbye.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
from typing import TYPE_CHECKING, Any

from jeepney import DBusAddress

from cpcompat.errors import CpcompatError
from cpcompat.workflows.mdns.announcement import DOMAIN, SERVICE, SHARED_HOST, is_version_4
from cpcompat.workflows.mdns.bus import SYSTEM, Bus, RefusedError, Signal, opened
from cpcompat.workflows.mdns.neighbours import neighbour

if TYPE_CHECKING:
    from cpcompat.workflows.mdns.announcement import Announcement
    from cpcompat.workflows.mdns.neighbours import Neighbourhood

_log = logging.getLogger(__name__)
NAME = "org.freedesktop.Avahi"
_SERVER = DBusAddress("/", NAME, f"{NAME}.Server")
_GROUP = f"{NAME}.EntryGroup"
_BROWSER = f"{NAME}.ServiceBrowser"
_COLLISION = f"{NAME}.CollisionError"
_MOST_NAMES = 32
"""So many names are tried; who has them all means no good."""

# avahi-common/defs.h, avahi-common/address.h, avahi-client/publish.h of 0.8.
_ANY_INTERFACE, _ANY_PROTOCOL, _IPV4, _IPV6 = -1, -1, 0, 1
_NO_REVERSE = 16  # the addresses' own names stay the computer's
_NO_TEXT = 4
_ESTABLISHED, _COLLIDED, _FAILED = 2, 3, 4
_CLASS_IN, _TYPE_A, _TYPE_AAAA, _TTL_S = 1, 1, 28, 120


async def is_there() -> bool | None:
    """Tell whether Avahi runs; None where there is no bus to ask at."""
    try:
        async with opened() as bus:
            return await bus.has(NAME)
    except (OSError, CpcompatError):
        return None


class ByAvahi:
    """Announces by Avahi; while it does not run, waits for it.

    Args:
        address: The bus at which Avahi is.
    """

    def __init__(self, address: str = SYSTEM) -> None:
        self._address = address

    async def run(self, board: Announcement, around: Neighbourhood) -> None:
        """See `cpcompat.workflows.mdns.responder.Responder`."""
        try:
            async with opened(self._address) as bus:
                await _Told(bus, board, around).live()
        finally:
            around.forget()


class _Told:
    """What Avahi has been told, and tells."""

    def __init__(self, bus: Bus, board: Announcement, around: Neighbourhood) -> None:
        self._bus = bus
        self._board = board
        self._around = around
        self._hosts = self._service = self._shared = ""
        self._tried = 0
        self._asking: set[asyncio.Task[None]] = set()

    async def live(self) -> None:
        """Announce and watch, each time that Avahi is there."""
        # The rules come first: a signal may follow the answer that names its object at once.
        await self._bus.hear(
            "type='signal',sender='org.freedesktop.DBus',interface='org.freedesktop.DBus',"
            f"member='NameOwnerChanged',arg0='{NAME}'"
        )
        for interface in (_GROUP, _BROWSER):
            await self._bus.hear(f"type='signal',sender='{NAME}',interface='{interface}'")
        try:
            if await self._bus.has(NAME):
                await self._begin()
            async for signal in self._bus.signals():
                await self._take(signal)
        finally:
            for task in self._asking:
                task.cancel()

    async def _begin(self) -> None:
        """Tell a newly come Avahi everything."""
        self._around.forget()
        self._tried = 0
        self._around.own = self._board.instance
        self._service = self._shared = ""
        try:
            self._hosts = await self._new_group()
            name = f"{self._board.host}.{DOMAIN}"
            for interface, text in self._board.addresses:
                at = (interface, _protocol(text), _NO_REVERSE)
                await self._of_group(self._hosts, "AddAddress", "iiuss", *at, name, text)
            await self._of_group(self._hosts, "Commit")
            everywhere = (_ANY_INTERFACE, _IPV4)
            browse = ("ServiceBrowserNew", "iissu", *everywhere, SERVICE, DOMAIN, 0)
            await self._bus.call(_SERVER, *browse)
        except RefusedError as refusal:
            await self._bear(refusal)

    async def _bear(self, refusal: RefusedError) -> None:
        """Go on after a refusal if Avahi has just gone: it will come again.

        Raises:
            CpcompatError: Avahi refuses, and stays.
        """
        if await self._bus.has(NAME):
            refusal.add_note("Avahi's settings are in /etc/avahi/avahi-daemon.conf.")
            raise refusal
        self._around.forget()

    async def _new_group(self) -> str:
        return str(await self._bus.call(_SERVER, "EntryGroupNew"))

    async def _of_group(self, path: str, method: str, signature: str = "", *words: Any) -> None:
        await self._bus.call(DBusAddress(path, NAME, _GROUP), method, signature, *words)

    async def _take(self, signal: Signal) -> None:
        """Follow one signal."""
        if signal.member == "NameOwnerChanged":
            self._around.forget()
            if signal.body[2]:
                await self._begin()
        elif signal.interface == _BROWSER:
            self._look(signal)
        elif signal.member == "StateChanged":
            try:
                await self._turned(signal.path, *signal.body)
            except RefusedError as refusal:
                await self._bear(refusal)

    # What is announced: first the host's addresses, then the service that is there.

    async def _turned(self, path: str, state: int, error: str) -> None:
        """Follow a group's new state."""
        if state == _FAILED:
            raise CpcompatError(f"avahi-daemon does not announce the board: {error}")
        if path == self._hosts and state == _COLLIDED:
            await self._of_group(path, "Reset")
            name = f"{self._board.host}.{DOMAIN}"
            raise CpcompatError(
                f"another computer on the network is {name} already",
                "The board is reached by its address, and not announced.",
            )
        if path == self._hosts and state == _ESTABLISHED and not self._service:
            self._service = await self._new_group()
            await self._offer()
        elif path == self._service and state == _COLLIDED:
            await self._rename()
        elif path == self._service and state == _ESTABLISHED:
            self._around.establish()
            await self._share()

    async def _offer(self) -> None:
        """Announce the service under its present name, or the next one that Avahi does not know."""
        while True:
            text: list[bytes] = []  # boards have none
            place = (f"{self._board.host}.{DOMAIN}", self._board.port, text)
            at = (_ANY_INTERFACE, _ANY_PROTOCOL, 0)
            words = (*at, self._around.own, SERVICE, DOMAIN, *place)
            try:
                await self._of_group(self._service, "AddService", "iiussssqaay", *words)
                await self._of_group(self._service, "Commit")
            except RefusedError as refusal:
                if refusal.name != _COLLISION:
                    raise
                await self._next_name()
            else:
                return

    async def _rename(self) -> None:
        self._around.announced = False
        await self._of_group(self._service, "Reset")
        await self._next_name()
        await self._offer()

    async def _next_name(self) -> None:
        self._tried += 1
        if self._tried >= _MOST_NAMES:
            raise CpcompatError(
                f"every name like {self._board.instance!r} is taken on the network",
                "CIRCUITPY_WEB_INSTANCE_NAME in settings.toml gives the board another.",
            )
        method = "GetAlternativeServiceName"
        self._around.own = str(await self._bus.call(_SERVER, method, "s", self._around.own))

    async def _share(self) -> None:
        """Answer for the name that any board may have, as one of several."""
        if not self._board.shared or self._shared:
            return
        self._shared = await self._new_group()
        for interface, text in self._board.addresses:
            kind = _TYPE_A if is_version_4(text) else _TYPE_AAAA
            packed = ipaddress.ip_address(text).packed
            # AddAddress would claim it for this computer alone. No flag: others may have it too.
            at = (interface, _protocol(text), 0, f"{SHARED_HOST}.{DOMAIN}")
            record = (_CLASS_IN, kind, _TTL_S, packed)
            await self._of_group(self._shared, "AddRecord", "iiusqquay", *at, *record)
        await self._of_group(self._shared, "Commit")

    # Who else is there.

    def _look(self, signal: Signal) -> None:
        """Follow the others that come and go."""
        if signal.member not in ("ItemNew", "ItemRemove"):
            return
        key = tuple(signal.body[:5])
        if signal.member == "ItemRemove":
            self._around.lost(key)
        elif self._around.expect(key):
            task = asyncio.create_task(self._ask(key))
            self._asking.add(task)
            task.add_done_callback(self._asking.discard)

    async def _ask(self, key: tuple[Any, ...]) -> None:
        """Ask where another board is."""
        words = (*key, _IPV4, _NO_TEXT)
        try:
            said = await self._bus.call(_SERVER, "ResolveService", "iisssiu", *words)
        except (RefusedError, OSError) as error:
            _log.debug("a board that is announced is not found: %s", error)
            return
        _, _, name, _, _, host, _, address, port, _, _ = said
        self._around.found(key, neighbour(name, host, port, address))


def _protocol(address: str) -> int:
    return _IPV4 if is_version_4(address) else _IPV6
