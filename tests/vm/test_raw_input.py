"""The raw REPL's protocol."""

from __future__ import annotations

import codeop
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpcompat.vm.raw_input import BANNER, WINDOW, RawInput, Wants
from cpcompat.vm.raw_repl import is_broken, with_symbol

pytestmark = [pytest.mark.feature("repl"), pytest.mark.simulated]

CONTROL = bytes(range(1, 6))
texts = st.binary(min_size=1, max_size=1000).map(lambda data: data.translate(None, CONTROL))
long_texts = st.builds(
    lambda data, size: (data * 1000)[:size], texts.filter(bool), st.integers(0, 1000)
)
STDLIB = Path(codeop.__file__).parent


def never(lines: bytes) -> bool:
    """Find no fault with any text."""
    return False


def fed(raw: RawInput, data: bytes) -> tuple[bytes, list[Wants]]:
    """Send bytes; return what came back and what was wanted."""
    output, wants = b"", []
    for i in range(len(data)):
        answer = raw.feed(data[i : i + 1])
        output += answer.output
        if answer.wants:
            wants.append(answer.wants)
    return output, wants


def pasting(judge: Callable[[bytes], bool] = never) -> RawInput:
    """Return a side that has granted a raw-paste."""
    raw = RawInput(judge)
    assert fed(raw, b"\x05A\x01") == (b"R\x01\x80\x00\x01", [])
    return raw


@given(texts.filter(bool))
def test_a_text_comes_out_as_it_was_sent(text: bytes) -> None:
    """And nothing comes back before it is run."""
    raw = RawInput(never)
    assert fed(raw, text) == (b"", [])
    assert fed(raw, b"\x04") == (b"OK", [Wants.RUN])
    assert raw.text == text


@given(texts, texts.filter(bool))
def test_ctrl_c_drops_what_came_before_it(first: bytes, second: bytes) -> None:
    """Silently."""
    raw = RawInput(never)
    assert fed(raw, first + b"\x03" + second + b"\x04") == (b"OK", [Wants.RUN])
    assert raw.text == second


@given(long_texts)
def test_a_sender_that_keeps_to_the_window_is_never_left_waiting(text: bytes) -> None:
    """It may send as much as it was told, and is told of each window that was taken."""
    raw = pasting()
    allowed, at = WINDOW, 0
    while at < len(text):
        assert allowed > 0
        output, wants = fed(raw, text[at : at + allowed])
        assert (set(output) <= {1}, wants) == (True, [])
        at, allowed = at + allowed, len(output) * WINDOW
    assert fed(raw, b"\x04") == (b"\x04", [Wants.RUN])
    assert raw.text == text


@given(st.binary(max_size=300))
def test_whatever_is_sent_ctrl_c_ctrl_a_leads_to_the_banner(data: bytes) -> None:
    """So a tool that finds the REPL in any state gets hold of it."""
    raw = RawInput(never)
    fed(raw, data)
    assert fed(raw, b"\x03\x01")[0].endswith(BANNER)


def test_an_empty_text_is_a_soft_reboot_and_ctrl_b_is_the_friendly_repl() -> None:
    """With the bytes that tools wait for."""
    raw = RawInput(never)
    assert fed(raw, b"\x04") == (b"OK\r\n", [Wants.REBOOT])
    assert fed(raw, b"\x02") == (b"\r\n", [Wants.FRIENDLY])


def test_a_paste_can_be_withdrawn() -> None:
    """Its end is acknowledged all the same."""
    assert fed(pasting(), b"abc\x03") == (b"\x04", [Wants.CANCELLED])


def test_a_text_that_cannot_be_compiled_ends_the_paste_early() -> None:
    """What still comes is swallowed up to its end; then it is run, to tell what is wrong."""
    raw = pasting(is_broken)
    broken = b"1 +* 2\n" + b"#" * 200
    output, wants = fed(raw, broken)
    assert (output, wants) == (b"\x04", [])
    assert fed(raw, b"more\x04") == (b"", [Wants.RUN])
    assert raw.text == broken[:WINDOW]


@pytest.mark.parametrize("name", ["codeop.py", "textwrap.py", "dataclasses.py", "this.py"])
def test_no_beginning_of_a_good_text_is_given_up(name: str) -> None:
    """Wherever it is cut at a line's end."""
    lines = (STDLIB / name).read_bytes().splitlines(keepends=True)[:300]
    for count in range(len(lines)):
        assert not is_broken(b"".join(lines[:count]))


def test_a_file_that_is_not_there_is_told_as_tools_know_it() -> None:
    """By the symbol first, then by a board's words; once only."""
    error = OSError(2, "No such file/directory")
    told = with_symbol("OSError: [Errno 2] No such file/directory: /a\n", error)
    assert told == "OSError: [Errno 2] ENOENT: No such file/directory: /a\n"
    assert with_symbol(told, error) == told
    assert with_symbol("ValueError: no\n", ValueError("no")) == "ValueError: no\n"
