"""From a program's bytes to a terminal's: newlines, and the search for a marker in the stream."""

from __future__ import annotations


class Cooker:
    """Makes CR LF of every LF that has no CR before it, over the borders of chunks.

    An existing CR LF is left alone, as upstream does (stdout_helpers.c); a kernel's ONLCR would
    make CR CR LF of it.
    """

    def __init__(self) -> None:
        self._after_return = False

    def cook(self, data: bytes) -> bytes:
        """Return the chunk as a terminal wants it."""
        if not data:
            return data
        glued = data[0] == 0x0A and self._after_return
        self._after_return = data[-1] == 0x0D
        if b"\r" not in data and not glued:
            return data.replace(b"\n", b"\r\n")
        cooked = data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        return cooked[1:] if glued else cooked


class MarkerSearch:
    """Finds a marker in a stream and takes it out, wherever the chunks are cut.

    Args:
        marker: The bytes that end what is looked for.
    """

    def __init__(self, marker: bytes) -> None:
        self._marker = marker
        self._held = b""

    def feed(self, chunk: bytes) -> tuple[bytes, bytes | None]:
        """Take the next chunk.

        Returns:
            The bytes before the marker that are certain, and the bytes after it once it has been
            found; None while it has not.
        """
        data = self._held + chunk
        before, found, after = data.partition(self._marker)
        if found:
            self._held = b""
            return before, after
        keep = self._border(data)
        self._held = data[len(data) - keep :]
        return data[: len(data) - keep], None

    def rest(self) -> bytes:
        """Return what is held back, when the search is given up."""
        held, self._held = self._held, b""
        return held

    def _border(self, data: bytes) -> int:
        """Return how many bytes at the end could be the start of the marker."""
        for size in range(min(len(self._marker) - 1, len(data)), 0, -1):
            if data.endswith(self._marker[:size]):
                return size
        return 0
