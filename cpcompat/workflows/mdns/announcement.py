"""What a board tells its network: under which names and addresses it is found. Pure."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import NamedTuple

SERVICE = "_circuitpython._tcp"
"""The service's type, upstream's."""
DOMAIN = "local"
SHARED_HOST = "circuitpython"
"""The name that any board may answer for."""
LONGEST_LABEL = 63
"""Bytes that a name between two dots has (RFC 1035)."""
_ANY = "0.0.0.0"
_ANY_6 = "::"


class Address(NamedTuple):
    """One of this computer's addresses.

    Attributes:
        interface: The kernel's number of the interface that has it.
        text: The address, as people write it.
    """

    interface: int
    text: str


class Wanted(NamedTuple):
    """What is to be announced, whatever this computer's addresses are.

    Attributes:
        name: What the board is called.
        host: Its host name, without ``.local``.
        port: Where the web workflow listens.
        listening: The address at which it does.
        shared: ``circuitpython.local`` is to lead here, too.
    """

    name: str
    host: str
    port: int
    listening: str
    shared: bool = False


class Announcement(NamedTuple):
    """What is announced now.

    Attributes:
        instance: What the board is called, as the network can bear it.
        host: Its host name, without ``.local``.
        port: Where the web workflow listens.
        addresses: Where it is reached, in order; at least one.
        shared: ``circuitpython.local`` leads here, too.
    """

    instance: str
    host: str
    port: int
    addresses: tuple[Address, ...]
    shared: bool = False


def announcement(wanted: Wanted, addresses: Iterable[Address]) -> Announcement | None:
    """Return what is to be announced, or None where no network could reach it.

    Args:
        wanted: What is to be announced.
        addresses: This computer's addresses.
    """
    reached = sorted({one for one in addresses if _leads_here(one.text, wanted.listening)})
    if not reached:
        return None
    instance = label(wanted.name) or wanted.host
    return Announcement(instance, wanted.host, wanted.port, tuple(reached), wanted.shared)


def label(text: str) -> str:
    """Return a name without what cannot be shown, and no longer than a label may be."""
    shown = "".join(letter for letter in text if letter.isprintable()).strip()
    return shown.encode("utf-8", "ignore")[:LONGEST_LABEL].decode("utf-8", "ignore").strip()


def alternative(instance: str) -> str:
    """Return the next name to try for a board whose name another one has: ``Name #2``, as Avahi does."""
    name, mark, number = instance.rpartition(" #")
    counted = bool(mark) and number.isascii() and number.isdigit() and int(number) > 0
    stem, following = (name, int(number) + 1) if counted else (instance, 2)
    end = f" #{following}"
    return stem.encode()[: LONGEST_LABEL - len(end)].decode("utf-8", "ignore") + end


def is_version_4(text: str) -> bool:
    """Tell whether an address is one of IPv4."""
    return ":" not in text


def _leads_here(address: str, listening: str) -> bool:
    """Tell whether who asks at an address of ours reaches a listener."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    # An IPv6 address of the link alone means nothing without an interface.
    if (
        parsed.is_loopback
        or parsed.is_unspecified
        or (parsed.version == 6 and parsed.is_link_local)
    ):
        return False
    if listening == _ANY:
        return parsed.version == 4
    return listening in (_ANY_6, address)
