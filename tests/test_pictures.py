"""The pictures of the documentation are made from the product, and can be read."""

from __future__ import annotations

import struct
import xml.etree.ElementTree as ET
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpcompat.vm.names import FACES
from tests.running import ROOT
from tools import drawing, picture

pytestmark = pytest.mark.feature("developer's house")

SVG = "{http://www.w3.org/2000/svg}"


def texts(name: str) -> str:
    """Return all that is written in a picture of docs/."""
    root = ET.parse(ROOT / "docs" / name).getroot()
    return "\n".join(element.text or "" for element in root.iter(f"{SVG}text"))


def test_the_drawing_names_every_module_and_backend() -> None:
    """A new one appears in it by itself."""
    written = texts("architecture.svg")
    backends = {path.parent.name for path in ROOT.glob("cpcompat/backends/*/__init__.py")}
    assert all(name in written for name in {*FACES, *backends, "zygote", "circuit"})


def test_no_text_of_the_drawing_leaves_its_box() -> None:
    """There is room for its lines, and for each line at 7 units a letter."""
    for box in drawing.boxes(ROOT):
        assert 40 + 16 * (len(box.lines) - 1) < box.height or not box.lines, box.name
        assert all(len(line) * 7 < box.width for line in box.lines), box


def test_an_arrow_against_the_rule_of_imports_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The drawing cannot promise another tree than the one that is tested."""
    monkeypatch.setattr(drawing, "_USES", (("face", "backend", "M0 0V9"),))
    with pytest.raises(ValueError, match="face may not import backend"):
        drawing.make(ROOT)


def test_the_picture_shows_what_the_examples_print() -> None:
    """A console and a display, from real runs."""
    written = texts("screen.svg")
    assert "CircuitPython-compatible" in written
    assert "23.5 °C  41.0 %" in written


@given(st.lists(st.lists(st.booleans(), min_size=9, max_size=9), min_size=1, max_size=5))
def test_the_outline_has_the_lit_pixels(rows: list[list[bool]]) -> None:
    """Each run of them, and no other."""
    data = b"".join(b"\0" + bytes(255 * lit for lit in row) for row in rows)
    png = b"\x89PNG\r\n\x1a\n"
    for kind, content in (
        (b"IHDR", struct.pack(">IIBBBBB", 9, len(rows), 8, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(data)),
        (b"IEND", b""),
    ):
        png += struct.pack(">I", len(content)) + kind + content + bytes(4)
    lit = set()
    for run in filter(None, picture.outline(png).split("z")):
        x, y = map(int, run[1 : run.index("h")].split())
        length = int(run[run.index("h") + 1 : run.index("v")])
        lit |= {(x + step, y) for step in range(length)}
    assert lit == {(x, y) for y, row in enumerate(rows) for x, on in enumerate(row) if on}
