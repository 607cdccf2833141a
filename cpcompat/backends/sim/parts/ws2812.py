"""WS2812B, Worldsemi: pixels in a chain, known as NeoPixels.

Source: Worldsemi WS2812B data sheet: 24 bits a pixel, green, red and blue, the highest bit first; each
pixel keeps the first 24 bits and hands on the rest; a pause of 50 µs (280 µs since 2017) has them shown.
"""

from __future__ import annotations

from typing import Final

from cpcompat.backends.sim.part import Image, PixelPart
from cpcompat.errors import CircuitError

_MOST: Final = 10_000
_COLOURS: Final = 3


class Ws2812(PixelPart):
    """A chain of WS2812B. What it shows is its image, a pixel each.

    Args:
        count: How many there are.
        bytes_per_pixel: 3, or 4 for the kind with white (SK6812 RGBW), whose white is added here.
    """

    about = "pixels in a chain"

    def __init__(self, count: int = 1, bytes_per_pixel: int = _COLOURS) -> None:
        super().__init__()
        if not 1 <= count <= _MOST:
            raise CircuitError(f"count = {count!r} is not a whole number from 1 to {_MOST}")
        if bytes_per_pixel not in (3, 4):
            raise CircuitError(f"bytes_per_pixel = {bytes_per_pixel!r} is not 3 or 4")
        self._each = bytes_per_pixel
        self._kept = bytearray(count * bytes_per_pixel)

    def receive(self, data: bytes) -> None:
        """Keep what there are pixels for; a pixel that gets only a part of its bits stays as it is."""
        whole = min(len(data) // self._each * self._each, len(self._kept))
        self._kept[:whole] = data[:whole]

    def colours(self) -> list[tuple[int, int, int]]:
        """Return red, green and blue of each pixel, 0 to 255."""
        found = []
        for at in range(0, len(self._kept), self._each):
            green, red, blue, *white = self._kept[at : at + self._each]
            more = white[0] if white else 0
            found.append((min(red + more, 255), min(green + more, 255), min(blue + more, 255)))
        return found

    def image(self) -> Image:
        """Return the chain as a row."""
        colours = self.colours()
        data = bytes(part for colour in colours for part in colour)
        return Image(len(colours), 1, "RGB", data)
