"""The port of pixels in a chain: one data line, one bit after the other (WS2812 and its like)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from cpcompat.hal.buffers import ReadableBuffer


class PixelOutput(Protocol):
    """One data line to a chain of pixels, opened by `Backend.pixels`.

    Synchronization: one caller at a time.
    """

    def write(self, data: ReadableBuffer) -> None:
        """Send bytes, the highest bit first, at 800 kHz, and the pause that has them shown.

        Args:
            data: The colours in the order that the pixels have, from the first pixel on.

        Raises:
            HalError: UNSUPPORTED for more than can be sent at once, BROKEN, GONE.
        """
        ...

    def close(self) -> None:
        """Let the line go; the pixels stay as they are. Closing again does nothing."""
        ...
