"""Tries a board's hardware through its backend, with nothing on it but the wires that its user names.

A pin is driven only when the plan names it, and only after a look that nobody else drives it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cpcompat.testing.selftest import buses, edges, lines
from cpcompat.testing.selftest.bench import Bench, Check

if TYPE_CHECKING:
    from collections.abc import Callable

    from cpcompat.hal import Machine
    from cpcompat.testing.selftest.plan import Plan

__all__ = ["Check", "run"]

CHECKS = (*lines.CHECKS, *edges.CHECKS, *buses.CHECKS)


def run(machine: Machine, plan: Plan, seen: Callable[[Check], None]) -> list[Check]:
    """Make every check, one after the other, and return how each came out.

    Args:
        machine: The board.
        plan: What may be used.
        seen: Called with each check as it ends.
    """
    bench = Bench(machine, plan)
    found = []
    for topic, check in CHECKS:
        made = bench.make(topic, check)
        seen(made)
        found.append(made)
    return found
