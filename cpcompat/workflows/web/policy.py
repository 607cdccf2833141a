"""The headers that tell browsers what they may do with what they get. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

METHODS = "GET, OPTIONS, PUT, DELETE, MOVE"
PAGE = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
"""What our own page may do: nothing inline, and nothing from elsewhere."""
_EDITOR = "https://code.circuitpython.org"
ONLINE_EDITOR = (
    f"default-src 'none'; script-src 'self' {_EDITOR}; style-src 'unsafe-inline' {_EDITOR}; "
    f"img-src 'self' data: blob: {_EDITOR}; font-src data: {_EDITOR}; "
    f"connect-src 'self' ws: {_EDITOR} https://api.github.com; worker-src blob: {_EDITOR}; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""What somebody else's editor needs, where the user asked for it."""
FILE = "sandbox; default-src 'none'"
"""What a file of the drive may do when a browser shows it: nothing, not even as a page."""

_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Server": "cpcompat",
}
PREFLIGHT = {
    "Access-Control-Expose-Headers": "Access-Control-Allow-Methods",
    "Access-Control-Allow-Headers": "X-Timestamp, X-Destination, Content-Type, Authorization",
    "Access-Control-Allow-Methods": METHODS,
}
"""What upstream answers ``OPTIONS`` with; its editor reads the methods."""
OUR_PREFLIGHT = {**PREFLIGHT, "Access-Control-Allow-Methods": "GET, OPTIONS, POST"}
"""And what is answered below ``/cpcompat/``, which upstream has not."""


def headers(content: str, origin: str) -> Mapping[str, str]:
    """Return the headers of an answer.

    Upstream allows ``*`` where no origin is given, which no browser takes with a password; here
    the line is left out.

    Args:
        content: The Content-Security-Policy.
        origin: The request's origin, which has been let in; empty without one.
    """
    allowed = {"Access-Control-Allow-Origin": origin} if origin else {}
    return {
        **_ALWAYS,
        "Content-Security-Policy": content,
        "Cache-Control": "no-store" if content == FILE else "no-cache",
        "Vary": "Origin, Accept, Upgrade",
        "Access-Control-Allow-Credentials": "true",
        **allowed,
    }
