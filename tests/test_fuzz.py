"""`make fuzz` counts what it tries, says what broke, and writes its part of docs/reliability.md."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

from tools import fuzz, reliability
from tools.reliability import Tried

if TYPE_CHECKING:
    from pathlib import Path

    from tests.workflows.fuzz.prober import Prober

pytestmark = pytest.mark.feature("web workflow")


def test_requests_are_counted_until_the_time_is_over() -> None:
    """Each round has a board, and a seed, of its own."""
    seeds = []

    def ask(probe: Prober, seed: int) -> None:
        assert probe.ask("GET", "/fs/").status == 200
        seeds.append(seed)

    row = fuzz.asked("reading", ask, 0.01, 7)
    assert (row.times, row.unit, row.seed, row.broken) == (1, "requests", 7, "")
    assert seeds == [7]


def test_a_broken_promise_ends_it_and_is_told_with_its_seed() -> None:
    """So that anybody can see it again."""

    def ask(probe: Prober, seed: int) -> None:
        probe.must(False, "something escaped: /fs/x")

    row = fuzz.asked("escaping", ask, 60, 7)
    assert row.broken == "something escaped: /fs/x (seed 7)"


@pytest.mark.skipif(find_spec("atheris") is None, reason="atheris has no wheel for this computer")
def test_inputs_are_counted_as_atheris_counts_them() -> None:
    """In its last line."""
    row = fuzz.driven("path", 1, 7)
    assert row.times > 1000
    assert not row.broken


def test_the_page_has_a_row_for_each_way_and_its_commit(tmp_path: Path) -> None:
    """And the last part is replaced."""
    page = tmp_path / "reliability.md"
    kept = Tried("paths", 12_000, "inputs", 60.2, 7)
    broken = Tried("files", 30, "requests", 1, 8, "it hung")
    reliability.write("web", "## The web workflow\n\n" + reliability.table([broken]), page)
    reliability.write("web", "## The web workflow\n\n" + reliability.table([kept, broken]), page)
    text = page.read_text()
    assert "| paths | 12,000 inputs | 60 | 7 | none |\n" in text
    assert text.count("| files | 30 requests | 1 | 8 | **it hung** |") == 1
    assert "\nCommit " in text
