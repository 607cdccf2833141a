"""How much and how slow is too much: each limit of the web workflow, reached."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from websockets.exceptions import ConnectionClosed

from tests.workflows.conftest import LOOP, PATIENCE_S, WebBoard, basic, make_board, seen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = [pytest.mark.feature("web workflow"), pytest.mark.simulated]
SCRIPT = Path(__file__).with_name("impatient.py")


@pytest.fixture
def limited(tmp_path: Path) -> Iterator[Callable[..., WebBoard]]:
    """Starts a board with other limits: ``limited({"http.IDLE_S": 0.5})``."""
    boards = []

    def start(limits: dict[str, float], *arguments: str) -> WebBoard:
        command = (sys.executable, "-P", str(SCRIPT), json.dumps(limits))
        words = ("--web", "0", *arguments)
        boards.append(make_board(tmp_path, LOOP, *words, command=command))
        return boards[-1]

    yield start
    for one in boards:
        one.close()


def begun(board: WebBoard, line: str, *headers: str, room: int = 0) -> socket.socket:
    """Send a request's head."""
    link = socket.socket()
    if room:
        link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
    link.settimeout(PATIENCE_S)
    link.connect(("127.0.0.1", board.port))
    lines = (line, f"Host: 127.0.0.1:{board.port}", f"Authorization: {basic(board.password)}")
    link.sendall("\r\n".join([*lines, *headers, "", ""]).encode())
    return link


def is_clean(board: WebBoard) -> bool:
    """Wait until nothing of an upload is left; tell whether it comes so far."""
    end_s = time.monotonic() + 5
    while list(board.drive.glob(".cpcompat-*")):
        if time.monotonic() > end_s:
            return False
    return True


def test_an_upload_that_stops_is_given_up(limited: Callable[..., WebBoard]) -> None:
    """408, and what was there stays."""
    board = limited({"http.IDLE_S": 0.5})
    (board.drive / "kept.txt").write_text("kept")
    with begun(board, "PUT /fs/kept.txt HTTP/1.1", "Content-Length: 100") as link:
        link.sendall(b"x" * 50)
        assert link.recv(100).startswith(b"HTTP/1.1 408 ")
    assert is_clean(board)
    assert (board.drive / "kept.txt").read_text() == "kept"


def test_an_upload_that_trickles_is_given_up(limited: Callable[..., WebBoard]) -> None:
    """Though no single byte takes too long."""
    board = limited({"http._GRACE_S": 0.5})
    with begun(board, "PUT /fs/slow.txt HTTP/1.1", "Content-Length: 10000") as link:
        link.settimeout(0.05)
        got = b""
        for _ in range(200):
            link.sendall(b"x")
            try:
                got = link.recv(100)
                break
            except TimeoutError:
                continue
        assert got.startswith(b"HTTP/1.1 408 ")
    assert is_clean(board)
    assert not (board.drive / "slow.txt").exists()


def test_a_download_that_nobody_takes_is_given_up(limited: Callable[..., WebBoard]) -> None:
    """The file is closed, and others are served meanwhile."""
    board = limited({"http.IDLE_S": 0.5})
    big = board.drive / "big.bin"
    big.write_bytes(bytes(20_000_000))
    with begun(board, "GET /fs/big.bin HTTP/1.1", room=2048) as link:
        assert link.recv(12) == b"HTTP/1.1 200"
        assert held(board, big)
        assert board.asks("GET", "/cp/version.json").status == 200
        end_s = time.monotonic() + 5
        while held(board, big):
            assert time.monotonic() < end_s


UPGRADE = (
    *("Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13"),
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
)


def test_a_console_that_nobody_reads_is_given_up(limited: Callable[..., WebBoard]) -> None:
    """Who reads sees everything meanwhile."""
    board = limited({"http.IDLE_S": 0.5, "serial._MOST_VIEWERS": 2})
    (board.drive / "code.py").write_text("while True:\n    print('x' * 1000)\n")
    with board.socket(max_queue=None) as reader:
        is_cut_off(board, "/cp/serial/")
        seen(reader, "xxx")


def test_a_view_of_the_board_that_nobody_reads_is_given_up(
    limited: Callable[..., WebBoard], tmp_path: Path
) -> None:
    """Though only the newest is kept for it, that is much in the long run."""
    circuit = tmp_path / "circuit.toml"
    circuit.write_text('[[i2c]]\npart = "ssd1306"\n')
    limits = {"live._PATIENCE_S": 0.5, "live._MOST_VIEWERS": 2, "send buffer": 8192}
    board = limited(limits, "--sim", str(circuit))
    (board.drive / "code.py").write_text(DRAWS)
    with board.socket("/cpcompat/live", max_queue=None) as reader:
        is_cut_off(board, "/cpcompat/live")
        reader.recv(PATIENCE_S)


def is_cut_off(board: WebBoard, path: str) -> None:
    """See that one who takes nothing loses its place, of two, to the next."""
    with begun(board, f"GET {path} HTTP/1.1", *UPGRADE, room=2048) as stuck:
        assert stuck.recv(12) == b"HTTP/1.1 101"
        assert is_full(board, path)
        end_s = time.monotonic() + PATIENCE_S
        while is_full(board, path):
            assert time.monotonic() < end_s


def is_full(board: WebBoard, path: str) -> bool:
    """Try to look on; tell whether there is no place."""
    with board.socket(path) as late:
        try:
            late.recv(PATIENCE_S)
        except ConnectionClosed:
            return True
    return False


DRAWS = """\
import board
i2c = board.I2C()
i2c.try_lock()
number = 0
while True:
    number = (number + 1) % 256
    i2c.writeto(0x3C, bytes([0x40]) + bytes([number]) * 1024)
"""


def held(board: WebBoard, path: Path) -> bool:
    """Tell whether the supervisor or one of its processes has a file open."""
    tree = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(board.process.pid)],
        capture_output=True,
        text=True,
        check=False,
    )
    for pid in (board.process.pid, *map(int, tree.stdout.split())):
        for one in Path(f"/proc/{pid}/fd").glob("*"):
            try:
                if one.readlink() == path:
                    return True
            except OSError:
                continue
    return False


def test_a_connection_that_asks_nothing_more_is_closed(limited: Callable[..., WebBoard]) -> None:
    """It is one of few."""
    board = limited({"server._IDLE_S": 1})
    with begun(board, "OPTIONS /fs/ HTTP/1.1") as link:
        got = b""
        while data := link.recv(4096):
            got += data
        assert got.startswith(b"HTTP/1.1 204 ")
        assert b"Connection: close" not in got


def test_a_body_that_is_too_long_is_refused_before_and_while_it_comes(
    limited: Callable[..., WebBoard],
) -> None:
    """413; 417 where the client waits for leave; in chunks once it is too much."""
    board = limited({"files.MOST": 100_000})
    (board.drive / "kept.txt").write_text("kept")
    assert board.asks("PUT", "/fs/new.txt", {}, b"x" * 100_000).status == 201
    size = {"Content-Length": "100001"}
    assert board.asks("PUT", "/fs/kept.txt", size).status == 413
    assert board.asks("PUT", "/fs/kept.txt", {**size, "Expect": "100-continue"}).status == 417
    with begun(board, "PUT /fs/kept.txt HTTP/1.1", "Transfer-Encoding: chunked") as link:
        link.sendall(b"186a1\r\n" + b"x" * 100_001)  # 100,001 bytes
        assert link.recv(100).startswith(b"HTTP/1.1 413 ")
    assert is_clean(board)
    assert (board.drive / "kept.txt").read_text() == "kept"


def test_uploads_leave_room_on_the_drive(limited: Callable[..., WebBoard]) -> None:
    """Before it is full they are refused; what makes room is not."""
    board = limited({"files.RESERVE": 10**18})
    (board.drive / "old.txt").write_text("old")
    assert board.asks("PUT", "/fs/new.txt", {}, b"x").status == 413
    asked = {"Expect": "100-continue"}
    assert board.asks("PUT", "/fs/new.txt", asked, b"x").status == 417
    with begun(board, "PUT /fs/new.txt HTTP/1.1", "Transfer-Encoding: chunked") as link:
        link.sendall(b"1\r\nx\r\n0\r\n\r\n")
        assert link.recv(100).startswith(b"HTTP/1.1 413 ")
    assert is_clean(board)
    assert not (board.drive / "new.txt").exists()
    assert board.asks("DELETE", "/fs/old.txt").status == 204


def test_a_drive_that_is_full_after_all_is_told_and_keeps_what_it_had(
    limited: Callable[..., WebBoard],
) -> None:
    """507, and the part that had come is gone."""
    board = limited({"full": 100_000})
    (board.drive / "kept.txt").write_text("kept")
    answer = board.asks("PUT", "/fs/kept.txt", {}, b"x" * 400_000)
    assert (answer.status, answer.body) == (507, b"No space left on device\n")
    assert is_clean(board)
    assert (board.drive / "kept.txt").read_text() == "kept"


LAZY = """
import asyncio, sys
from types import SimpleNamespace as Space
from cpcompat.supervisor.process.machine import State
from cpcompat.workflows.web.plan import Plan
from cpcompat.workflows.web.service import Service

async def live():
    up = Space(listeners=[], state=State.OFF, stages=Space(says=Space(address="")))
    service = Service(up, Plan("127.0.0.1", 0, "Secret8080"))
    link = await asyncio.open_connection("127.0.0.1", service.port)
    await asyncio.wait([service._task], timeout=1.0)
    print("aiohttp" in sys.modules)
    up.state = State.BOOT
    for listener in up.listeners:
        listener()
    await service._task
    print("aiohttp" in sys.modules)

asyncio.run(live())
"""


def test_what_serves_is_imported_when_the_first_program_runs() -> None:
    """Until then a client waits at the door, whose port nobody else can take."""
    words = [sys.executable, "-P", "-c", LAZY]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.split() == ["False", "True"], done.stderr
