"""The pages of docs/ that are made from the product are current."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.running import ROOT
from tools import compatibility, docs, status

pytestmark = pytest.mark.feature("developer's house")


@pytest.mark.parametrize("name", docs.PAGES)
def test_a_generated_page_is_current(name: str) -> None:
    """The cure is `make docs`."""
    assert docs.outdated(ROOT, {name: docs.PAGES[name]}) == {}, "run: make docs"


def test_each_difference_is_shown_by_a_test() -> None:
    """None is only said."""
    for group in compatibility.differences(ROOT):
        for row in group["differs"]:
            assert set(row) == {"what", "upstream", "here", "shown"}
            file, _, name = row["shown"].partition("::")
            assert f"def {name}(" in (ROOT / file).read_text("utf-8"), row["shown"]


def test_what_modules_say_of_linux_is_found_with_its_place() -> None:
    """In the module's words, up to the end of the paragraph."""
    said = dict(compatibility.remarks(ROOT))
    assert said["microcontroller.reset"] == "the supervisor boots anew, not the computer."
    assert "microcontroller.Processor.frequency" in said


def test_every_mark_names_a_listed_feature() -> None:
    """A misspelt name would vanish from the page."""
    features = status.read_features(ROOT)
    assert status.unlisted(features, status.collect(ROOT)) == set()


def test_a_page_that_differs_is_out_of_date(tmp_path: Path) -> None:
    """One that is missing, too."""
    pages = {name: lambda root: "new\n" for name in ("same.md", "old.md", "missing.md")}
    (tmp_path / "same.md").write_text("new\n")
    (tmp_path / "old.md").write_text("old\n")
    assert set(docs.outdated(tmp_path, pages)) == {"old.md", "missing.md"}


TESTS = """\
import pytest
pytestmark = pytest.mark.feature("blinking")

def test_default(): pass

@pytest.mark.board
@pytest.mark.feature("light")
def test_light(): pass
"""


def test_marks_of_a_module_and_a_test_both_count(tmp_path: Path) -> None:
    """Without a level mark the level is the simulated board."""
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_x.py").write_text(TESTS)
    assert status.collect(tmp_path) == {"blinking": ["board", "simulated"], "light": ["board"]}


def test_the_page_has_a_row_for_each_feature_and_says_what_was_not_seen() -> None:
    """A feature without a test is shown, not left out."""
    features: list[dict[str, object]] = [
        {"name": "blinking", "about": "an LED"},
        {"name": "flying", "about": "not yet"},
        {"name": "adding", "about": "2 + 3", "hardware": False},
    ]
    text = status.page(features, {"blinking": ["board", "simulated"], "adding": ["simulated"]})
    rows = [line for line in text.splitlines() if line.startswith("| **")]
    assert rows == [
        "| **blinking**: an LED | ✔ |   |   | ✔ |   |",
        "| **flying**: not yet |   |   |   |   | ✘ |",
        "| **adding**: 2 + 3 | · | · | · | ✔ |   |",
    ]
    assert status.unlisted(features, ["blinking", "blniking"]) == {"blniking"}
