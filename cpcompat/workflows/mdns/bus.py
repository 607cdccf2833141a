"""The system's message bus (D-Bus), as far as Avahi needs it: calls, and signals in their order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from jeepney import DBusAddress, HeaderFields, MessageType, new_method_call
from jeepney.io.asyncio import DBusConnection, open_dbus_connection

from cpcompat.errors import CpcompatError

SYSTEM = "SYSTEM"
_PATIENCE_S = 10.0
_MOST_SIGNALS = 1000
_BUS = DBusAddress("/org/freedesktop/DBus", "org.freedesktop.DBus", "org.freedesktop.DBus")


class RefusedError(CpcompatError):
    """A call was answered with an error.

    Args:
        name: The error's name on the bus.
        text: What it says.
    """

    def __init__(self, name: str, text: str) -> None:
        super().__init__(f"the message bus answers: {text or name}")
        self.name = name


class Signal(NamedTuple):
    """Something that happened.

    Attributes:
        path: The object to which it did.
        interface: The object's interface.
        member: What happened.
        body: The particulars.
    """

    path: str
    interface: str
    member: str
    body: tuple[Any, ...]


class Bus:
    """A connection to the bus; `opened` makes one.

    Args:
        connection: The connection.
    """

    def __init__(self, connection: DBusConnection) -> None:
        self._connection = connection
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._signals: asyncio.Queue[Signal | None] = asyncio.Queue()
        self._reading = asyncio.create_task(self._read())

    async def call(self, to: DBusAddress, method: str, signature: str = "", *words: Any) -> Any:
        """Call a method; return its answer: nothing, one thing, or several in a tuple.

        Raises:
            RefusedError: The answer is an error.
            OSError: The bus has gone, or there was no answer in time.
        """
        if self._reading.done():
            raise ConnectionError("the message bus has gone")
        serial = next(self._connection.outgoing_serial)
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._answers[serial] = answer
        try:
            async with asyncio.timeout(_PATIENCE_S):
                message = new_method_call(to, method, signature or None, words)
                await self._connection.send(message, serial=serial)
                said = await answer
        finally:
            del self._answers[serial]
        body = tuple(said.body)
        if said.header.message_type is MessageType.error:
            name = str(said.header.fields.get(HeaderFields.error_name, ""))
            raise RefusedError(name, str(body[0]) if body else "")
        return body[0] if len(body) == 1 else body or None

    async def hear(self, rule: str) -> None:
        """Have signals come that a rule fits."""
        await self.call(_BUS, "AddMatch", "s", rule)

    async def has(self, name: str) -> bool:
        """Tell whether somebody has a name; nobody is started for it."""
        return bool(await self.call(_BUS, "NameHasOwner", "s", name))

    async def signals(self) -> AsyncIterator[Signal]:
        """Return what happens, as it does.

        Raises:
            OSError: The bus has gone.
        """
        while (signal := await self._signals.get()) is not None:
            yield signal
        raise ConnectionError("the message bus has gone")

    async def _read(self) -> None:
        try:
            while self._signals.qsize() < _MOST_SIGNALS:
                self._take(await self._connection.receive())
        except (OSError, EOFError, ValueError):
            return  # it has gone, or speaks what nobody understands
        finally:
            self._signals.put_nowait(None)
            for answer in self._answers.values():
                if not answer.done():
                    answer.set_exception(ConnectionError("the message bus has gone"))

    def _take(self, message: Any) -> None:
        fields = message.header.fields
        if message.header.message_type is MessageType.signal:
            path, interface = fields[HeaderFields.path], fields[HeaderFields.interface]
            member, body = fields[HeaderFields.member], tuple(message.body)
            self._signals.put_nowait(Signal(path, interface, member, body))
            return
        answer = self._answers.get(fields.get(HeaderFields.reply_serial, -1))
        if answer is not None and not answer.done():
            answer.set_result(message)

    async def close(self) -> None:
        """Leave the bus."""
        self._reading.cancel()
        await asyncio.wait([self._reading])
        self._connection.writer.close()


@asynccontextmanager
async def opened(address: str = SYSTEM) -> AsyncIterator[Bus]:
    """Open a bus.

    Args:
        address: Where it is, in D-Bus's words; `SYSTEM` is the system's, or the one that
            ``DBUS_SYSTEM_BUS_ADDRESS`` names.

    Raises:
        OSError: There is none, or it lets nobody in.
    """
    try:
        async with asyncio.timeout(_PATIENCE_S):
            connection = await open_dbus_connection(address)
    except (EOFError, ValueError, RuntimeError) as error:
        raise ConnectionError(f"the message bus lets nobody in: {error}") from error
    bus = Bus(connection)
    try:
        yield bus
    finally:
        await bus.close()
