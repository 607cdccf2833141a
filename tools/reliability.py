"""``docs/reliability.md``: what long runs have tried, each part written by the command that ran it."""

from __future__ import annotations

import datetime
import subprocess
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "reliability.md"
PARTS = ("web",)
_HEAD = """# Reliability

What was tried at length, and what came of it. Each part is written by the command that it names, which
anybody can run again; the test suite has a short run of each.
"""


class Tried(NamedTuple):
    """One way of trying.

    Attributes:
        what: What was tried, in words.
        times: How often.
        unit: Of what that is a number.
        seconds: For how long.
        seed: What drew it.
        broken: What did not hold; empty if all did.
    """

    what: str
    times: int
    unit: str
    seconds: float
    seed: int
    broken: str = ""


def table(rows: list[Tried]) -> str:
    """Return the rows as a table, with the commit and the day."""
    lines = [
        "| what was tried | count | seconds | seed | broken promises |",
        "|---|---:|---:|---:|---|",
    ]
    for row in rows:
        broken = f"**{row.broken.replace('|', '/')}**" if row.broken else "none"
        lines.append(
            f"| {row.what} | {row.times:,} {row.unit} | {row.seconds:.0f} | {row.seed} | {broken} |"
        )
    day = datetime.datetime.now(datetime.UTC).date()
    return "\n".join([*lines, "", f"Commit {_commit()}, {day}."])


def _commit() -> str:
    return subprocess.run(
        ["git", "-C", str(ROOT), "describe", "--always", "--dirty", "--exclude=*"],
        capture_output=True,
        text=True,
        check=False,
    ).stdout.strip()


def write(part: str, text: str, page: Path = PAGE) -> None:
    """Put a part's text in the place of its last one.

    Args:
        part: One of `PARTS`, in whose order they stand on the page.
        text: What it says from now on.
        page: The page.
    """
    old = page.read_text(encoding="utf-8") if page.exists() else ""
    parts = {name: _between(old, name) for name in PARTS} | {part: text.strip() + "\n"}
    bodies = [
        f"\n<!-- {name} -->\n{body}<!-- end of {name} -->\n" for name, body in parts.items() if body
    ]
    page.write_text(_HEAD + "".join(bodies), encoding="utf-8")


def _between(text: str, part: str) -> str:
    _, _, rest = text.partition(f"<!-- {part} -->\n")
    return rest.partition(f"<!-- end of {part} -->")[0] if rest else ""
