"""What importing costs, over an interpreter that imports nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from random import Random
from statistics import median
from typing import TYPE_CHECKING

from tests.shim.world import World

if TYPE_CHECKING:
    from pathlib import Path

ROUNDS = 15
LIMIT_MS = 20
_WAYS = {
    "nothing": "pass",
    "cpcompat": "from cpcompat import board, busio, digitalio",
    "Blinka": "import board, busio, digitalio",
    "gpiod": "import gpiod",
    "smbus2 and spidev": "import smbus2, spidev",
}


def _cpu_ms(code: str) -> float:
    process = subprocess.Popen([sys.executable, "-P", "-c", code])
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{code!r} failed")
    return (usage.ru_utime + usage.ru_stime) * 1e3


def table(folder: Path) -> list[str]:
    """Return the lines of the table."""
    draw = Random(1)
    samples: dict[str, list[float]] = {name: [] for name in _WAYS}
    with World(folder / "imports"):
        for _ in range(ROUNDS):
            for name in draw.sample(list(_WAYS), len(_WAYS)):
                samples[name].append(_cpu_ms(_WAYS[name]))
    bare = median(samples.pop("nothing"))
    lines = ["| imports | CPU over a bare interpreter, ms | limit | kept |", "|---|---|---|---|"]
    for name, taken in samples.items():
        over = median(taken) - bare
        kept = "" if name != "cpcompat" else "yes" if over <= LIMIT_MS else "**no**"
        limit = f"≤ {LIMIT_MS}" if name == "cpcompat" else ""
        lines.append(f"| {name}: `{_WAYS[name]}` | {over:.1f} | {limit} | {kept} |")
    return lines
