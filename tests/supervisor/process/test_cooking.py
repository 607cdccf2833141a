"""Newlines for terminals, and markers in a stream."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpcompat.supervisor.process.cooking import Cooker, MarkerSearch

pytestmark = [pytest.mark.feature("console"), pytest.mark.simulated]

streams = st.lists(st.sampled_from([b"\r", b"\n", b"\r\n", b"a", b"bc", b"\n\n"]), max_size=12)


def cooked_byte_by_byte(data: bytes) -> bytes:
    """The rule itself: a lone LF becomes CR LF, everything else stays."""
    out = bytearray()
    for index, byte in enumerate(data):
        if byte == 0x0A and (index == 0 or data[index - 1] != 0x0D):
            out.append(0x0D)
        out.append(byte)
    return bytes(out)


@given(streams, st.lists(st.integers(0, 20), max_size=6))
def test_newlines_do_not_depend_on_how_the_stream_is_cut(
    parts: list[bytes], cuts: list[int]
) -> None:
    """Any chunks of a stream give what the whole stream gives."""
    data = b"".join(parts)
    places = sorted({min(cut, len(data)) for cut in cuts} | {0, len(data)})
    cooker = Cooker()
    got = b"".join(cooker.cook(data[start:end]) for start, end in itertools.pairwise(places))
    assert got == cooked_byte_by_byte(data)


@given(st.binary(max_size=60), st.binary(max_size=30), st.integers(1, 7))
def test_a_marker_is_found_however_the_stream_is_cut(
    before: bytes, after: bytes, size: int
) -> None:
    """What is before it comes out whole, and what is after it too."""
    marker = b"\x1bMARK"
    if marker in before + marker[:-1]:
        return
    stream = before + marker + after
    search = MarkerSearch(marker)
    got, rest = b"", None
    for start in range(0, len(stream), size):
        chunk = stream[start : start + size]
        if rest is not None:
            rest += chunk
            continue
        out, rest = search.feed(chunk)
        got += out
    assert (got, rest) == (before, after)


def test_a_search_that_is_given_up_loses_nothing() -> None:
    """Bytes held back as a possible marker come out in the end."""
    search = MarkerSearch(b"\x1bMARK")
    assert search.feed(b"abc\x1bMA") == (b"abc", None)
    assert search.rest() == b"\x1bMA"
