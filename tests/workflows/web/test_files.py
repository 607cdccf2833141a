"""``/fs/`` as clients know it."""

from __future__ import annotations

import json
import os
import socket
import time
from typing import TYPE_CHECKING

import pytest

from tests.workflows.conftest import LOOP, Answer, WebBoard, basic, seen

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = [pytest.mark.feature("web workflow"), pytest.mark.simulated]
JSON = {"Accept": "application/json"}


def put(board: WebBoard, path: str, data: bytes, **headers: str) -> Answer:
    """Put a file."""
    return board.asks("PUT", path, headers, data)


def test_the_drive_is_listed_with_its_space(shared_board: WebBoard) -> None:
    """The shape of web_api_version 4; blocks, not bytes."""
    answer = shared_board.asks("GET", "/fs/", JSON)
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    said = answer.json()
    assert list(said) == ["free", "total", "block_size", "writable", "files"]
    state = os.statvfs(shared_board.drive)
    assert (said["total"], said["block_size"]) == (state.f_blocks, state.f_frsize)
    assert said["writable"] is True
    file = next(file for file in said["files"] if file["name"] == "code.py")
    stat = (shared_board.drive / "code.py").stat()
    assert file == {
        "name": "code.py",
        "directory": False,
        "modified_ns": stat.st_mtime_ns,
        "file_size": len(LOOP),
    }


def test_a_browser_gets_links_and_a_script_gets_lines(shared_board: WebBoard) -> None:
    """A list for people who have no JSON."""
    page = shared_board.asks("GET", "/fs/", {"Accept": "text/html,*/*"})
    assert page.headers["Content-Type"].startswith("text/html")
    assert b'<a href="code.py">code.py</a>' in page.body
    lines = shared_board.asks("GET", "/fs/", {"Accept": "text/plain"})
    assert "code.py" in lines.body.decode().splitlines()


def test_a_files_bytes_come_with_its_type(shared_board: WebBoard) -> None:
    """As upstream names types; the file can do nothing in a browser."""
    (shared_board.drive / "data.bin").write_bytes(bytes(range(256)))
    code = shared_board.asks("GET", "/fs/code.py")
    assert (code.status, code.body) == (200, LOOP.encode())
    assert code.headers["Content-Type"] == "text/plain;charset=UTF-8"
    assert code.headers["Content-Length"] == str(len(LOOP))
    data = shared_board.asks("GET", "/fs/data.bin")
    assert data.body == bytes(range(256))
    assert data.headers["Content-Type"] == "application/octet-stream"
    assert data.headers["X-Content-Type-Options"] == "nosniff"
    assert data.headers["Content-Security-Policy"].startswith("sandbox")


def test_a_missing_file_and_a_folder_without_slash_are_not_there(shared_board: WebBoard) -> None:
    """The slash decides what is meant."""
    (shared_board.drive / "lib").mkdir(exist_ok=True)
    for path in ("/fs/nothing.py", "/fs/lib", "/fs/nothing/", "/fs/code.py/", "/fs"):
        assert shared_board.asks("GET", path, JSON).status == 404, path


def test_a_file_is_made_and_then_written_over(shared_board: WebBoard) -> None:
    """201, then 204, with the client's time."""
    path = shared_board.drive / "note.txt"
    stamp = {"X-Timestamp": "1700000000123"}
    assert shared_board.asks("PUT", "/fs/note.txt", stamp, b"one").status == 201
    assert path.read_bytes() == b"one"
    assert path.stat().st_mtime_ns == 1_700_000_000_123_000_000
    assert shared_board.asks("PUT", "/fs/note.txt", {"X-Timestamp": "undefined"}, b"").status == 204
    assert path.read_bytes() == b""
    assert path.stat().st_mtime_ns != 1_700_000_000_123_000_000


def test_a_program_keeps_its_permissions_when_it_is_saved(shared_board: WebBoard) -> None:
    """Saving replaces the file; its mode stays."""
    path = shared_board.drive / "tool.sh"
    path.write_text("old")
    path.chmod(0o750)
    assert put(shared_board, "/fs/tool.sh", b"new").status == 204
    assert path.stat().st_mode & 0o777 == 0o750


def test_a_file_in_no_folder_is_refused_and_a_folder_is_made_with_its_parents(
    shared_board: WebBoard,
) -> None:
    """Files make no folders; folders do."""
    assert put(shared_board, "/fs/a/b/c.txt", b"x").status == 404
    assert shared_board.asks("PUT", "/fs/a/b/").status == 201
    assert shared_board.asks("PUT", "/fs/a/b/").status == 204
    assert put(shared_board, "/fs/a/b/c.txt", b"x").status == 201
    assert put(shared_board, "/fs/a/b", b"x").status == 500
    assert shared_board.asks("DELETE", "/fs/a/").status == 204
    assert not (shared_board.drive / "a").exists()
    assert shared_board.asks("DELETE", "/fs/a/").status == 404


def test_a_file_is_moved_and_never_over_another(shared_board: WebBoard) -> None:
    """201, 412, 404, and 400 where the destination is missing."""
    (shared_board.drive / "from.txt").write_text("from")
    (shared_board.drive / "taken.txt").write_text("taken")
    move = {"X-Destination": "/fs/taken.txt"}
    assert shared_board.asks("MOVE", "/fs/from.txt", move).status == 412
    assert (shared_board.drive / "taken.txt").read_text() == "taken"
    move = {"X-Destination": "/fs/to%20here.txt"}
    assert shared_board.asks("MOVE", "/fs/from.txt", move).status == 201
    assert (shared_board.drive / "to here.txt").read_text() == "from"
    assert shared_board.asks("MOVE", "/fs/from.txt", {"X-Destination": "/fs/x"}).status == 404
    assert shared_board.asks("MOVE", "/fs/taken.txt", {"X-Destination": "/fs/no/x"}).status == 404
    assert shared_board.asks("MOVE", "/fs/taken.txt").status == 400


def test_a_folder_moves_with_what_is_in_it(shared_board: WebBoard) -> None:
    """With a slash at the destination or without."""
    shared_board.asks("PUT", "/fs/old/inner/")
    (shared_board.drive / "old/inner/x").write_text("x")
    assert shared_board.asks("MOVE", "/fs/old/", {"X-Destination": "/fs/new/"}).status == 201
    assert (shared_board.drive / "new/inner/x").read_text() == "x"
    assert shared_board.asks("MOVE", "/fs/new/", {"X-Destination": "/fs/new/in/"}).status >= 400


@pytest.mark.parametrize("method", ["POST", "HEAD", "PATCH", "PROPFIND"])
def test_another_method_is_refused_with_a_list(shared_board: WebBoard, method: str) -> None:
    """Upstream says nothing at all and hangs up."""
    answer = shared_board.asks(method, "/fs/code.py")
    assert answer.status == 405
    assert answer.headers["Allow"] == "GET, PUT, DELETE, MOVE, OPTIONS"


def test_options_answers_anybody_with_the_methods(shared_board: WebBoard) -> None:
    """What the web editor asks first, and reads."""
    origin = f"http://127.0.0.1:{shared_board.port}"
    answer = shared_board.asks("OPTIONS", "/fs/", {"Origin": origin}, password=None)
    assert answer.status == 204
    assert answer.headers["Access-Control-Allow-Methods"] == "GET, OPTIONS, PUT, DELETE, MOVE"
    allowed = "X-Timestamp, X-Destination, Content-Type, Authorization"
    assert answer.headers["Access-Control-Allow-Headers"] == allowed
    exposed = answer.headers["Access-Control-Expose-Headers"]
    assert exposed == "Access-Control-Allow-Methods"
    assert answer.headers["Access-Control-Allow-Origin"] == origin
    assert answer.headers["Access-Control-Allow-Credentials"] == "true"
    assert "Allow" not in answer.headers


def raw(board: WebBoard, *pieces: bytes) -> bytes:
    """Send bytes, waiting for some answer after each piece; return all that came."""
    got = b""
    with socket.create_connection(("127.0.0.1", board.port), 20) as link:
        for piece in pieces:
            link.sendall(piece)
            got += link.recv(65536)
        while data := link.recv(65536):
            got += data
    return got


def head(board: WebBoard, line: str, *headers: str) -> bytes:
    """Return a request's head."""
    lines = (line, f"Host: 127.0.0.1:{board.port}", f"Authorization: {basic(board.password)}")
    return "\r\n".join([*lines, *headers, "Connection: close", "", ""]).encode()


def test_who_waits_for_leave_gets_it_after_the_checks(shared_board: WebBoard) -> None:
    """100 after password and size, then the answer."""
    start = head(
        shared_board, "PUT /fs/big.txt HTTP/1.1", "Content-Length: 5", "Expect: 100-continue"
    )
    got = raw(shared_board, start, b"hello")
    assert got.startswith(b"HTTP/1.1 100 Continue\r\n")
    assert b"HTTP/1.1 201 Created\r\n" in got
    refused = start.replace(b"Content-Length: 5", b"Content-Length: 9999999999999")
    assert raw(shared_board, refused).startswith(b"HTTP/1.1 417 ")
    stranger = start.replace(basic(shared_board.password).encode(), basic("wrong").encode())
    got = raw(shared_board, stranger)
    assert got.startswith(b"HTTP/1.1 401 ")
    assert b"100 Continue" not in got


def test_a_body_in_chunks_is_taken(shared_board: WebBoard) -> None:
    """Upstream takes none; HTTP says that a server must."""
    start = head(shared_board, "PUT /fs/chunks.txt HTTP/1.1", "Transfer-Encoding: chunked")
    got = raw(shared_board, start + b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
    assert got.startswith(b"HTTP/1.1 201 ")
    assert (shared_board.drive / "chunks.txt").read_bytes() == b"abcde"


def test_a_broken_upload_changes_nothing(shared_board: WebBoard) -> None:
    """Neither the file nor the list of files."""
    (shared_board.drive / "kept.txt").write_text("kept")
    before = shared_board.lists()
    start = head(shared_board, "PUT /fs/kept.txt HTTP/1.1", "Content-Length: 500000")
    with socket.create_connection(("127.0.0.1", shared_board.port), 20) as link:
        link.sendall(start + b"x" * 100_000)
        link.shutdown(socket.SHUT_WR)
        while link.recv(65536):
            pass
    assert (shared_board.drive / "kept.txt").read_text() == "kept"
    assert shared_board.lists() == before
    end_s = time.monotonic() + 5
    while list(shared_board.drive.glob(".cpcompat-*")):
        assert time.monotonic() < end_s


def test_one_connection_serves_many_requests(shared_board: WebBoard) -> None:
    """Upstream hangs up after each."""
    request = head(shared_board, "GET /fs/code.py HTTP/1.1").replace(b"Connection: close\r\n", b"")
    with socket.create_connection(("127.0.0.1", shared_board.port), 20) as link:
        for _ in range(3):
            link.sendall(request)
            got = b""
            while not got.endswith(LOOP.encode()):
                got += link.recv(65536)
            assert got.startswith(b"HTTP/1.1 200 OK\r\n")


def test_saving_stops_the_program_and_starts_it_once(
    web_board: Callable[..., WebBoard],
) -> None:
    """Two files saved one after the other: one stop, one start."""
    board = web_board('print("first")\n' + LOOP)
    with board.socket("/cp/serial/?past=1") as console:
        seen(console, "first")
        assert put(board, "/fs/helper.py", b"x = 2\n").status == 201
        code = b'import helper\nprint("second", helper.x)\n'
        assert put(board, "/fs/code.py", code).status == 204
        text = seen(console, "Code done running.")
        text += seen(console, "Press any key")
    assert text.count("Code stopped by auto-reload. Reloading soon.") == 1
    assert text.count("second 2") == 1
    assert text.count("soft reboot") == 1


def test_a_file_that_still_comes_in_holds_the_reload_up(
    web_board: Callable[..., WebBoard],
) -> None:
    """From the first byte of a request to its last nothing starts."""
    board = web_board('print("first")\n' + LOOP)
    with (
        board.socket("/cp/serial/?past=1") as console,
        socket.create_connection(("127.0.0.1", board.port), 20) as link,
    ):
        seen(console, "first")
        start = head(board, "PUT /fs/late.py HTTP/1.1", "Content-Length: 6", "Expect: 100-continue")
        link.sendall(start)
        assert link.recv(65536).startswith(b"HTTP/1.1 100 ")
        put(board, "/fs/code.py", b'import late\nprint("late", late.x)\n')
        seen(console, "Reloading soon.")
        with pytest.raises(TimeoutError):
            seen(console, "soft reboot", 1.5)
        link.sendall(b"x = 7\n")
        assert b" 201 " in link.recv(65536)
        seen(console, "late 7")


def test_a_list_is_json_whatever_names_there_are(shared_board: WebBoard) -> None:
    """Names that FAT could not have; names that are no text are left out."""
    name = 'quo"te\\back ünï.txt'
    (shared_board.drive / name).write_text("x")
    strange = shared_board.drive / os.fsdecode(b"\xff\xfe")
    strange.write_text("")
    answer = shared_board.asks("GET", "/fs/", JSON)
    assert name in [file["name"] for file in json.loads(answer.body)["files"]]
    strange.unlink()
