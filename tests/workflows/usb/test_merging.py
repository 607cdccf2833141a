"""What the host changed meets what the folder changed: nothing that anybody wrote is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpcompat.workflows.usb.merging import FOLDER, HIDDEN, KEPT, Listing, Merge, merge

pytestmark = pytest.mark.feature("USB drive")

LIB = {"lib": FOLDER, "lib/a.py": "a"}


@pytest.mark.parametrize(
    ("before", "host", "here", "expected"),
    [
        ({}, {}, {}, Merge()),
        ({"x": "1"}, {"x": "1"}, {"x": "1"}, Merge()),
        ({"x": "1"}, {"x": "2"}, {"x": "1"}, Merge(write=("x",))),
        ({"x": "1"}, {"x": "2"}, {"x": "2"}, Merge()),
        ({"x": "1"}, {"x": "2"}, {}, Merge(write=("x",))),
        ({"x": "1"}, {"x": "2"}, {"x": "3"}, Merge(aside=(("x", "x.kept"),), write=("x",))),
        ({}, {"x": "2"}, {"x": "3"}, Merge(aside=(("x", "x.kept"),), write=("x",))),
        ({"x": "1"}, {}, {"x": "1"}, Merge(remove=("x",))),
        ({"x": "1"}, {}, {"x": "3"}, Merge()),
        ({"x": "1"}, {}, {}, Merge()),
        ({"x": "1"}, {"x": "1"}, {"x": "3", "y": "4"}, Merge()),
        ({}, LIB, {}, Merge(make=("lib",), write=("lib/a.py",))),
        (LIB, {}, LIB, Merge(remove=("lib/a.py", "lib"))),
        (LIB, {**LIB, "lib/b": "b"}, {}, Merge(make=("lib",), write=("lib/b",))),
        (LIB, {**LIB, "lib/b": "b"}, {"lib": "1"}, Merge((("lib", "lib.kept"),), (), ("lib",), ("lib/b",))),
        ({"x": "1"}, {"x": FOLDER}, {"x": "1"}, Merge(remove=("x",), make=("x",))),
        ({"x": FOLDER}, {"x": "1"}, {"x": FOLDER}, Merge(aside=(("x", "x.kept"),), write=("x",))),
        (
            {"x": "1"},
            {"x": "2", "x.kept": "5"},
            {"x": "3", "x.kept-2": "6"},
            Merge(aside=(("x", "x.kept-3"),), write=("x", "x.kept")),
        ),
    ],
)  # fmt: skip
def test_a_meeting_ends_as_the_table_says(
    before: Listing, host: Listing, here: Listing, expected: Merge
) -> None:
    """What was the same, what the host has, what the folder has, and what is done."""
    assert merge(before, host, here) == expected


def _trees(*more: str) -> st.SearchStrategy[dict[str, str]]:
    """Trees in which every file's folders are there, of few names, so that they meet."""
    names = st.sampled_from(["a", "b", "a/c", "a/d", "b/c", "a/c/e", "a.kept"])
    contents = st.sampled_from([FOLDER, "1", "2", "3", *more])

    def sound(tree: dict[str, str]) -> dict[str, str]:
        made: dict[str, str] = {}
        for path in sorted(tree):
            above = path.rpartition("/")[0]
            if not above or made.get(above) == FOLDER:
                made[path] = tree[path]
        return made

    return st.dictionaries(names, contents, max_size=7).map(sound)


def _done(plan: Merge, host: Listing, here: Listing) -> dict[str, str]:
    """Do what was decided to a folder of strings, and refuse what no file system would do."""
    tree = dict(here)
    for old, new in plan.aside:
        assert new not in tree
        for path in [p for p in tree if p == old or p.startswith(old + "/")]:
            tree[new + path[len(old) :]] = tree.pop(path)
    for path in plan.remove:
        if tree[path] != FOLDER or not any(p.startswith(path + "/") for p in tree):
            del tree[path]
    for path in (*plan.make, *plan.write):
        above = path.rpartition("/")[0]
        assert not above or tree[above] == FOLDER, (path, tree)
        if path in plan.make:
            assert path not in tree
            tree[path] = FOLDER
        else:
            assert tree.get(path) != FOLDER
            tree[path] = host[path]
    return tree


@given(_trees(), _trees(), _trees(HIDDEN))
def test_nothing_that_was_written_is_lost(before: Listing, host: Listing, here: Listing) -> None:
    """Whatever meets: each content that was not known before is in the folder afterwards."""
    tree = _done(merge(before, host, here), host, here)
    known = set(before.values())
    for path, what in host.items():
        if before.get(path) != what:
            assert tree[path] == what
    assert [*tree.values()].count(HIDDEN) == [*here.values()].count(HIDDEN)
    for path, what in here.items():
        if what not in known:
            assert what in tree.values(), (path, tree)
        if path in before and path in host and before[path] == host[path] == what == FOLDER:
            assert path in tree or any(KEPT in p for p in tree)


@given(_trees(), _trees())
def test_what_only_the_host_changed_is_what_the_folder_has(before: Listing, host: Listing) -> None:
    """The folder is as it was: afterwards it has what the host has, besides what was put aside."""
    tree = _done(merge(before, host, before), host, before)
    aside = {p for p in tree if KEPT in p and p not in host}
    assert {p: w for p, w in tree.items() if p not in aside} == host


@given(_trees(), _trees())
def test_what_only_the_folder_changed_stays(before: Listing, here: Listing) -> None:
    """The host did nothing: nothing is done."""
    assert not merge(before, before, here)
