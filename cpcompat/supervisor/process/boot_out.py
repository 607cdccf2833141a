"""What ``boot_out.txt`` holds: the boot header and what boot.py printed, at most 512 bytes of it."""

from __future__ import annotations

_ROOM = 486
_CUT = b"[truncated due to length]\n"


class BootOut:
    """Collects console output until `text` is asked for (upstream: supervisor/shared/micropython.c)."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._cut = False

    def add(self, cooked: bytes) -> None:
        """Take one write to the console, with CR LF as a terminal gets it."""
        if self._cut:
            return
        room = _ROOM - len(self._data)
        if len(cooked) > room:
            self._data += cooked[:room] + _CUT
            self._cut = True
        else:
            self._data += cooked

    def text(self) -> bytes:
        """Return the file's content."""
        return bytes(self._data)
