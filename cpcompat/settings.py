"""What ``settings.toml`` says, read as CircuitPython reads it: a small part of TOML, with its quirks.

Pure: the file's bytes in, values out. The rules are those of upstream's documentation of
``settings.toml`` and its tests: the first line with the key counts; everything from the first
``[table]`` on is unseen; a text is in double quotes; a number or a truth value is bare.
"""

from __future__ import annotations

_BLANKS = b" \t\r\v\f"
_LONGEST_INT = 15
_ESCAPES = {0x62: b"\b", 0x72: b"\r", 0x6E: b"\n", 0x74: b"\t", 0x76: b"\v", 0x66: b"\f"}
_QUOTE, _BACKSLASH, _HASH = 0x22, 0x5C, 0x23
_HEX_DIGITS = {0x75: 4, 0x55: 8}
_INT = rb"[+-]?(?:0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)"
_FLOAT = rb"[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|inf|nan)"


class SettingError(ValueError):
    """A line of ``settings.toml`` has the key and no value that can be read.

    The message is what upstream's supervisor says about it: ``Invalid format`` or
    ``Invalid unicode escape``.
    """


def lookup(text: bytes, key: str, default: object = None) -> object:
    """Return a setting as ``os.getenv`` does: always a text, whatever was written.

    Args:
        text: The file's bytes.
        key: The setting's name; upper and lower case differ.
        default: What to return when there is no such setting or its value cannot be read.
    """
    try:
        found = _find(text, key)
        return default if found is None else _decoded(found[1])
    except SettingError:
        return default


def typed(text: bytes, key: str, default: object = None) -> object:
    """Return a setting as ``supervisor.get_setting`` does: str, int, float or bool as written.

    Args:
        text: The file's bytes.
        key: The setting's name; upper and lower case differ.
        default: What to return when there is no such setting.

    Raises:
        SettingError: Its value cannot be read.
    """
    found = _find(text, key)
    if found is None:
        return default
    quoted, value = found
    return _decoded(value) if quoted else _bare(value)


def keys(text: bytes) -> list[str]:
    """Return the settings' names in the order of the file; a key that is there twice counts once.

    Args:
        text: The file's bytes.
    """
    found: dict[str, None] = {}
    for raw in text.split(b"\n"):
        line = raw.lstrip(_BLANKS)
        if line[:1] in (b"[", b"\0"):
            break
        key, equals, _ = line.partition(b"=")
        name = key.rstrip(_BLANKS).decode("utf-8", "replace")
        if equals and name and not name.startswith("#"):
            found[name] = None
    return list(found)


def _find(text: bytes, key: str) -> tuple[bool, bytes] | None:
    """Return whether the key's value is quoted, and its bytes; None when the key is not there."""
    wanted = key.encode()
    for raw in text.split(b"\n"):
        line = raw.lstrip(_BLANKS)
        if line[:1] in (b"[", b"\0"):
            return None
        if not line.startswith(wanted):
            continue
        rest = line[len(wanted) :].lstrip(_BLANKS)
        if rest.startswith(b"="):
            return _value(rest[1:].lstrip(_BLANKS))
    return None


def _value(text: bytes) -> tuple[bool, bytes]:
    if text.startswith(b'"'):
        return True, _quoted(text)
    if not text:
        raise SettingError("Invalid format")
    return False, text.partition(b"#")[0].rstrip(b" \t\r")


def _quoted(text: bytes) -> bytes:
    """Return what stands between the double quote that the text starts with and the next one."""
    made = bytearray()
    at = 1
    while at < len(text) and text[at] not in (_QUOTE, 0):
        if text[at] == _BACKSLASH:
            piece, at = _escaped(text, at + 1)
            made += piece
        else:
            made.append(text[at])
            at += 1
    after = text[at + 1 :].lstrip(_BLANKS)
    if text[at : at + 1] != b'"' or (after and after[0] != _HASH):
        raise SettingError("Invalid format")
    return bytes(made)


def _escaped(text: bytes, at: int) -> tuple[bytes, int]:
    """Return what a backslash and the character at that place mean, and where to go on."""
    if at >= len(text):
        raise SettingError("Invalid format")
    letter = text[at]
    at += 1
    if letter not in _HEX_DIGITS:
        return _ESCAPES.get(letter, bytes((letter,))), at
    end = at + _HEX_DIGITS[letter]
    digits = text[at:end]
    if len(digits) < end - at or digits.strip(b"0123456789abcdefABCDEF"):
        raise SettingError("Invalid format")
    try:
        return chr(int(digits, 16)).encode(), end
    except (ValueError, OverflowError):
        raise SettingError("Invalid unicode escape") from None


def _decoded(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise SettingError("Invalid format") from None


def _bare(value: bytes) -> int | float | bool:
    import re

    if value in (b"true", b"false"):
        return value == b"true"
    if len(value) <= _LONGEST_INT and re.fullmatch(_INT, value):
        digits = value.lstrip(b"+-")
        octal = digits.startswith(b"0") and digits[1:2] not in (b"x", b"X")
        number = int(digits, 8 if octal else 0)
        return -number if value.startswith(b"-") else number
    if re.fullmatch(_FLOAT, value):
        return float(value)
    raise SettingError("Invalid format")
