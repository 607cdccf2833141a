"""``include`` in a board's file."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpcompat.board.inclusion import InclusionError, resolve

pytestmark = [pytest.mark.feature("board files"), pytest.mark.simulated]

NAMES = st.sampled_from(["a", "b", "c"])
SCALARS = st.one_of(st.integers(), st.text(max_size=3))
INNER = st.dictionaries(NAMES, SCALARS, max_size=2)
TABLES = st.dictionaries(NAMES, st.one_of(SCALARS, INNER), max_size=3)


def nobody(name: str) -> None:
    """Know no shared file."""


def test_the_file_itself_has_the_last_word() -> None:
    """Tables are merged to their depth, in the order of inclusion."""
    shared = {
        "_one": {"chip": "X", "pins": {"P0": 0}, "linux": {"uart": {"0": ["serial0"]}}},
        "_two": {"chip": "Y", "pins": {"P1": 1}},
    }
    table, included = resolve(
        {"include": ["_one", "_two"], "name": "B", "linux": {"uart": {"0": ["uart0"]}}}, shared.get
    )
    assert table == {
        "chip": "Y",
        "pins": {"P0": 0, "P1": 1},
        "linux": {"uart": {"0": ["uart0"]}},
        "name": "B",
    }
    assert included == ("_one", "_two")


def test_arrays_of_tables_come_one_after_the_other_and_other_arrays_do_not() -> None:
    """A board adds a bus to the header's; it replaces a list of pins."""
    shared = {"_one": {"i2c": [{"bus": 1}], "detect": ["a"]}}
    table, _ = resolve({"include": ["_one"], "i2c": [{"bus": 3}], "detect": ["b"]}, shared.get)
    assert table == {"i2c": [{"bus": 1}, {"bus": 3}], "detect": ["b"]}


def test_a_file_that_comes_by_two_ways_is_taken_once() -> None:
    """Its buses are not doubled."""
    shared: dict[str, dict[str, Any]] = {
        "_base": {"i2c": [{"bus": 1}]},
        "_left": {"include": ["_base"]},
        "_right": {"include": ["_base"]},
    }
    table, included = resolve({"include": ["_left", "_right"]}, shared.get)
    assert table == {"i2c": [{"bus": 1}]}
    assert included == ("_base", "_left", "_right")


def test_what_is_included_stays_as_it_is() -> None:
    """The next board that includes it gets it unchanged."""
    shared = {"_one": {"pins": {"P0": 0}, "i2c": [{"bus": 1}]}}
    resolve({"include": ["_one"], "pins": {"P9": 9}, "i2c": [{"bus": 9}]}, shared.get)
    assert shared == {"_one": {"pins": {"P0": 0}, "i2c": [{"bus": 1}]}}


@pytest.mark.parametrize(
    ("include", "said"),
    [
        (["_none"], "there is no shared file '_none.toml' to include"),
        ("_one", "is no list of names of shared files"),
        ([1], "is no list of names of shared files"),
        (["sim"], "which begin with '_'"),
        (["_../secret"], "is no list of names of shared files"),
        (["_loop"], "'_loop' includes itself, by way of _loop and _pool"),
    ],
)
def test_what_cannot_be_included_is_said(include: object, said: str) -> None:
    """With the names in question."""
    shared = {"_one": {}, "_loop": {"include": ["_pool"]}, "_pool": {"include": ["_loop"]}}
    with pytest.raises(InclusionError) as caught:
        resolve({"include": include}, shared.get)
    assert said in str(caught.value)


@given(TABLES)
def test_a_file_without_inclusion_is_what_it_says(table: dict[str, Any]) -> None:
    """Nothing is added or lost."""
    assert resolve(table, nobody) == (table, ())


@given(TABLES, TABLES)
def test_each_thing_said_comes_from_one_of_the_files(
    below: dict[str, Any], above: dict[str, Any]
) -> None:
    """The upper file's keys have its values, the rest is the lower one's."""
    table, _ = resolve({"include": ["_below"], **above}, {"_below": below}.get)
    assert set(table) == set(below) | set(above)
    for key, value in table.items():
        if key not in above:
            assert value == below[key]
        elif not isinstance(above[key], dict):
            assert value == above[key]
