"""The page of results: each benchmark writes its own part and leaves the others."""

from __future__ import annotations

import datetime
import os
import platform
import subprocess
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = ROOT / os.environ.get("RESULTS", "bench/RESULTS.md")
"""Which page is written; computers of another speed have one of their own."""
PARTS = ("runtime", "hardware", "web")


def write(part: str, text: str, page: Path = PAGE) -> None:
    """Put a part's text in the place of its last one.

    Args:
        part: One of `PARTS`, in whose order they stand on the page.
        text: What it says from now on.
        page: The page.
    """
    old = page.read_text(encoding="utf-8") if page.exists() else ""
    parts = {name: _between(old, name) for name in PARTS} | {part: text.strip() + "\n"}
    page.write_text(
        "# Results\n"
        + "".join(
            f"\n<!-- {name} -->\n{body}<!-- end of {name} -->\n"
            for name, body in parts.items()
            if body
        ),
        encoding="utf-8",
    )


def _between(text: str, part: str) -> str:
    _, _, rest = text.partition(f"<!-- {part} -->\n")
    return rest.partition(f"<!-- end of {part} -->")[0] if rest else ""


def machine(seed: int, rounds: int) -> str:
    """Return the machine, the commit and the day."""
    commit = subprocess.run(
        ["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"],
        capture_output=True,
        text=True,
        check=False,
    ).stdout.strip()
    day = datetime.datetime.now(datetime.UTC).date()
    return (
        f"\nMachine: {_processor()}, {os.cpu_count()} processors, Linux {platform.release()}, "
        f"Python {platform.python_version()}. Commit {commit}, {day}, seed {seed}, {rounds} rounds.\n"
    )


def _processor() -> str:
    """Return what kind the processor is; virtual ones often have a name that tells little."""
    told: dict[str, str] = {}
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        key, _, value = line.partition(":")
        told.setdefault(key.strip(), value.strip())
    words = [told.get("model name", platform.machine())]
    words += [f"{key} {told[key]}" for key in ("cpu family", "model") if key in told]
    return ", ".join(words)
