"""The raw REPL's protocol, which programs speak: bytes in, bytes out, nothing is run here.

Raw-paste is the variant with flow control: the sender may send a window of bytes, and another one
each time it is told that a window has been taken.
Source: CircuitPython ``shared/runtime/pyexec.c``; MicroPython's documentation of the REPL.
"""

from __future__ import annotations

import enum
import struct
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

BANNER = b"raw REPL; CTRL-B to exit\r\n>"
WINDOW = 128
"""Bytes of a raw-paste window."""
_CTRL_A, _CTRL_B, _CTRL_C, _CTRL_D, _CTRL_E = 1, 2, 3, 4, 5
_ACCEPTED, _REFUSED = b"R\x01" + struct.pack("<H", WINDOW) + b"\x01", b"R\x00"
_MORE, _END = b"\x01", b"\x04"


class Wants(enum.Enum):
    """What the sender wants done."""

    RUN = "run the text"
    CANCELLED = "the text was withdrawn: answer as if it had been interrupted"
    REBOOT = "a soft reboot"
    FRIENDLY = "the friendly REPL"


class Answer(NamedTuple):
    """What one byte led to.

    Attributes:
        output: To be sent back.
        wants: What is to be done then, if anything.
    """

    output: bytes = b""
    wants: Wants | None = None


class RawInput:
    """One side of the conversation.

    Args:
        is_broken: Tells of the whole lines so far whether no text that begins so can be compiled.

    Attributes:
        text: The text to run, as it was sent, when `Wants.RUN` was answered.
    """

    def __init__(self, is_broken: Callable[[bytes], bool]) -> None:
        self.text = b""
        self._is_broken = is_broken
        self._bytes = bytearray()
        self._take = self._plain
        self._left = 0
        self._check_at = 0

    def feed(self, byte: bytes) -> Answer:
        """Take one byte."""
        return self._take(byte)

    def _plain(self, byte: bytes) -> Answer:
        code = byte[0]
        if code == _CTRL_A:
            return self._asked_for_paste()
        if code == _CTRL_B:
            return Answer(b"\r\n", Wants.FRIENDLY)
        if code == _CTRL_C:
            self._bytes.clear()
        elif code == _CTRL_D:
            if self._bytes:
                return self._done(b"OK")
            return Answer(b"OK\r\n", Wants.REBOOT)
        else:
            self._bytes += byte
        return Answer()

    def _asked_for_paste(self) -> Answer:
        asked = bytes(self._bytes)
        self._bytes.clear()
        if len(asked) != 2 or asked[0] != _CTRL_E:
            return Answer(BANNER)
        if asked[1:] != b"A":
            return Answer(_REFUSED + b">")
        self._take = self._paste
        self._left = self._check_at = WINDOW
        return Answer(_ACCEPTED)

    def _paste(self, byte: bytes) -> Answer:
        code = byte[0]
        if code == _CTRL_C:
            self._done(b"")
            return Answer(_END, Wants.CANCELLED)
        if code == _CTRL_D:
            return self._done(_END)
        self._bytes += byte
        self._left -= 1
        if self._left:
            return Answer()
        self._left = WINDOW
        if self._gives_up():
            self._take = self._swallow
            return Answer(_END)
        return Answer(_MORE)

    def _gives_up(self) -> bool:
        """Look at what came, each time that it has doubled: so looking costs little in all."""
        if len(self._bytes) < self._check_at:
            return False
        self._check_at *= 2
        return self._is_broken(bytes(self._bytes[: self._bytes.rfind(b"\n") + 1]))

    def _swallow(self, byte: bytes) -> Answer:
        return self._done(b"") if byte[0] in {_CTRL_C, _CTRL_D} else Answer()

    def _done(self, output: bytes) -> Answer:
        self.text = bytes(self._bytes)
        self._bytes.clear()
        self._take = self._plain
        return Answer(output, Wants.RUN)
