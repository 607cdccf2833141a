"""Makes docs/tried-boards.md from the reports that ``cpcompat selftest`` wrote on people's boards."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = "docs/tried-boards"
OUTCOMES = ("passed", "failed", "skipped")
INTRODUCTION = """\
# Tried boards

What people have seen on real boards. This page is made by `make docs` from the reports in
`docs/tried-boards/`; a test fails when it is out of date.

To add yours, put a wire between two free pins, D17 and D27 say, and run

    cpcompat selftest --loop D17:D27

It says what it is going to do, drives no pin besides the ones that you name, and writes one file. Put
the file into `docs/tried-boards/` by a pull request, or send it with an issue.
"""
NOBODY = "No board has been reported yet.\n"
HEADING = """\
| board | device tree's model | kernel | Python | cpcompat | day | passed | failed | not tried |
|---|---|---|---|---|---|---|---|---|
"""


def make(root: Path) -> str:
    """Return the page; a maker of `tools.docs`."""
    reports = [
        json.loads(path.read_text("utf-8")) for path in sorted((root / FOLDER).glob("*.json"))
    ]
    return page([report for report in reports if report["backend"] != "sim"])


def page(reports: list[dict[str, Any]]) -> str:
    """Return the page for some reports."""
    if not reports:
        return f"{INTRODUCTION}\n{NOBODY}"
    return f"{INTRODUCTION}\n{HEADING}" + "".join(map(_row, reports))


def _row(report: dict[str, Any]) -> str:
    system = [report[key] for key in ("kernel", "python", "cpcompat", "day")]
    cells = [f"`{report['board']}`", report["model"], *system]
    for outcome in OUTCOMES:
        topics = [check["topic"] for check in report["checks"] if check["outcome"] == outcome]
        cells.append(", ".join(dict.fromkeys(topics)))
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |\n"
