"""Makes the picture of the README from real runs: a console, and what a display shows."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path
from xml.sax.saxutils import escape

_COMMAND = "from cpcompat.cli import main; raise SystemExit(main())"
_LINES = 9
_HEAD = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 860 200" role="img" \
aria-label="cpcompat runs a weather station on a simulated board, and an OLED display">
<style>
text { font: 11px ui-monospace, monospace; fill: #d1d9e0; white-space: pre }
.title { fill: #9198a1 } .screen { fill: #0d1117; stroke: #3d444d } .glass { fill: #010409 }
.lit { fill: #9be9ff }
</style>
"""


def make(root: Path) -> str:
    """Return docs/screen.svg."""
    said, _ = _run(root, "weather")
    _, pixels = _run(root, "oled")
    shown = ["$ cpcompat run examples/weather", *said.splitlines()]
    text = _HEAD + '<rect class="screen" x="1" y="1" width="580" height="198" rx="8"/>\n'
    for number, line in enumerate(shown[:_LINES]):
        text += f'<text x="16" y="{28 + 20 * number}">{escape(line)}</text>\n'
    text += '<text class="title" x="600" y="20">$ cpcompat run examples/oled</text>\n'
    text += '<rect class="glass" x="600" y="36" width="256" height="128" rx="4"/>\n'
    return (
        f'{text}<path class="lit" transform="translate(600 36) scale(2)" d="{pixels}"/>\n</svg>\n'
    )


def _run(root: Path, example: str) -> tuple[str, str]:
    """Run an example; return what it printed, and what its display shows as a path."""
    with tempfile.TemporaryDirectory(prefix="picture-") as folder:
        drive, screen = Path(folder, example), Path(folder, "screen.png")
        shutil.copytree(root / "examples" / example, drive)
        options = ["--board", "sim", "--runs", "1", "--virtual-time", "--screen", str(screen)]
        done = subprocess.run(
            [sys.executable, "-c", _COMMAND, "run", str(drive), *options],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=True,
        )
        return done.stdout, outline(screen.read_bytes()) if screen.is_file() else ""


def outline(png: bytes) -> str:
    """Return the lit pixels of a picture that `--screen` wrote, as the path of an SVG.

    Not the file itself: its compressed bytes differ from one zlib to another.
    """
    width = int.from_bytes(png[16:20], "big")
    data, at = b"", 8
    while at < len(png):
        length, kind = int.from_bytes(png[at : at + 4], "big"), png[at + 4 : at + 8]
        data += png[at + 8 : at + 8 + length] if kind == b"IDAT" else b""
        at += 12 + length
    rows = zlib.decompress(data)
    path = ""
    for y, start in enumerate(range(0, len(rows), width + 1)):
        assert rows[start] == 0, "a filtered row"
        row = [*rows[start + 1 : start + 1 + width], 0]
        lit_from = None
        for x, value in enumerate(row):
            if value and lit_from is None:
                lit_from = x
            elif not value and lit_from is not None:
                path += f"M{lit_from} {y}h{x - lit_from}v1h-{x - lit_from}z"
                lit_from = None
    return path
