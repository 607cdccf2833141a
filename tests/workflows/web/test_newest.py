"""What waits for a viewer that does not keep up: the newest of each thing, and never much."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpcompat.workflows.web.bucket import Bucket
from cpcompat.workflows.web.live import _setting
from cpcompat.workflows.web.newest import MOST_EVENTS, Newest

if TYPE_CHECKING:
    pass

pytestmark = [pytest.mark.feature("live view"), pytest.mark.simulated]

_pins = st.dictionaries(st.sampled_from("ABC"), st.integers(0, 9), min_size=1)
_part = st.builds(
    lambda name, knobs: {"type": "part", "name": name, "knobs": knobs},
    st.sampled_from("xyz"),
    st.integers(0, 99),
)
_messages = st.one_of(
    st.builds(lambda pins: {"type": "pins", "pins": pins}, _pins),
    st.builds(lambda text: {"type": "state", "running": text}, st.text(max_size=3)),
    _part,
    st.builds(
        lambda parts: {"type": "parts", "parts": [{**one, "display": None} for one in parts]},
        st.lists(_part, max_size=3, unique_by=lambda one: one["name"]),
    ),
    st.builds(
        lambda count, dropped: {"type": "bus", "events": [{}] * count, "dropped": dropped},
        st.integers(0, 150),
        st.integers(0, 9),
    ),
    st.builds(lambda text: {"type": "error", "text": text}, st.text(max_size=3)),
)


def drained(newest: Newest) -> list[dict[str, Any]]:
    """Return all that waits."""
    found = []
    while (message := newest.get()) is not None:
        found.append(message)
    return found


def shown(messages: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what a page shows after some messages."""
    pins: dict[str, Any] = {}
    parts: dict[str, Any] = {}
    state: dict[str, Any] | None = None
    traffic = 0
    for message in messages:
        kind = message["type"]
        if kind == "pins":
            pins.update(message["pins"])
        elif kind == "state":
            state = message
        elif kind == "parts":
            parts = {one["name"]: one["knobs"] for one in message["parts"]}
        elif kind == "part":
            parts[message["name"]] = message["knobs"]
        elif kind == "bus":
            traffic += len(message["events"]) + message["dropped"]
    return {"pins": pins, "parts": parts, "state": state, "traffic": traffic}


@given(st.lists(_messages, max_size=60))
def test_a_slow_viewer_shows_in_the_end_what_a_quick_one_shows(
    messages: list[dict[str, Any]],
) -> None:
    """With few messages, whatever there was meanwhile."""
    newest = Newest()
    for message in messages:
        newest.put(message)
    late = drained(newest)
    assert shown(late) == shown(messages)
    assert len(late) <= 1 + 1 + 1 + 3 + 1 + 8
    assert all(len(m["events"]) <= MOST_EVENTS for m in late if m["type"] == "bus")


def test_a_bucket_empties_and_fills_again() -> None:
    """So many at once, then so many a second."""
    now_s = 100.0
    bucket = Bucket(3, 2.0, lambda: now_s)
    assert [bucket.take() for _ in range(4)] == [True, True, True, False]
    now_s += 0.5
    assert [bucket.take(), bucket.take()] == [True, False]
    now_s += 1000
    assert [bucket.take() for _ in range(4)] == [True, True, True, False]


@given(
    st.one_of(
        st.text(),
        st.binary(max_size=200),
        st.recursive(
            st.none() | st.booleans() | st.floats() | st.text() | st.integers(),
            lambda inner: (
                st.lists(inner)
                | st.dictionaries(st.sampled_from(["set", "part", "knob", "value"]), inner)
            ),
        ).map(json.dumps),
    )
)
def test_whatever_comes_is_a_setting_or_nothing(data: str | bytes) -> None:
    """A part's and a knob's name, and a plain value that is one."""
    found = _setting(data)
    if found is not None:
        part, knob, value = found
        assert isinstance(part, str)
        assert isinstance(knob, str)
        assert isinstance(value, bool | str) or -1e15 <= value <= 1e15


@pytest.mark.parametrize(
    "value",
    [
        "NaN",
        "Infinity",
        "-Infinity",
        "1e400",
        "1" * 5000,
        "null",
        "[]",
        "{}",
        '"' + "x" * 101 + '"',
    ],
)
def test_what_is_no_plain_value_is_no_setting(value: str) -> None:
    """Not even where JSON's readers let it pass."""
    assert _setting('{"set": {"part": "a", "knob": "b", "value": ' + value + "}}") is None
