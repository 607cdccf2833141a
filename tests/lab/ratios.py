"""``python -m tests.lab.ratios``: the gate on what an operation costs in the emulated Pi.

An operation's ratio to the bare call of ``fcntl.ioctl`` may be 5 % above what is written in ratios.toml,
and may only fall: this command writes the lower one of old and new, and refuses what the gate refuses.
"""

from __future__ import annotations

import json
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE = Path(__file__).with_suffix(".toml")
MARGIN = 1.05
_HEAD = """\
# What an operation costs in the emulated Pi, as a ratio to the bare, prepared call of fcntl.ioctl that it
# comes down to; time there is work. Written by `make lab-ratios`. A test allows 5 % more. It may only fall.
"""


def read() -> dict[str, float]:
    """Return the ratios of the gate, by operation."""
    return {name: float(value) for name, value in tomllib.loads(FILE.read_text("utf-8")).items()}


def too_dear(measured: Mapping[str, float], allowed: Mapping[str, float]) -> list[str]:
    """Return a line for each operation that costs more than the gate allows, or is not in it."""
    return [
        f"{name}: {ratio:.2f} times a bare call; the gate is {allowed.get(name, 0):.2f} + 5 %"
        for name, ratio in measured.items()
        if ratio > allowed.get(name, 0) * MARGIN
    ]


def lowered(measured: Mapping[str, float], allowed: Mapping[str, float]) -> dict[str, float]:
    """Return the gate with every ratio that has fallen, and those that are new."""
    return {name: min(ratio, allowed.get(name, ratio)) for name, ratio in measured.items()}


def write(ratios: Mapping[str, float]) -> None:
    """Write the gate."""
    lines = [f'"{name}" = {ratio:.3f}\n' for name, ratio in ratios.items()]
    FILE.write_text(_HEAD + "".join(lines), "utf-8")


def main(arguments: list[str]) -> int:
    """Take what ``programs/measure.py`` printed from a file, and lower the gate."""
    measured = {name: row[1] for name, row in json.loads(Path(arguments[0]).read_text()).items()}
    known = {name: ratio for name, ratio in measured.items() if name in read()}
    if dear := too_dear(known, read()):
        print("\n".join(dear), file=sys.stderr)
        return 1
    write(lowered(measured, read()))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
