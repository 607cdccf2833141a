"""Turning the web workflow on and off in a drive's files, with nothing else in them lost. Pure."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, NamedTuple

from cpcompat import settings
from cpcompat.errors import CpcompatError
from cpcompat.workflows.web.plan import PASSWORD_KEY

if TYPE_CHECKING:
    from collections.abc import Callable

_KEY = PASSWORD_KEY.encode()
_BLANKS = b" \t\r\v\f"
_ASIDE = b"#off "
_TABLE = re.compile(r"\s*\[")
_WEB = re.compile(r"\s*\[\s*web\s*\]\s*(#.*)?\Z")
_LISTEN = re.compile(r"\s*listen\s*=")


class Turned(NamedTuple):
    """``settings.toml`` with a password.

    Attributes:
        text: The file's bytes.
        password: The password that holds.
        made: It was made just now, so nobody knows it yet.
    """

    text: bytes
    password: str
    made: bool


def turned_on(text: bytes, make: Callable[[], str]) -> Turned:
    """Return ``settings.toml`` with a password: the one in it, the one put aside, or a new one.

    Args:
        text: The file's bytes.
        make: Makes a password of letters that need no quoting.
    """
    present = settings.lookup(text, PASSWORD_KEY)
    if present:
        return Turned(text, str(present), False)
    lines = turned_off(text).split(b"\n")
    end = _end(lines)
    for at in range(end):
        line = lines[at].lstrip(_BLANKS)
        kept = line.startswith(_ASIDE) and settings.lookup(line[len(_ASIDE) :], PASSWORD_KEY)
        if kept:
            lines[at] = line[len(_ASIDE) :]
            return Turned(b"\n".join(lines), str(kept), False)
    password = make()
    line = _KEY + b' = "' + password.encode() + b'"' + b"\r" * lines[0].endswith(b"\r")
    if end == len(lines) and lines[-1]:
        lines.append(b"")
    lines.insert(min(end, len(lines) - 1), line)
    return Turned(b"\n".join(lines), password, True)


def turned_off(text: bytes) -> bytes:
    """Return ``settings.toml`` with its password put aside, in a comment."""
    lines = text.split(b"\n")
    is_on = bool(settings.lookup(text, PASSWORD_KEY))
    for at in range(_end(lines)):
        line = lines[at].lstrip(_BLANKS)
        if _is_password(line):
            lines[at] = _ASIDE + line
        elif is_on and line.startswith(_ASIDE):
            lines[at] = b"#" + line[len(_ASIDE) :]  # an older one, that nobody wants back
    return b"\n".join(lines)


def _end(lines: list[bytes]) -> int:
    """Return the number of the line from which on nobody reads: a table begins there."""
    for at, line in enumerate(lines):
        if line.lstrip(_BLANKS)[:1] in (b"[", b"\0"):
            return at
    return len(lines)


def _is_password(line: bytes) -> bool:
    name, equals, _ = line.lstrip(_BLANKS).partition(b"=")
    return bool(equals) and name.rstrip(_BLANKS) == _KEY


def listening(text: str, listen: str | None) -> str:
    """Return ``cpcompat.toml`` with another address to listen at.

    Args:
        text: The file.
        listen: The address; None for none.

    Raises:
        CpcompatError: The file is written in a way that cannot be changed here.
    """
    lines = text.split("\n")
    header = next((at for at, line in enumerate(lines) if _WEB.match(line)), None)
    row = [] if listen is None else [f'listen = "{listen}"']
    if header is not None:
        rest = lines[header + 1 :]
        size = next((at for at, line in enumerate(rest) if _TABLE.match(line)), len(rest))
        table = [line for line in rest[:size] if not _LISTEN.match(line)]
        made = "\n".join([*lines[: header + 1], *row, *table, *rest[size:]])
    elif row:
        gap = "" if not text else "\n" if text.endswith("\n") else "\n\n"
        made = f"{text}{gap}[web]\n{row[0]}\n"
    else:
        made = text
    _check(text, made, listen)
    return made


def _check(before: str, made: str, listen: str | None) -> None:
    """Refuse a change that would change anything else."""
    try:
        wanted = tomllib.loads(before)
        if listen is not None:
            wanted.setdefault("web", {})["listen"] = listen
        elif isinstance(wanted.get("web"), dict):
            wanted["web"].pop("listen", None)
        fits = tomllib.loads(made) == wanted
    except (tomllib.TOMLDecodeError, TypeError):
        fits = False
    if not fits:
        row = "nothing of listen" if listen is None else f'listen = "{listen}"'
        raise CpcompatError(
            "cpcompat.toml is written in a way that is not changed here",
            f"Change it by hand: in [web], {row}.",
        )
