"""Takes every figure of the runtime and writes the table with the machine that it was taken on."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(1, str(ROOT))

from bench import results  # noqa: E402
from bench.console import console  # noqa: E402
from bench.figures import FIGURES  # noqa: E402
from bench.idle import idle  # noqa: E402
from bench.rows import Row  # noqa: E402

ROUNDS = 7
SEED = 20261124
_HEAD = """## The runtime

Written by `make bench`; medians. A limit is the project's own promise; the two sides of a ratio were
taken in turn in one run. Limits in milliseconds and less were set on a computer on which plain CPython's
hot loop (see its row) took 52 ms.

| figure | cpcompat | against | theirs | ratio | limit | kept | samples | seconds |
|---|---:|---|---:|---:|---|---|---:|---:|
"""


def line(row: Row) -> str:
    """Return a row of the table."""
    theirs = "" if row.theirs is None else f"{row.theirs:.4g} {row.unit}"
    ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
    limits = [] if row.at_most is None else [f"≤ {row.at_most:g} {row.unit}"]
    limits += [] if row.at_least is None else [f"≥ {row.at_least:g} {row.unit}"]
    limits += [] if row.ratio_at_most is None else [f"ratio ≤ {row.ratio_at_most:.2f}"]
    kept = {None: "", True: "yes", False: "**no**"}[row.met]
    figure = row.figure + (f" ({row.note})" if row.note else "")
    cells = (figure, f"{row.ours:.4g} {row.unit}", row.against, theirs, ratio, ", ".join(limits))
    return "| " + " | ".join((*cells, kept, str(row.count), f"{row.seconds:.0f}")) + " |\n"


def main() -> None:
    """Measure everything and write the table."""
    text = _HEAD
    for figure in (*FIGURES, console, idle):
        for row in figure(ROUNDS, SEED):
            text += line(row)
            print(line(row), end="", flush=True)
    results.write("runtime", text + results.machine(SEED, ROUNDS))


if __name__ == "__main__":
    main()
