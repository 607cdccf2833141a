"""Pictures as PNG files (W3C PNG specification, second edition), in the one form that is needed."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cpcompat.backends.sim.part import Image

_COLOUR = {"L": (0, 1), "RGB": (2, 3)}  # PNG's colour type and bytes a pixel


def encode(image: Image) -> bytes:
    """Return a picture as the content of a PNG file, 8 bits a sample."""
    colour, pixel = _COLOUR[image.mode]
    row = image.width * pixel
    header = struct.pack(">IIBBBBB", image.width, image.height, 8, colour, 0, 0, 0)
    # Each row begins with the number of its filter; 0 is none.
    rows = b"".join(
        b"\0" + image.data[start : start + row] for start in range(0, row * image.height, row)
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        _chunk(kind, data)
        for kind, data in ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
