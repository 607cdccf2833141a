"""The page of results keeps the parts that a benchmark did not write."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bench import results
from bench.contestants import CONTESTANTS, OPERATIONS
from bench.hardware import FLOOR, Taken, summary, table

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.feature("developer's house")


def test_each_part_stays_while_another_is_written(tmp_path: Path) -> None:
    """In the order of `PARTS`, whoever came first."""
    page = tmp_path / "RESULTS.md"
    results.write("hardware", "## Hardware\n\nfast", page)
    results.write("runtime", "## The runtime\n\nslow", page)
    results.write("hardware", "## Hardware\n\nfaster", page)
    text = page.read_text()
    assert text.index("slow") < text.index("faster")
    assert text.count("## ") == 2
    assert "fast\n" not in text


def test_a_limit_that_is_missed_is_in_the_table() -> None:
    """And a kept one, and who cannot do it."""
    taken = {FLOOR: Taken(100, 1), "cpcompat": Taken(219, 2.19), "gpiod": Taken(800, 8)}
    slower = {**taken, "cpcompat": Taken(231, 2.31)}
    kept, missed = table({OPERATIONS[0]: taken, OPERATIONS[1]: slower})[2:]
    assert kept == "| pin set | 100 | 219 | 2.19 | ≤ 2.2 | yes |  | 8.0 |  |  |  |"
    assert missed.startswith("| pin get | 100 | 231 | 2.31 | ≤ 2.3 | **no** |")


def test_a_machine_that_changes_its_speed_does_not_move_the_ratio() -> None:
    """Neighbours are compared."""
    assert summary([(100.0, 200.0)] * 5 + [(190.0, 380.0)] * 35) == (200.0, 2.0)


def test_we_take_part_in_every_operation() -> None:
    """As does Blinka."""
    for contestant in CONTESTANTS[:2]:
        assert list(contestant.steps) == [operation.key for operation in OPERATIONS]
