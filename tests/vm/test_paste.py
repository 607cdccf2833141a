"""Paste mode's keys."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpcompat.vm.paste import Paste, Pasted

pytestmark = [pytest.mark.feature("repl"), pytest.mark.simulated]

texts = st.text(st.characters(exclude_characters="\x03\x04\r\n", exclude_categories=["Cs"]))


def fed(data: bytes) -> tuple[Paste, bytes, Pasted | None]:
    """Paste bytes; return the paste, what was shown and how it ended."""
    paste, shown = Paste(), b""
    for i in range(len(data)):
        output, ended = paste.feed(data[i : i + 1])
        shown += output
        if ended:
            return paste, shown, ended
    return paste, shown, None


@given(st.lists(texts), st.sampled_from([b"\r", b"\r\n"]))
def test_what_is_pasted_is_echoed_and_comes_out_as_lines(lines: list[str], enter: bytes) -> None:
    """Whatever the sender ends lines with; each Enter shows the mark of a pasted line."""
    data = b"".join(line.encode() + enter for line in lines)
    paste, shown, ended = fed(data + b"\x04")
    assert ended is Pasted.DONE
    assert paste.text == "".join(line + "\n" for line in lines)
    assert shown == data.replace(b"\r", b"\r\n=== ") + b"\r\n"


def test_ctrl_c_ends_it_without_running_anything() -> None:
    """On a line of its own or in one."""
    assert fed(b"abc\x03")[1:] == (b"abc\r\n", Pasted.CANCELLED)
