"""The supervisor leaves in time, whoever or whatever hangs in the web workflow."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import threading
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from cpcompat.workflows.web.threads import Threads
from tests.workflows.conftest import WebBoard, basic, make_board, seen
from tests.workflows.fuzz.test_stateful import double

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.feature("web workflow"), pytest.mark.simulated]
SOON_S = 7.0
UNTIL_TOLD = """\
import os, supervisor, time
supervisor.runtime.autoreload = False
print("ready")
while "go" not in os.listdir("/"):
    time.sleep(0.05)
"""


def leaves(board: WebBoard, why: str = "a signal") -> None:
    """See that a board ends soon after it has been told to."""
    if why == "a signal":
        board.process.send_signal(signal.SIGTERM)
    else:
        (board.drive / "go").touch()
    try:
        status = board.process.wait(SOON_S)
        assert status == (-signal.SIGTERM if why == "a signal" else 0), board.log.read_text()
    except subprocess.TimeoutExpired:
        pytest.fail(f"it is still there after {SOON_S} s")
    finally:
        board.close()


def asks(board: WebBoard, line: str, *headers: str, room: int = 0) -> socket.socket:
    """Send a request and wait for nothing."""
    link = socket.socket()
    if room:
        link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
    link.settimeout(1.0)
    link.connect(("127.0.0.1", board.port))
    lines = (line, f"Host: 127.0.0.1:{board.port}", f"Authorization: {basic(board.password)}")
    link.sendall("\r\n".join([*lines, *headers, "", ""]).encode())
    return link


@pytest.mark.parametrize("why", ["a signal", "its last run"])
def test_files_that_hang_do_not_hold_the_supervisor_up(tmp_path: Path, why: str) -> None:
    """All threads wait for a pipe's other end, as for a dead disk, and more requests for them."""
    words = ("--web", "0", "--runs", "1")
    board = make_board(tmp_path, UNTIL_TOLD, *words, command=double("waits for a pipe"))
    with board.socket("/cp/serial/?past=1") as console:
        seen(console, "ready")
    os.mkfifo(board.drive / "pipe")
    with ExitStack() as stack:
        for _ in range(3):
            stack.enter_context(asks(board, "GET /fs/pipe HTTP/1.1"))
        late = stack.enter_context(asks(board, "GET /fs/code.py HTTP/1.1"))
        with pytest.raises(TimeoutError):  # so they do hang, all of them
            late.recv(1)
        assert board.asks("GET", "/cp/version.json").status == 200
        upload = ("Content-Length: 5", "", "hello")
        stack.enter_context(asks(board, "PUT /fs/new.txt HTTP/1.1", *upload))
        leaves(board, why)
    assert "the drive does not answer" in board.log.read_text()


def test_lookers_that_read_nothing_do_not_hold_the_supervisor_up(tmp_path: Path) -> None:
    """Neither at the console nor at the board, and not one after the other."""
    code = "while True:\n    print('x' * 1000)\n"
    board = make_board(tmp_path, code)
    wishes = (
        *("Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13"),
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
    )
    with ExitStack() as stack:
        for path in 7 * ["/cp/serial/"] + 7 * ["/cpcompat/live"]:
            line = f"GET {path} HTTP/1.1"
            link = stack.enter_context(asks(board, line, *wishes, room=2048))
            assert link.recv(12) == b"HTTP/1.1 101"
        with board.socket() as reader:
            for _ in range(20):  # much more than fits into the others' connections
                reader.recv(SOON_S)
        leaves(board)


def test_threads_do_what_they_are_told_and_say_what_went_wrong() -> None:
    """No more of them than there is work, and no more than there may be."""

    async def play() -> None:
        threads = Threads(2, "test")
        before = threading.active_count()
        assert [await threads.do(divmod, 7, 2) for _ in range(3)] == [(3, 1)] * 3
        assert threading.active_count() == before + 1
        with pytest.raises(ZeroDivisionError):
            await threads.do(divmod, 7, 0)
        many = [threads.do(threading.current_thread) for _ in range(20)]
        assert {thread.name for thread in await asyncio.gather(*many)} <= {"test-0", "test-1"}
        assert await threads.close(5.0)
        with pytest.raises(ConnectionAbortedError):
            await threads.do(divmod, 7, 2)

    asyncio.run(play())


def test_what_has_not_begun_is_forgotten_and_what_has_is_waited_for_so_long() -> None:
    """Whoever waits for the first is told, and the event loop runs on meanwhile."""
    begun, may_end = threading.Event(), threading.Event()
    done: list[str] = []

    def hang() -> None:
        begun.set()
        may_end.wait()

    async def play() -> None:
        threads = Threads(1, "test")
        first = asyncio.ensure_future(threads.do(hang))
        second = asyncio.ensure_future(threads.do(done.append, "second"))
        await asyncio.to_thread(begun.wait)
        began_s = time.monotonic()
        closing = asyncio.ensure_future(threads.close(0.2))
        await asyncio.sleep(0)
        assert not closing.done()
        assert not await closing
        assert 0.1 < time.monotonic() - began_s < 5
        assert second.cancelled()
        may_end.set()
        await first
        assert done == []

    asyncio.run(play())


def test_what_ends_in_time_is_waited_for() -> None:
    """An upload is on the disk before the board leaves."""
    begun, may_end = threading.Event(), threading.Event()

    def write() -> str:
        begun.set()
        may_end.wait()
        return "written"

    async def play() -> None:
        threads = Threads(1, "test")
        writing = asyncio.ensure_future(threads.do(write))
        await asyncio.to_thread(begun.wait)
        closing = asyncio.ensure_future(threads.close(10.0))
        await asyncio.sleep(0)
        may_end.set()
        assert await closing
        assert await writing == "written"

    asyncio.run(play())
