"""What the pages say of parts is so."""

from __future__ import annotations

import pytest

from tests.running import ROOT

pytestmark = [pytest.mark.feature("sim parts"), pytest.mark.simulated]


@pytest.mark.parametrize("name", ["my_part.py", "sim.toml"])
def test_the_page_on_adding_a_part_shows_the_example_as_it_is(name: str) -> None:
    """Whole, so that what a reader copies is what a test has run."""
    shown = (ROOT / "docs" / "adding-a-part.md").read_text("utf-8")
    assert (ROOT / "examples" / "own_part" / name).read_text("utf-8") in shown
