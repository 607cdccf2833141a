"""Adafruit's display driver, as it comes from PyPI, shows its picture on the simulated SSD1306."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import pytest

from cpcompat.backends.sim.parts.ssd1306 import Ssd1306

if TYPE_CHECKING:
    from pathlib import Path

    from cpcompat.backends.sim.circuit import Circuit

pytestmark = [pytest.mark.feature("sim parts"), pytest.mark.simulated]

_A = bytes([0x7E, 0x11, 0x11, 0x11, 0x7E])
"""The columns of the letter A in a font of 5 by 8, the lowest bit at the top."""


def rows(part: Ssd1306) -> list[str]:
    """Return what is seen, a row to a line."""
    image = part.image()
    return [
        "".join("#" if level else "." for level in image.data[y * image.width :][: image.width])
        for y in range(image.height)
    ]


def display(circuit: Circuit, width: int, height: int, **options: Any) -> tuple[Ssd1306, Any]:
    """Return a panel on the board's I2C bus, and the driver with it."""
    from adafruit_ssd1306 import SSD1306_I2C

    board: Any = importlib.import_module("board")
    part = Ssd1306(width=width, height=height)
    circuit.add_i2c(part)
    return part, SSD1306_I2C(width, height, board.I2C(), **options)


@pytest.mark.parametrize(("width", "height"), [(128, 64), (128, 32), (64, 48), (96, 16)])
def test_each_pixel_is_where_it_was_drawn(circuit: Circuit, width: int, height: int) -> None:
    """On each size of panel: the corners, a diagonal, a rectangle."""
    part, oled = display(circuit, width, height)
    drawn = {(0, 0), (width - 1, 0), (0, height - 1), (width - 1, height - 1)}
    drawn |= {(i + 3, i + 1) for i in range(height - 4)}
    for x, y in drawn:
        oled.pixel(x, y, 1)
    oled.show()
    seen = {(x, y) for y, row in enumerate(rows(part)) for x, dot in enumerate(row) if dot == "#"}
    assert seen == drawn
    oled.fill(0)
    oled.fill_rect(4, 2, 8, 3, 1)
    oled.show()
    assert [row.count("#") for row in rows(part)] == [0, 0, 8, 8, 8] + [0] * (height - 5)


def test_a_picture_by_pages_is_the_same(circuit: Circuit) -> None:
    """The driver's other way to write it."""
    part, oled = display(circuit, 128, 64, page_addressing=True)
    oled.line(0, 0, 127, 63, 1)
    oled.show()
    seen = rows(part)
    assert seen[0].startswith("##.")
    assert seen[63].endswith(".##")
    assert sum(row.count("#") for row in seen) == 128


def test_text_is_readable(
    circuit: Circuit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the font file of the program's folder."""
    font = bytearray(2 + 5 * 256)
    font[0:2] = b"\x05\x08"
    font[2 + 5 * ord("A") : 7 + 5 * ord("A")] = _A
    (tmp_path / "font5x8.bin").write_bytes(font)
    monkeypatch.chdir(tmp_path)
    part, oled = display(circuit, 128, 32)
    oled.text("AA", 1, 8, 1)
    oled.show()
    assert [row[:14] for row in rows(part)[7:17]] == [
        "..............",
        "..###...###...",
        ".#...#.#...#..",
        ".#...#.#...#..",
        ".#...#.#...#..",
        ".#####.#####..",
        ".#...#.#...#..",
        ".#...#.#...#..",
        "..............",
        "..............",
    ]


def test_power_invert_contrast_and_rotation_are_seen(circuit: Circuit) -> None:
    """As the driver's own words mean them."""
    part, oled = display(circuit, 128, 64)
    oled.pixel(0, 0, 1)
    oled.show()
    oled.invert(True)
    assert rows(part)[0] == "." + "#" * 127
    oled.invert(False)
    oled.contrast(0)
    assert 0 < part.image().data[0] < 128
    oled.rotate(False)
    oled.show()
    assert rows(part)[63] == "." * 127 + "#"
    oled.poweroff()
    assert not any(part.image().data)
