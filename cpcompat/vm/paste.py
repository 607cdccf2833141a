"""Paste mode: what is pasted is shown as it comes, and runs as a whole. Bytes in, bytes out.

Source: CircuitPython ``shared/runtime/pyexec.c``.
"""

from __future__ import annotations

import enum
from typing import NamedTuple

BANNER = b"paste mode; Ctrl-C to cancel, Ctrl-D to finish\r\n=== "
_CANCEL, _FINISH, _ENTER = 0x03, 0x04, 0x0D


class Pasted(enum.Enum):
    """How pasting ended."""

    DONE = "Ctrl-D: run it"
    CANCELLED = "Ctrl-C: forget it"


class Echo(NamedTuple):
    """What one byte led to.

    Attributes:
        output: For the terminal.
        ended: How pasting ended, if it did.
    """

    output: bytes
    ended: Pasted | None = None


class Paste:
    """Collects what is pasted."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    @property
    def text(self) -> str:
        """What was pasted, with LF line ends."""
        text = self._bytes.decode("utf-8", "replace")
        return text.replace("\r\n", "\n").replace("\r", "\n")

    def feed(self, byte: bytes) -> Echo:
        """Take one byte from the terminal."""
        code = byte[0]
        if code == _CANCEL:
            return Echo(b"\r\n", Pasted.CANCELLED)
        if code == _FINISH:
            return Echo(b"\r\n", Pasted.DONE)
        self._bytes += byte
        return Echo(b"\r\n=== " if code == _ENTER else byte)
