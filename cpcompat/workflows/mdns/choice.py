"""Who answers for the board on the network, of those that are at hand. Pure."""

from __future__ import annotations

from typing import NamedTuple

AVAHI = "avahi"
ZEROCONF = "zeroconf"
DBUS_LIBRARY = "jeepney"
"""What speaks with Avahi; it comes with ``cpcompat[web]``."""
OWN_LIBRARY = "zeroconf"
"""What answers where no Avahi does; it comes with ``cpcompat[mdns]``."""
_OWN = "let the board answer itself: pip install 'cpcompat[mdns]'."
_NO_LIBRARY = f"Nothing here can tell Avahi: pip install 'cpcompat[web]'. Or {_OWN}"
_NO_AVAHI = f"No avahi-daemon runs here: sudo apt install avahi-daemon. Or {_OWN}"


class Choice(NamedTuple):
    """Who answers.

    Attributes:
        way: `AVAHI` or `ZEROCONF`, or empty for nobody.
        cure: What keeps the board from being announced now, and what to do; empty if nothing does.
    """

    way: str
    cure: str = ""


def choose(*, library: bool, avahi: bool | None, zeroconf: bool) -> Choice:
    """Return who answers for the board.

    Args:
        library: What speaks with Avahi is installed.
        avahi: Whether Avahi runs; None where there is no bus to ask at.
        zeroconf: What answers without it is installed.
    """
    if library and avahi:
        return Choice(AVAHI)
    if zeroconf:
        return Choice(ZEROCONF)
    if not library:
        return Choice("", _NO_LIBRARY)
    # Avahi may yet come: it is waited for, which costs nothing.
    return Choice("" if avahi is None else AVAHI, _NO_AVAHI)
