"""The other boards on the network, as far as one believes what strangers say. Pure."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Hashable
from typing import NamedTuple

from cpcompat.workflows.mdns.announcement import DOMAIN, label

MOST = 32
"""How many are listed; as upstream."""
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,62})", re.ASCII | re.IGNORECASE)


class Neighbour(NamedTuple):
    """One board, in the words of ``/cp/devices.json``.

    Attributes:
        hostname: Its host name, without ``.local``.
        instance_name: What it is called.
        port: Where its web workflow listens.
        ip: Its address.
    """

    hostname: str
    instance_name: str
    port: int
    ip: str


def neighbour(instance: str, host: str, port: int, address: str) -> Neighbour | None:
    """Return what somebody said of a board, or None where it cannot be one.

    Args:
        instance: What it calls itself; anything.
        host: Its host, with its domain.
        port: Its port.
        address: Its address.
    """
    name, _, domain = host.rstrip(".").rpartition(".")
    called = label(instance)
    if domain.lower() != DOMAIN or not _HOST.fullmatch(name) or not called:
        return None
    if not 0 < port < 65536 or not _is_somebodys(address):
        return None
    return Neighbour(name, called, port, address)


def _is_somebodys(address: str) -> bool:
    """Tell whether an address may be another computer's; as on boards, IPv4's alone."""
    try:
        parsed = ipaddress.IPv4Address(address)
    except ValueError:
        return False
    return not (parsed.is_loopback or parsed.is_multicast or parsed.is_unspecified)


class Neighbourhood:
    """What is known of the network: the other boards, and as what this one is known there.

    Args:
        told: Called when this board's name is announced.

    Attributes:
        own: What this board is called there, or tries to be called.
        announced: That name is this board's, and everybody may know it.
    """

    def __init__(self, told: Callable[[], None] | None = None) -> None:
        self._told = told
        self.own = ""
        self.announced = False
        self._found: dict[Hashable, Neighbour | None] = {}

    def establish(self) -> None:
        """Note that this board is announced."""
        self.announced = True
        if self._told is not None:
            self._told()

    def expect(self, key: Hashable) -> bool:
        """Note that there is a board; return whether it is worth asking where.

        Args:
            key: Who it is; the same for the same board.
        """
        if key in self._found:
            return True
        if len(self._found) > MOST:  # one more than are listed: this board itself is among them
            return False
        self._found[key] = None
        return True

    def found(self, key: Hashable, where: Neighbour | None) -> None:
        """Note where a board is, unless it has gone meanwhile."""
        if key in self._found:
            self._found[key] = where

    def lost(self, key: Hashable) -> None:
        """Note that a board has gone."""
        self._found.pop(key, None)

    def forget(self) -> None:
        """Note that nothing is known, and this board not either."""
        self._found.clear()
        self.announced = False

    def listing(self) -> list[dict[str, object]]:
        """Return the other boards, each once, as ``/cp/devices.json`` lists them."""
        others = {
            (one.instance_name, one.hostname, one.port): one
            for one in self._found.values()
            if one is not None and one.instance_name != self.own
        }
        return [others[key]._asdict() for key in sorted(others)][:MOST]
