"""This computer's addresses, and when they change: the kernel's rtnetlink(7), asked and listened to."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import struct
import sys
from collections.abc import Iterator

from cpcompat.workflows.mdns.announcement import Address

_HEADER = struct.Struct("=IHHII")  # length, type, flags, sequence, port
_ADDRESS = struct.Struct("=BBBBI")  # family, prefix, flags, scope, interface
_ATTRIBUTE = struct.Struct("=HH")  # length, type
_DONE, _ERROR, _NEW, _GET = 3, 2, 20, 22
_REQUEST_DUMP = 0x1 | 0x300
_IFA_ADDRESS, _IFA_LOCAL, _IFA_FLAGS = 1, 2, 8
# Temporary, that others have too, deprecated, and not yet known to be ours alone.
_UNUSABLE = 0x01 | 0x08 | 0x20 | 0x40
_GROUP_IPV4, _GROUP_IPV6 = 0x10, 0x100
_SIZE = 65536
_PATIENCE_S = 1.0


def here() -> list[Address]:
    """Return this computer's addresses, those of loopback too.

    Raises:
        OSError: The kernel does not tell.
    """
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as asking:
        asking.settimeout(_PATIENCE_S)
        body = _ADDRESS.pack(socket.AF_UNSPEC, 0, 0, 0, 0)
        asking.send(_HEADER.pack(_HEADER.size + len(body), _GET, _REQUEST_DUMP, 1, 0) + body)
        found: list[Address] = []
        while True:
            for kind, content in _messages(asking.recv(_SIZE)):
                if kind == _DONE:
                    return found
                if kind == _ERROR:
                    raise OSError("the kernel does not list its addresses")
                if kind == _NEW:
                    found.extend(_address(content))


def _messages(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Return the messages in a packet, each with its type."""
    while len(data) >= _HEADER.size:
        length, kind, *_ = _HEADER.unpack_from(data)
        if length < _HEADER.size:
            return
        yield kind, data[_HEADER.size : length]
        data = data[_padded(length) :]


def _address(content: bytes) -> Iterator[Address]:
    """Return the address that a message tells of, if it is one to be reached at."""
    _, _, flags, _, interface = _ADDRESS.unpack_from(content)
    found: dict[int, bytes] = {}
    rest = content[_ADDRESS.size :]
    while len(rest) >= _ATTRIBUTE.size:
        length, kind = _ATTRIBUTE.unpack_from(rest)
        if length < _ATTRIBUTE.size:
            break
        found[kind] = rest[_ATTRIBUTE.size : length]
        rest = rest[_padded(length) :]
    if _IFA_FLAGS in found:
        flags = int.from_bytes(found[_IFA_FLAGS], sys.byteorder)
    packed = found.get(_IFA_LOCAL, found.get(_IFA_ADDRESS, b""))  # a tunnel's other end is ADDRESS
    if packed and not flags & _UNUSABLE:
        yield Address(interface, str(ipaddress.ip_address(packed)))


def _padded(length: int) -> int:
    return (length + 3) & ~3


class Watch:
    """Tells when an address of this computer comes or goes. It sleeps until the kernel says so.

    Args:
        version_6: IPv6's addresses matter, too.

    Raises:
        OSError: The kernel does not tell.
    """

    def __init__(self, *, version_6: bool) -> None:
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
        self._socket.setblocking(False)
        self._changed = asyncio.Event()
        try:
            self._socket.bind((0, _GROUP_IPV4 | (_GROUP_IPV6 if version_6 else 0)))
            asyncio.get_running_loop().add_reader(self._socket, self._take)
        except OSError:
            self._socket.close()
            raise

    def _take(self) -> None:
        self._changed.set()
        try:
            while self._socket.recv(_SIZE):
                pass
        except OSError:
            return  # all is read, or more had come than there was room for: a change in any case

    async def changed(self) -> None:
        """Wait until an address has come or gone since the last time."""
        await self._changed.wait()
        self._changed.clear()

    def close(self) -> None:
        """Listen no more."""
        asyncio.get_running_loop().remove_reader(self._socket)
        self._socket.close()
