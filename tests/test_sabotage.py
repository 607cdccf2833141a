"""The runner of tests/sabotage.toml names what went unnoticed, on a small tree of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import sabotage

pytestmark = pytest.mark.feature("developer's house")

PROGRAM = '"""Adds."""\n\n\ndef add(a, b):\n    return a + b\n\n\ndef name():\n    return "add"\n'
TESTS = """\
from cpcompat.sum import add

def test_adding():
    assert add(2, 3) == 5

def test_that_is_broken_already():
    assert add(1, 1) == 3
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A product of one module with two tests."""
    root = tmp_path / "tree"
    for folder in ("cpcompat", "tests"):
        (root / folder).mkdir(parents=True)
    (root / "cpcompat" / "__init__.py").write_text("")
    (root / "cpcompat" / "sum.py").write_text(PROGRAM)
    # pytest loads the installed product's plugin by its name, and finds it in the tree first.
    (root / "cpcompat" / "testing").mkdir()
    for name in ("__init__.py", "plugin.py"):
        (root / "cpcompat" / "testing" / name).write_text("")
    (root / "tests" / "test_sum.py").write_text(TESTS)
    return root


def entries(tree: Path, *changes: dict[str, str]) -> Path:
    """Write a file of entries, each a change of one that is noticed."""
    noticed = {
        "promise": "2 and 3 are 5",
        "file": "cpcompat/sum.py",
        "text": "a + b",
        "replacement": "a - b",
        "test": "tests/test_sum.py::test_adding",
    }
    path = tree / "sabotage.toml"
    tables = [{**noticed, **change} for change in changes]
    path.write_text(
        "\n".join("[[break]]\n" + "\n".join(f"{k} = '{v}'" for k, v in t.items()) for t in tables)
    )
    return path


def test_a_noticed_break_is_fine_and_an_unnoticed_one_is_named(tree: Path) -> None:
    """Two breaks: the test sees the first; of the second it knows nothing."""
    unseen = {"promise": "its name is add", "text": '"add"', "replacement": '"sub"'}
    found = sabotage.sabotage(entries(tree, {}, unseen), tree, workers=2)
    assert len(found) == 1
    assert found[0].startswith("UNNOTICED: its name is add (cpcompat/sum.py)")


def test_a_break_that_keeps_the_test_from_running_is_an_error(tree: Path) -> None:
    """A syntax error proves nothing about the promise."""
    found = sabotage.sabotage(entries(tree, {"replacement": "a +"}), tree, workers=1)
    assert len(found) == 1
    assert found[0].startswith("CANNOT RUN: 2 and 3 are 5")


def test_a_test_that_fails_unbroken_is_an_error(tree: Path) -> None:
    """It would notice anything."""
    path = entries(tree, {"test": "tests/test_sum.py::test_that_is_broken_already"})
    (wrong,) = sabotage.sabotage(path, tree, workers=1)
    assert "do not pass unbroken" in wrong


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"text": "a * b"}, "stands 0 times"),
        ({"text": "return"}, "stands 2 times"),
        ({"replacement": "a + b"}, "changes nothing"),
        ({"file": "cpcompat/product.py"}, "no file"),
        ({"because": "x"}, "keys must be"),
    ],
)
def test_an_entry_that_cannot_be_used_is_an_error(
    tree: Path, change: dict[str, str], told: str
) -> None:
    """Before anything runs."""
    with pytest.raises(sabotage.EntryError, match=told):
        sabotage.sabotage(entries(tree, change), tree, workers=1)


def test_the_tree_itself_stays_as_it_was(tree: Path) -> None:
    """Breaks happen in copies."""
    sabotage.sabotage(entries(tree, {}), tree, workers=1)
    assert (tree / "cpcompat" / "sum.py").read_text() == PROGRAM


def test_every_entry_of_the_product_can_be_used() -> None:
    """tests/sabotage.toml keeps up with the files that it breaks."""
    path = sabotage.ROOT / "tests" / "sabotage.toml"
    assert len(sabotage.read_entries(path, sabotage.ROOT)) > 0
