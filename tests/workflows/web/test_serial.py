"""The console as a WebSocket."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.exceptions import ConnectionClosed

from cpcompat.workflows.web.serial import LONGEST, TOKENS, WebViewer
from tests.workflows.conftest import LOOP, PATIENCE_S, WebBoard, seen

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

pytestmark = [pytest.mark.feature("web workflow"), pytest.mark.simulated]
TITLE = ["\x1b]0;", "\U0001f40d"]


def test_the_title_comes_first_and_its_bytes_in_frames_of_their_own(
    web_board: Callable[..., WebBoard],
) -> None:
    """Upstream's page knows them only so."""
    board = web_board()
    with board.socket() as console:
        frames = [console.recv(20) for _ in range(4)]
    assert frames == [*TITLE, f"127.0.0.1:{board.port} | code.py | 10.3.1", "\x1b\\"]


def test_a_program_is_interrupted_and_the_prompt_answers(
    web_board: Callable[..., WebBoard],
) -> None:
    """Ctrl-C, any key, an expression, as text, as bytes and in fragments."""
    board = web_board()
    with board.socket() as console:
        console.send("\x03")
        seen(console, "Press any key")
        console.send("x")
        seen(console, ">>> ")
        console.send(b"print(6*7)\r")
        seen(console, "42\r\n")
        console.send(iter(["print(", "7*7", ")\r"]))
        seen(console, "49\r\n")
        console.send("\x04")
        seen(console, "soft reboot")


def test_several_look_on_and_the_last_one_types(web_board: Callable[..., WebBoard]) -> None:
    """Each is told who has the keyboard; it goes back when the last one leaves."""
    board = web_board()
    with board.socket() as first:
        seen(first, "code.py")
        with board.socket() as second:
            seen(first, "Somebody else types now.")
            first.send("\x03")
            seen(first, "Somebody else has the keyboard.")
            second.send("\x03")
            seen(first, "KeyboardInterrupt")
            seen(second, "Press any key")
        first.send("y")
        seen(first, ">>> ")


def test_a_viewer_that_does_not_read_holds_nobody_up(
    web_board: Callable[..., WebBoard],
) -> None:
    """The program goes on, and others see what it prints."""
    board = web_board(
        'import time\nfor n in range(40):\n    print("x" * 100_000)\nprint("over")\n' + LOOP
    )
    with board.socket("/cp/serial/?past=1"), board.socket("/cp/serial/?past=1") as other:
        seen(other, "over")
        assert board.asks("GET", "/cp/version.json", password=None).status == 200


def test_only_so_many_look_on_and_the_next_is_told_to_come_again(
    web_board: Callable[..., WebBoard],
) -> None:
    """A place that becomes free can be had."""
    board = web_board()
    with ExitStack() as stack:
        for _ in range(8):
            seen(stack.enter_context(board.socket()), "| 10.")
        late = stack.enter_context(board.socket())
        with pytest.raises(ConnectionClosed) as closed:
            late.recv(PATIENCE_S)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1013
    with board.socket() as again:
        seen(again, "| 10.")


def test_a_message_that_is_too_long_ends_its_own_connection_alone(
    web_board: Callable[..., WebBoard],
) -> None:
    """Nothing of it is typed, and whoever had the keyboard before has it again."""
    board = web_board()
    with board.socket() as first:
        seen(first, "| 10.")
        with board.socket() as second, pytest.raises(ConnectionClosed) as closed:
            second.send("x" * (LONGEST + 1))
            seen(second, "never")
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1009
        first.send("\x03")
        text = seen(first, "Press any key")
        assert "xxx" not in text


def test_what_is_typed_and_not_read_is_dropped_but_ctrl_c_works(
    web_board: Callable[..., WebBoard],
) -> None:
    """The supervisor keeps no more of it than so much."""
    board = web_board()
    with board.socket() as console:
        seen(console, "| 10.")
        for _ in range(40):
            console.send("y" * 10_000)
        console.send("\x03")
        seen(console, "Press any key")
        assert board.asks("GET", "/cp/version.json", password=None).status == 200


class Socket:
    """Stands for a connection that nothing is sent to."""


def shown(pieces: list[bytes]) -> list[str]:
    """Return the frames that some output becomes."""
    import asyncio

    async def show() -> list[str]:
        socket: Any = Socket()
        viewer = WebViewer(socket)
        for piece in pieces:
            viewer.show(piece)
        return list(viewer._frames)

    return asyncio.run(show())


@given(st.text(st.sampled_from("aé🐍\x1b]0;\\\x08[K2G"), max_size=60), st.integers(1, 7))
def test_frames_are_whole_characters_and_lose_nothing(text: str, size: int) -> None:
    """However the kernel cuts the bytes."""
    data = text.encode()
    frames = shown([data[at : at + size] for at in range(0, len(data), size)])
    assert "".join(frames) == text
    whole = shown([data])
    assert [frame for frame in TOKENS.split(text) if frame] == whole


def test_bytes_that_are_no_text_are_replaced() -> None:
    """A browser would hang up."""
    assert shown([b"a\xff", b"b\xf0\x9f", b"\x90\x8d"]) == ["a\ufffdb", "\U0001f40d"]
