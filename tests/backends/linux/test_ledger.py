"""The ledger: what is read is what was written, however the writing ended."""

from __future__ import annotations

import os
import tempfile
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpcompat.backends.linux import ledger

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.feature("hardware broker"), pytest.mark.simulated]

OFFSETS = st.lists(st.integers(0, 63), min_size=1, max_size=4, unique=True).map(tuple)
STEPS = st.lists(st.tuples(st.sampled_from(["claim", "release"]), OFFSETS), max_size=20)


@pytest.fixture
def file() -> Iterator[int]:
    """Return an empty file."""
    with tempfile.TemporaryFile() as opened:
        yield opened.fileno()


def written(descriptor: int, steps: list[tuple[str, tuple[int, ...]]]) -> ledger.Ledger:
    """Write a ledger."""
    book = ledger.Ledger(descriptor, "a_board", "/drive", {5: "low"})
    book.begin((5,), frozenset({9}))
    for what, offsets in steps:
        getattr(book, what)(offsets)
    return book


@given(STEPS)
def test_what_is_claimed_and_not_released_is_told(
    steps: list[tuple[str, tuple[int, ...]]],
) -> None:
    """With everything else that was noted."""
    with tempfile.TemporaryFile() as opened:
        written(opened.fileno(), steps).switch("/sys/x/enable")
        told = ledger.read(opened.fileno())
    expected = {5}
    for what, offsets in steps:
        expected = expected | set(offsets) if what == "claim" else expected - set(offsets)
    assert told is not None
    assert set(told.lines) == expected
    assert told[:3] == ("a_board", "/drive", {5: "low"})
    assert told.outputs == frozenset({9})
    assert told.switches == ("/sys/x/enable",)


@given(STEPS, st.integers(1, 30))
def test_a_torn_end_loses_its_last_line_alone(
    steps: list[tuple[str, tuple[int, ...]]], cut: int
) -> None:
    """What stands before it is told; a torn head says nothing."""
    with tempfile.TemporaryFile() as opened:
        written(opened.fileno(), steps)
        size = os.fstat(opened.fileno()).st_size
        whole = os.pread(opened.fileno(), size, 0)[: max(0, size - cut)]
        os.ftruncate(opened.fileno(), len(whole))
        told = ledger.read(opened.fileno())
    if b"\n" not in whole:
        assert told is None
        return
    assert told is not None
    assert told.board == "a_board"


def test_a_new_program_begins_with_an_empty_page(file: int) -> None:
    """Shorter than the one before it, and nothing of that is left behind it."""
    book = written(file, [("claim", (17, 18, 19)), ("claim", (20,))])
    book.begin((), frozenset())
    told = ledger.read(file)
    assert told is not None
    assert told.lines == ()


def test_a_cleared_ledger_and_a_fresh_one_say_nothing(file: int) -> None:
    """There is nothing to be made safe."""
    assert ledger.read(file) is None
    written(file, [])
    ledger.clear(file)
    assert ledger.read(file) is None
