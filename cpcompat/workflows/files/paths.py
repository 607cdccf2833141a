"""Paths in requests, made into names of the drive. Pure."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

ROOT = "/fs"
_LONGEST = 4096
_LONGEST_NAME = 255
_PART = re.compile(r"\.cpcompat-[0-9a-f]{16}\.part", re.ASCII)
PART = ".cpcompat-{}.part"
"""The name of a file while it comes in."""


class BadPathError(ValueError):
    """A path that no file of the drive can have."""


class Place(NamedTuple):
    """A file or folder of the drive.

    Attributes:
        names: The names on the way to it; none for the drive itself.
        is_folder: It was written with a slash at its end.
    """

    names: tuple[str, ...]
    is_folder: bool

    def __str__(self) -> str:
        return "/" + "/".join(self.names)


def place(raw: str) -> Place:
    """Return what a path names.

    Args:
        raw: The path behind ``/fs``, with percent escapes; they are decoded once.

    Raises:
        BadPathError: It leads out of the drive, or is no path at all.
    """
    if len(raw) > _LONGEST or not raw.startswith("/"):
        raise BadPathError("not a path")
    try:
        path = unquote_to_bytes(raw).decode("utf-8")
    except UnicodeError as error:
        raise BadPathError("not UTF-8") from error
    if "\\" in path or any(ord(letter) < 0x20 or ord(letter) == 0x7F for letter in path):
        raise BadPathError("a character that no name may have")
    names = tuple(name for name in path.split("/") if name)
    for name in names:
        if name in (".", "..") or len(name.encode()) > _LONGEST_NAME or is_part(name):
            raise BadPathError("a name that no file may have")
    return Place(names, path.endswith("/"))


def destination(header: str) -> Place:
    """Return what an ``X-Destination`` header names.

    Raises:
        BadPathError: It does not begin with ``/fs/``, or see `place`.
    """
    if not header.startswith(ROOT + "/"):
        raise BadPathError("X-Destination does not begin with /fs/")
    return place(header.removeprefix(ROOT))


def is_part(name: str) -> bool:
    """Tell whether a name is one of those that files have while they come in."""
    return _PART.fullmatch(name) is not None
