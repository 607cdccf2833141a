"""Who is let in: hosts, origins, the password, and how often it may be guessed. Pure."""

from __future__ import annotations

import hmac
import re
from base64 import b64encode

SHARED_NAME = "circuitpython.local"
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
_HOST = re.compile(r"(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::([0-9]{1,5}))?", re.ASCII)
_FREE_FAILURES = 5
_WINDOW_S = 60.0
_LONGEST_S = 60.0
_MOST_ADDRESSES = 1024


def host_name(header: str) -> str | None:
    """Return the name in a ``Host`` header in lower case and without the port, or None."""
    found = _HOST.fullmatch(header.lower())
    return None if found is None else found[1] or found[2].removesuffix(".")


class Names:
    """The names and pages that may be used.

    Upstream believes any page whose host is the one that it asks for. A name of a stranger's that
    is made to point here passes that test (DNS rebinding), so names are listed.

    Args:
        hostname: This board's name, without ``.local``.
        hosts: More names.
        origins: More origins, ``"https://example.org"``.
    """

    def __init__(self, hostname: str, hosts: tuple[str, ...], origins: tuple[str, ...]) -> None:
        own = (hostname.lower(), hostname.lower() + ".local")
        self._hosts = _LOCAL | {*own, *(name.lower() for name in hosts)}
        self._origins = frozenset(origin.lower().rstrip("/") for origin in origins)

    def is_ours(self, host: str, address: str) -> bool:
        """Tell whether a host name is this board's.

        Args:
            host: As `host_name` gave it.
            address: The address of ours at which the connection came in.
        """
        return host in self._hosts or host == address.lower()

    def may_use(self, origin: str, host_header: str) -> bool:
        """Tell whether a page may use this board: one of its own, or of a listed origin."""
        origin, host = origin.lower(), host_header.lower()
        own = (f"http://{host}", f"https://{host}")
        return origin in own or origin in self._origins


class Password:
    """The password, and how often it may be guessed.

    After five wrong ones within a minute an address has to wait, longer each time, up to a
    minute; nobody is locked out for ever.

    Args:
        password: The password.
    """

    def __init__(self, password: str) -> None:
        self._expected = b64encode(b":" + password.encode())
        self._failures: dict[str, tuple[int, float]] = {}

    def wait_s(self, address: str, now_s: float) -> float:
        """Return for how long an address may not try, 0 if it may."""
        count, last_s = self._failures.get(_network(address), (0, 0.0))
        if count < _FREE_FAILURES:
            return 0.0
        delay_s = min(2.0 ** (count - _FREE_FAILURES), _LONGEST_S)
        return max(last_s + delay_s - now_s, 0.0)

    def fits(self, header: str, address: str, now_s: float) -> bool:
        """Tell whether an ``Authorization`` header is the right one, and count it.

        Args:
            header: The header: ``Basic``, and ``:PASSWORD`` in base64.
            address: Where it came from.
            now_s: The time on a clock that never goes back.
        """
        scheme, _, token = header.partition(" ")
        right = hmac.compare_digest(token.strip().encode("utf-8", "replace"), self._expected)
        network = _network(address)
        if right and scheme.lower() == "basic":
            self._failures.pop(network, None)
            return True
        count, last_s = self._failures.pop(network, (0, now_s))
        count = 0 if now_s - last_s > _WINDOW_S else count
        self._failures[network] = (min(count + 1, 100), now_s)
        while len(self._failures) > _MOST_ADDRESSES:
            del self._failures[next(iter(self._failures))]
        return False


def _network(address: str) -> str:
    """Return what one guesser has: an address, or of IPv6 the network of 64 bits."""
    if ":" not in address or address.startswith("::"):
        return address
    return ":".join(address.split(":")[:4])
