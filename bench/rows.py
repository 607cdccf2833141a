"""What one figure of the benchmark is, and how two ways of doing a thing are timed side by side."""

from __future__ import annotations

import time
from dataclasses import dataclass
from random import Random
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    Attributes:
        figure: What was measured, in words: ``"I2C, one register, in the process"``.
        ours: The median for cpcompat.
        unit: Its unit: ``"µs"``, ``"ms"``, ``"MB"``, ``"modules"``.
        against: What it is compared with: ``"Blinka 10, agnostic board"``; empty for nothing.
        theirs: The median of that, measured in the same run; None where it cannot do it.
        at_most: The limit that ``ours`` has to keep, if there is one.
        at_least: The least that ``ours`` has to be, if there is one.
        ratio_at_most: The limit that ``ours / theirs`` has to keep, if there is one.
        count: How many samples the median is of, on each side.
        seconds: How long the measuring took.
        note: What a reader must know to judge the figure.
    """

    figure: str
    ours: float
    unit: str
    count: int
    seconds: float
    against: str = ""
    theirs: float | None = None
    at_most: float | None = None
    at_least: float | None = None
    ratio_at_most: float | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """``ours / theirs``, or None without anything to compare with."""
        return None if not self.theirs else self.ours / self.theirs

    @property
    def met(self) -> bool | None:
        """Whether every limit is kept; None where there is no limit."""
        verdicts = []
        if self.at_most is not None:
            verdicts.append(self.ours <= self.at_most)
        if self.at_least is not None:
            verdicts.append(self.ours >= self.at_least)
        if self.ratio_at_most is not None and self.ratio is not None:
            verdicts.append(self.ratio <= self.ratio_at_most)
        return all(verdicts) if verdicts else None


class Stopwatch:
    """Seconds since it was made."""

    def __init__(self) -> None:
        self._start = time.perf_counter()

    @property
    def seconds(self) -> float:
        """How long ago it was made."""
        return time.perf_counter() - self._start


def per_call_ns(action: Callable[[], object], calls: int) -> float:
    """Return the mean time of one call in a batch, in nanoseconds, the loop's own cost included."""
    rounds = range(calls)
    start = time.perf_counter_ns()
    for _ in rounds:
        action()
    return (time.perf_counter_ns() - start) / calls


def each_call_ns(action: Callable[[], object], calls: int) -> list[int]:
    """Return the time of each call, in nanoseconds: for what waits, where percentiles matter."""
    clock = time.perf_counter_ns
    samples = []
    for _ in range(calls):
        start = clock()
        action()
        samples.append(clock() - start)
    return samples


def side_by_side(
    first: Callable[[], float], second: Callable[[], float], rounds: int, seed: int
) -> tuple[float, float]:
    """Take samples of two ways in turn, in a drawn order each time, and return both medians.

    What else the machine does then falls on both alike.

    Args:
        first: Takes one sample of the first way and returns it.
        second: Takes one sample of the second way.
        rounds: How many samples of each.
        seed: Draws the orders.
    """
    draw = Random(seed)
    samples: tuple[list[float], list[float]] = ([], [])
    ways = (first, second)
    for _ in range(rounds):
        order = draw.sample((0, 1), 2)
        for which in order:
            samples[which].append(ways[which]())
    return median(samples[0]), median(samples[1])
