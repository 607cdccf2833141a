"""``python bench/hardware.py``: hardware calls side by side with their peers', on the kernel shim.

Every contestant is a process of its own in one emulated Raspberry Pi 4, in which each emulated call
enters the real kernel once. They take turns, in a drawn order, and each turn is compared with the same
calls in a loop in C just before it: what is left is the library's own cost. No part of it was measured
on a Raspberry Pi.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from random import Random
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

ROOT = Path(__file__).parent.parent
sys.path.insert(1, str(ROOT))

from bench import edges, imports, results  # noqa: E402
from bench.contestants import CONTESTANTS, OPERATIONS, Contestant, Operation  # noqa: E402
from tests.shim import build  # noqa: E402
from tests.shim.world import World  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Sequence

ROUNDS = 100
SEED = 20261124
ROUND_NS = 2_000_000
FLOOR = "C loop"
_PROGRAM = """
{setup}
import sys
from timeit import timeit
STEPS = {steps!r}
print(*STEPS, flush=True)
for line in sys.stdin:
    name, count = line.split()
    code, before, after = STEPS[name]
    exec(before)
    timeit(code, number=int(count) // 4, globals=globals())  # so that it is warm
    print(timeit(code, number=int(count), globals=globals()) * 1e9 / int(count), flush=True)
    exec(after)
"""


class Runner:
    """A contestant's process, which answers ``OPERATION COUNT`` with nanoseconds.

    Args:
        name: Its name in the table.
        command: What starts it.
    """

    def __init__(self, name: str, command: Sequence[str]) -> None:
        self.name = name
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=_environment()
        )
        self.operations = self._answer().split()
        self._counts: dict[str, int] = {}

    def _answer(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.name} has ended")
        return line

    def _ask(self, operation: str, count: int) -> float:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{operation} {count}\n")
        self._process.stdin.flush()
        return float(self._answer())

    def measure(self, operation: str) -> float:
        """Return the nanoseconds of one call, over a round of about two milliseconds."""
        if operation not in self._counts:
            self._ask(operation, 8)
            estimate = self._ask(operation, max(8, int(ROUND_NS / self._ask(operation, 8))))
            self._counts[operation] = max(8, int(ROUND_NS / estimate))
        return self._ask(operation, self._counts[operation])

    def close(self) -> None:
        """Let it end."""
        self._process.communicate()


def _environment() -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if not k.startswith(("BLINKA_", "CPCOMPAT_"))}


def _start(contestant: Contestant, folder: Path) -> Runner:
    steps = {name: tuple(step) for name, step in contestant.steps.items()}
    script = folder / f"{contestant.name}.py"
    script.write_text(_PROGRAM.format(setup=contestant.setup, steps=steps))
    by = ["-m", "cpcompat"] if contestant.ours else []
    return Runner(contestant.name, [sys.executable, "-P", *by, str(script)])


class Taken(NamedTuple):
    """What an operation takes.

    Attributes:
        ns: The 10th percentile of its rounds, in nanoseconds.
        times_floor: The median, over the rounds, of its ratio to the loop in C just before.
    """

    ns: float
    times_floor: float


def summary(pairs: list[tuple[float, float]]) -> Taken:
    """Return what rounds say, each a pair of the floor's time and the contestant's own.

    The machine may change its speed between rounds: a ratio is taken within one, of neighbours.
    """
    ns = sorted(own for _, own in pairs)[len(pairs) // 10]
    return Taken(ns, median(own / floor for floor, own in pairs))


def take_turns(floor: Runner, runners: list[Runner], operation: str) -> dict[str, Taken]:
    """Measure an operation with all who can do it, in a new order each round."""
    draw = Random(f"{SEED} {operation}")
    able = [runner for runner in runners if operation in runner.operations]
    pairs: dict[str, list[tuple[float, float]]] = {runner.name: [] for runner in able}
    for _ in range(ROUNDS):
        for runner in draw.sample(able, len(able)):
            pairs[runner.name].append((floor.measure(operation), runner.measure(operation)))
    floors = [(before, before) for taken in pairs.values() for before, _ in taken]
    return {FLOOR: summary(floors)} | {name: summary(taken) for name, taken in pairs.items()}


def calls(folder: Path) -> dict[Operation, dict[str, Taken]]:
    """Return what each operation takes, by the names of the contestants."""
    floor = build.compile_program(ROOT / "bench" / "floor.c", build.PLACE / "floor")
    with World(folder / "world", enter=True, lockless=True, log=False) as world:
        world.add_i2c(1)
        world.add_part(1, 0x50)
        world.add_spi(0, 0, part="loop", part_modes=(0, 1, 2, 3))
        world.add_uart("ttyS0", "/soc/serial@7e215040", "serial0")
        loop = Runner(FLOOR, [str(floor)])
        runners = [_start(contestant, folder) for contestant in CONTESTANTS]
        try:
            return {operation: take_turns(loop, runners, operation.key) for operation in OPERATIONS}
        finally:
            for runner in (loop, *runners):
                runner.close()


def table(measured: dict[Operation, dict[str, Taken]]) -> list[str]:
    """Return the lines of the table of calls."""
    others = [c.name for c in CONTESTANTS if not c.ours]
    lines = [
        f"| operation | C loop, ns | cpcompat, ns | × C loop | limit | kept | {' | '.join(others)} |",
        "|---" * (6 + len(others)) + "|",
    ]
    for operation, taken in measured.items():
        ours = taken["cpcompat"]
        kept = "yes" if ours.times_floor <= operation.at_most else "**no**"
        theirs = [f"{taken[name].times_floor:.1f}" if name in taken else "" for name in others]
        cells = [operation.words, f"{taken[FLOOR].ns:.0f}", f"{ours.ns:.0f}"]
        cells += [f"{ours.times_floor:.2f}", f"≤ {operation.at_most:g}", kept, *theirs]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


_HEAD = """## Hardware

Written by `make bench`. Against the kernel shim, on which every emulated call enters the real kernel
once. «×» is the ratio to the same calls in a loop in C, measured just before it, the median of {rounds}
rounds in one run in which all took turns; the peers' columns are such ratios too. Nanoseconds are 10th
percentiles. Nothing here was measured on a Raspberry Pi.

"""


def main() -> None:
    """Measure everything and write the table."""
    with tempfile.TemporaryDirectory() as folder:
        lines = table(calls(Path(folder)))
        lines += ["", *edges.table(Path(folder))]
        lines += ["", *imports.table(Path(folder))]
    text = _HEAD.format(rounds=ROUNDS) + "\n".join(lines) + "\n"
    print(text)
    results.write("hardware", text + results.machine(SEED, ROUNDS))


if __name__ == "__main__":
    main()
