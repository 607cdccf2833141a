"""PNG files, read back by a reader written from the specification's list of chunks."""

from __future__ import annotations

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpcompat.backends.sim.part import Image
from cpcompat.backends.sim.png import encode

pytestmark = [pytest.mark.feature("circuit: picture of a display"), pytest.mark.simulated]


@given(st.integers(1, 20), st.integers(1, 20), st.sampled_from(["L", "RGB"]), st.data())
def test_a_picture_comes_back_from_its_png(
    width: int, height: int, mode: str, data: st.DataObject
) -> None:
    """Size, colour type and every pixel are in the file, and every checksum is right."""
    pixel = {"L": 1, "RGB": 3}[mode]
    size = width * height * pixel
    pixels = data.draw(st.binary(min_size=size, max_size=size))
    chunks = _chunks(encode(Image(width, height, mode, pixels)))
    assert [kind for kind, _ in chunks] == [b"IHDR", b"IDAT", b"IEND"]
    assert chunks[0][1][:10] == struct.pack(">IIBB", width, height, 8, {"L": 0, "RGB": 2}[mode])
    rows = zlib.decompress(chunks[1][1])
    size = 1 + width * pixel
    assert len(rows) == height * size
    assert b"".join(rows[i * size + 1 : (i + 1) * size] for i in range(height)) == pixels


def _chunks(png: bytes) -> list[tuple[bytes, bytes]]:
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    place, chunks = 8, []
    while place < len(png):
        length, kind = struct.unpack_from(">I4s", png, place)
        data = png[place + 8 : place + 8 + length]
        (checksum,) = struct.unpack_from(">I", png, place + 8 + length)
        assert checksum == zlib.crc32(kind + data)
        chunks.append((kind, data))
        place += 12 + length
    return chunks
