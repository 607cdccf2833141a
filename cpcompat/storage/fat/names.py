"""Names of files: what may be one, and how a long one is kept beside a short one of 8.3."""

from __future__ import annotations

import errno
from collections.abc import Container

from cpcompat.hal.oserrors import board_error

_LONGEST = 255
_NEVER = frozenset('"*/:<>?\\|') | {chr(code) for code in (*range(32), 127)}
_NOT_SHORT = frozenset("+,;=[] .")
_CODE_PAGE = "cp437"
_LOWER_BODY, _LOWER_ENDING = 0x08, 0x10
"""Windows NT's flags for a short name in small letters."""
_PART = 13
_FIELDS = ((1, 10), (14, 12), (28, 4))
"""Where the letters of a long name's part are in its entry."""
_KANJI = 0x05
"""Stands for 0xE5 as a name's first byte, which would mean «removed»."""


def checked(name: str) -> str:
    """Return a name as it is kept.

    Raises:
        OSError: 22 (EINVAL): that is no name on such a file system.
    """
    kept = name.rstrip(". ")
    if not kept or not _NEVER.isdisjoint(kept) or len(_letters(kept)) > _LONGEST:
        raise board_error(errno.EINVAL)
    return kept


def folded(name: str) -> str:
    """Return what is the same for names that differ in small and capital letters alone."""
    return name.upper()


def _letters(name: str) -> list[int]:
    data = name.encode("utf-16-le", "surrogatepass")
    return [data[at] | data[at + 1] << 8 for at in range(0, len(data), 2)]


def simple(name: str) -> tuple[bytes, int] | None:
    """Return the 11 bytes and the flags of a name that needs no long one, else None."""
    body, dot, ending = name.rpartition(".") if "." in name else (name, "", "")
    if not 1 <= len(body) <= 8 or len(ending) > 3 or (dot and not ending):
        return None
    if not _NOT_SHORT.isdisjoint(body + ending) or not (body + ending).isascii():
        return None
    flags = 0
    for part, flag in ((body, _LOWER_BODY), (ending, _LOWER_ENDING)):
        if part != part.upper():
            if part != part.lower():
                return None
            flags |= flag
    return (body.ljust(8) + ending.ljust(3)).upper().encode("ascii"), flags


def alias(name: str, taken: Container[bytes]) -> bytes:
    """Return the 11 bytes of a short name for a long one: ``LONGNA~1TXT``.

    Args:
        name: The long name.
        taken: The short names in the folder.
    """
    stem, _, ending = (
        name.lstrip(".").rpartition(".") if "." in name.lstrip(".") else (name, "", "")
    )
    body, tail = _plain(stem)[:8], _plain(ending)[:3].ljust(3)
    for number in range(1, 1_000_000):
        mark = f"~{number}"
        short = (body[: 8 - len(mark)] + mark).ljust(8) + tail
        if short.encode("ascii") not in taken:
            return short.encode("ascii")
    raise board_error(errno.EEXIST)


def _plain(text: str) -> str:
    kept = (letter for letter in text.upper() if letter not in " .")
    return "".join("_" if not c.isascii() or c in _NOT_SHORT else c for c in kept)


def shown(short: bytes, flags: int) -> str:
    """Return the name that 11 bytes mean."""
    raw = (b"\xe5" + short[1:]) if short[0] == _KANJI else short
    body = raw[:8].decode(_CODE_PAGE).rstrip(" ")
    ending = raw[8:].decode(_CODE_PAGE).rstrip(" ")
    body = body.lower() if flags & _LOWER_BODY else body
    ending = ending.lower() if flags & _LOWER_ENDING else ending
    return f"{body}.{ending}" if ending else body


def checksum(short: bytes) -> int:
    """Return the sum that ties a long name to its short one."""
    total = 0
    for byte in short:
        total = ((total & 1) << 7 | total >> 1) + byte & 0xFF
    return total


def long_entries(name: str, short: bytes) -> list[bytes]:
    """Return the entries of a long name, in the order in which they precede the short one."""
    letters = _letters(name)
    count = -(-len(letters) // _PART)
    if len(letters) % _PART:
        letters.append(0)
    letters += [0xFFFF] * (count * _PART - len(letters))
    rows = []
    for index in range(count, 0, -1):
        part = letters[(index - 1) * _PART : index * _PART]
        data = b"".join(letter.to_bytes(2, "little") for letter in part)
        row = bytearray(32)
        row[0] = index | (0x40 if index == count else 0)
        row[11], row[13] = 0x0F, checksum(short)
        at = 0
        for start, length in _FIELDS:
            row[start : start + length] = data[at : at + length]
            at += length
        rows.append(bytes(row))
    return rows


def from_long_entries(rows: list[bytes], short: bytes) -> str | None:
    """Return the name that entries spell, or None if they are not this short name's."""
    count = len(rows)
    if not rows or rows[0][0] != count | 0x40:
        return None
    data = b""
    for index, row in enumerate(reversed(rows), start=1):
        if row[0] & 0x3F != index or row[13] != checksum(short):
            return None
        data += b"".join(row[start : start + length] for start, length in _FIELDS)
    return data.decode("utf-16-le", "surrogatepass").partition("\0")[0]
