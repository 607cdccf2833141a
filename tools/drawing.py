"""Draws the architecture: which layer stands on which, and the processes of a run.

The modules and backends in it are those that are there, and an arrow that the rule of imports
(`tools.architecture`) does not allow is refused, so the drawing cannot promise another tree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from xml.sax.saxutils import escape

from cpcompat.vm.names import FACES
from tools.architecture import MAY_IMPORT

if TYPE_CHECKING:
    from pathlib import Path

WIDTH, HEIGHT = 860, 640
STYLE = """\
text { font: 13px system-ui, sans-serif; fill: #1f2328 }
.name { font-weight: 600; font-size: 15px } .small { font-size: 12px; fill: #59636e }
.box { fill: #ffffff; stroke: #818b98 } .group { fill: #f6f8fa; stroke: #d1d9e0 }
.user { fill: #ddf4ff; stroke: #54aeff } .line { stroke: #59636e; fill: none; stroke-width: 1.5 }
.head { fill: #59636e }
@media (prefers-color-scheme: dark) {
  text { fill: #f0f6fc } .small { fill: #9198a1 }
  .box { fill: #151b23; stroke: #656c76 } .group { fill: #0d1117; stroke: #3d444d }
  .user { fill: #121d2f; stroke: #1f6feb } .line { stroke: #9198a1 } .head { fill: #9198a1 }
}"""


class Box(NamedTuple):
    """One box: where it is, its name, and what is said in it."""

    x: int
    y: int
    width: int
    height: int
    name: str
    lines: tuple[str, ...] = ()
    kind: str = "box"


def make(root: Path) -> str:
    """Return docs/architecture.svg."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        'aria-label="The layers of cpcompat and the processes of a run">',
        f"<style>{STYLE}</style>",
        '<marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
        'orient="auto"><path class="head" d="M0 0 8 4 0 8z"/></marker>',
        *map(_box, boxes(root)),
        *_arrows(),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def boxes(root: Path) -> list[Box]:
    """Return the boxes, those that hold others first."""
    backends = sorted(path.parent.name for path in root.glob("cpcompat/backends/*/__init__.py"))
    faces = _wrapped(sorted(FACES), 53)
    return [
        Box(20, 16, 820, 400, "in the program's process", kind="group"),
        Box(40, 52, 380, 64, "code.py", ("and the libraries beside it",), "user"),
        Box(
            460, 52, 360, 96, "vm", ("finds modules, makes / the drive,", "runs the REPL, reports")
        ),
        Box(40, 146, 380, 114, "faces", faces),
        Box(40, 284, 380, 52, "hal", ("ports, pins, claims, errors",)),
        Box(40, 358, 380, 44, "backends", (f"{', '.join(backends)}, or a package of yours",)),
        Box(460, 284, 360, 52, "board", ("one TOML file each: pins, names, buses",)),
        Box(460, 358, 360, 44, "protocol", ("typed, bounded messages; never pickle",)),
        Box(20, 436, 820, 188, "processes of cpcompat run", kind="group"),
        Box(
            40,
            476,
            190,
            108,
            "supervisor",
            ("the table decides,", "the loop does;", "no user code"),
        ),
        Box(
            290,
            476,
            150,
            108,
            "zygote",
            ("forks, reaps, frees", "the lines when all", "else is dead"),
        ),
        Box(500, 476, 140, 108, "program", ("one for each run",), "user"),
        Box(700, 476, 120, 108, "circuit", ("simulated parts", "outlive programs")),
    ]


def _wrapped(words: list[str], width: int) -> tuple[str, ...]:
    lines = [""]
    for word in words:
        if lines[-1] and len(lines[-1]) + 3 + len(word) > width:
            lines.append("")
        lines[-1] += f"{' · ' if lines[-1] else ''}{word}"
    return tuple(lines)


def _box(box: Box) -> str:
    text = [
        f'<rect class="{box.kind}" x="{box.x}" y="{box.y}" width="{box.width}" '
        f'height="{box.height}" rx="6"/>',
        f'<text class="name" x="{box.x + 12}" y="{box.y + 22}">{escape(box.name)}</text>',
    ]
    for number, line in enumerate(box.lines):
        y = box.y + 40 + 16 * number
        text.append(f'<text class="small" x="{box.x + 12}" y="{y}">{escape(line)}</text>')
    return "\n".join(text)


# Who uses whom: the layers, and the arrow's path.
_USES = (
    ("face", "hal", "M230 260V282"),
    ("backend", "hal", "M230 358V338"),
    ("vm", "face", "M640 148V204H422"),
    ("hal", "hal", ""),
    ("definition", "hal", "M460 310H422"),
    ("backend", "protocol", "M420 380H458"),
    ("process", "protocol", ""),
    ("vm", "protocol", ""),
)
_FLOWS = (
    ("M230 116V144", "import", 240, 136),
    ("M230 530H288", "", 0, 0),
    ("M440 530H498", "forks", 452, 522),
    ("M640 530H698", "pins", 656, 522),
    ("M135 584V608H570V586", "console, facts", 300, 603),
)


def _arrows() -> list[str]:
    drawn = []
    for user, used, path in _USES:
        if used not in MAY_IMPORT[user]:
            raise ValueError(f"{user} may not import {used}")
        if path:
            drawn.append(f'<path class="line" marker-end="url(#head)" d="{path}"/>')
    for path, text, x, y in _FLOWS:
        drawn.append(f'<path class="line" marker-end="url(#head)" d="{path}"/>')
        if text:
            drawn.append(f'<text class="small" x="{x}" y="{y}">{text}</text>')
    return drawn
