"""Whether the web workflow runs, where it listens, and who may come in. Pure."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING, NamedTuple

from cpcompat import settings
from cpcompat.errors import CpcompatError

if TYPE_CHECKING:
    from collections.abc import Callable

    from cpcompat.supervisor.process.configuration import WebTable

PASSWORD_KEY = "CIRCUITPY_WEB_API_PASSWORD"
PORT_KEY = "CIRCUITPY_WEB_API_PORT"
NAME_KEY = "CIRCUITPY_WEB_INSTANCE_NAME"
USUAL_PORT = 8080
"""Upstream's 80 would need root."""
LOOPBACK = "127.0.0.1"
LETTERS = string.ascii_letters + string.digits
"""What a made password consists of: circup puts it into a URL without quoting."""
LEAST_LENGTH = 8
_EVERYBODY_KNOWS = ("passw0rd",)  # of upstream's documentation
_HOW = f'Put {PASSWORD_KEY} = "…" into settings.toml, or let «cpcompat web on» make one.'
CLEAR_TEXT = (
    "The connection is not encrypted: whoever is on the same network can read the password and "
    "all else.\nUse a network that you trust, or a tunnel: ssh -L 8080:127.0.0.1:8080 BOARD."
)


class Plan(NamedTuple):
    """How the web workflow is to run.

    Attributes:
        host: The address to listen at.
        port: The port; 0 for any free one.
        password: The password.
        name: What this board is called on the network; empty for the board's own name.
        made: The password was made for this run, so nobody knows it yet.
        hosts: More names by which the board may be asked for.
        origins: More origins whose pages may use it.
        certificate: The path of a TLS certificate, empty for none.
        key: The path of its key, empty when it is in the same file.
        online_editor: ``/code/`` loads the editor of code.circuitpython.org.
        shared_name: ``circuitpython.local`` leads here.
    """

    host: str
    port: int
    password: str
    name: str = ""
    made: bool = False
    hosts: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    certificate: str = ""
    key: str = ""
    online_editor: bool = False
    shared_name: bool = False

    @property
    def scheme(self) -> str:
        """``"https"`` or ``"http"``."""
        return "https" if self.certificate else "http"

    @property
    def is_local(self) -> bool:
        """Whether only this computer can reach it."""
        return is_loopback(self.host)


def is_loopback(host: str) -> bool:
    """Tell whether an address is reached from this computer alone."""
    return host in ("localhost", "::1") or host.startswith("127.")


def place(text: str) -> tuple[str, int]:
    """Return host and port of ``[HOST:]PORT``.

    Raises:
        CpcompatError: It is none.
    """
    host, colon, port = text.rpartition(":")
    host = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    if not (port.isascii() and port.isdigit()) or int(port) > 65535 or (colon and not host):
        raise CpcompatError(
            f"{text!r} is no [HOST:]PORT", "Examples: 8080, 0.0.0.0:8080, [::1]:8080."
        )
    return host or LOOPBACK, int(port)


def plan(text: bytes, table: WebTable, given: str | None, make: Callable[[], str]) -> Plan | None:
    """Return how the web workflow is to run, or None when nobody wants it.

    Args:
        text: The bytes of ``settings.toml``.
        table: ``[web]`` of ``cpcompat.toml``.
        given: ``--web`` of the command line.
        make: Makes a password.

    Raises:
        CpcompatError: It is wanted in a way that cannot be, or must not.
    """
    password = settings.lookup(text, PASSWORD_KEY)
    if given is None and password is None:
        return None
    made = password is None
    password = make() if password is None else str(password)
    host, number = place(given or table.listen or f"{LOOPBACK}:{port(text)}")
    _check(password, host)
    return Plan(
        host,
        number,
        password,
        str(settings.lookup(text, NAME_KEY, "")),
        made,
        table.hosts,
        table.origins,
        table.certificate,
        table.key,
        table.online_editor,
        table.shared_name,
    )


def port(text: bytes) -> int:
    """Return the port that ``settings.toml`` names, or the usual one."""
    try:
        said = settings.typed(text, PORT_KEY)
    except settings.SettingError:
        said = None
    return said if type(said) is int and 0 < said < 65536 else USUAL_PORT


def _check(password: str, host: str) -> None:
    if not password:
        raise CpcompatError("the web password is empty", _HOW)
    if not is_loopback(host) and (len(password) < LEAST_LENGTH or password in _EVERYBODY_KNOWS):
        raise CpcompatError(
            f"the web password is too easy for a network, listening at {host!r}",
            f"It needs {LEAST_LENGTH} characters or more, and it is a password to a whole computer. "
            + _HOW,
        )
