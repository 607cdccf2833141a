"""In which order a request is looked at, what browsers are told, and what a change leads to."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from tests.workflows.conftest import LOOP, Answer, WebBoard, basic, seen

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = [pytest.mark.feature("web workflow"), pytest.mark.simulated]
EVIL = {"Origin": "https://evil.example"}
SHARED = "circuitpython.local"


@pytest.mark.parametrize(
    ("status", "method", "path", "headers", "host", "password"),
    [
        # Who is asked comes before who asks, and that before what is asked and by whom.
        (421, "DELETE", "/fs/%2e%2e/", EVIL, "evil.example", "Wrong8080"),
        (404, "DELETE", "/fs/%2e%2e/", EVIL, SHARED, "Wrong8080"),
        (403, "DELETE", "/fs/%2e%2e/", EVIL, None, "Wrong8080"),
        (403, "OPTIONS", "/fs/", EVIL, None, None),
        (403, "GET", "/", EVIL, None, None),
        (403, "GET", "/nothing", EVIL, None, None),
        # What nobody has is not there for anybody; a preflight asks for no password.
        (404, "GET", "/nothing", {}, None, None),
        (405, "PUT", "/nothing", {}, None, None),
        (404, "GET", "/fs", {}, None, None),
        (204, "OPTIONS", "/fs/nothing", {}, None, None),
        (204, "OPTIONS", "/cp/serial/", {}, None, "Wrong8080"),
        # Below /cp/ the method comes before the path, and the password is for the console alone.
        (405, "PUT", "/cp/serial/", {}, None, None),
        (405, "POST", "/cp/nothing", {}, None, None),
        (404, "GET", "/cp/nothing", {}, None, None),
        (401, "GET", "/cp/serial/", {}, None, None),
        # Of the drive nobody is told a word before the password, not even that a path is none.
        (401, "PATCH", "/fs/code.py", {}, None, None),
        (401, "GET", "/fs/%2e%2e/", {}, None, None),
        (401, "GET", "/fs/nothing", {}, None, "Wrong8080"),
        (401, "MOVE", "/fs/nothing", {}, None, None),
        (405, "PATCH", "/fs/%2e%2e/", {}, None, ""),
        (400, "MOVE", "/fs/%2e%2e/", {}, None, ""),
        (400, "MOVE", "/fs/nothing", {}, None, ""),
        (404, "MOVE", "/fs/nothing", {"X-Destination": "/fs/code.py"}, None, ""),
    ],
)
def test_the_first_check_that_fails_is_the_one_that_is_told(
    shared_board: WebBoard,
    status: int,
    method: str,
    path: str,
    headers: dict[str, str],
    host: str | None,
    password: str | None,
) -> None:
    """Each request is wrong in more than one way."""
    answer = shared_board.asks(method, path, headers, password=password, host=host)
    assert answer.status == status
    if password == "Wrong8080" and status == 401:
        shared_board.asks("GET", "/fs/")  # the right one ends the count of wrong ones


def test_a_page_of_the_board_s_own_may_read_every_answer(shared_board: WebBoard) -> None:
    """Also those that refuse; without an origin nothing is allowed, and all vary by it."""
    origin = f"http://127.0.0.1:{shared_board.port}"

    def allowed(answer: Answer) -> tuple[str | None, str | None]:
        assert answer.headers["Vary"] == "Origin, Accept, Upgrade"
        credentials = answer.headers["Access-Control-Allow-Credentials"]
        return answer.headers.get("Access-Control-Allow-Origin"), credentials

    for status, method, path, password in (
        (200, "GET", "/fs/", ""),
        (200, "GET", "/fs/code.py", ""),
        (200, "GET", "/cp/version.json", None),
        (201, "PUT", "/fs/cors/", ""),
        (204, "DELETE", "/fs/cors/", ""),
        (401, "GET", "/fs/", None),
        (404, "GET", "/fs/nothing", ""),
        (405, "PATCH", "/fs/x", ""),
    ):
        answer = shared_board.asks(method, path, {"Origin": origin}, password=password)
        assert answer.status == status
        assert allowed(answer) == (origin, "true"), path
    assert allowed(shared_board.asks("GET", "/fs/")) == (None, "true")


def test_leave_to_send_a_body_is_told_to_a_page_too(shared_board: WebBoard) -> None:
    """Upstream's 100 has the same headers."""
    origin = f"http://localhost:{shared_board.port}"
    head = (
        f"PUT /fs/asked.txt HTTP/1.1\r\nHost: localhost:{shared_board.port}\r\nOrigin: {origin}\r\n"
        f"Authorization: {basic(shared_board.password)}\r\nContent-Length: 2\r\n"
        "Expect: 100-continue\r\nConnection: close\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", shared_board.port), 20) as link:
        link.sendall(head.encode())
        leave = link.recv(4096).decode()
        assert leave.startswith("HTTP/1.1 100 Continue\r\n")
        assert f"Access-Control-Allow-Origin: {origin}\r\n" in leave
        link.sendall(b"ok")
        assert link.recv(4096).startswith(b"HTTP/1.1 201 ")


def test_who_asks_for_any_board_is_sent_to_this_one_by_its_name(
    web_board: Callable[..., WebBoard],
) -> None:
    """Where cpcompat.toml says so, for every method, before all else; the path as it came."""
    board = web_board(toml="[web]\nshared_name = true\n")
    name = board.asks("GET", "/cp/version.json").json()["hostname"]
    for method, path, headers, scheme in (
        ("GET", "/", {}, "http"),
        ("PUT", "/fs/a%20b/%2e%2e", {}, "http"),
        ("DELETE", "/fs/code.py", EVIL, "http"),
        ("GET", "/cp/serial/", {"Upgrade": "websocket"}, "ws"),
    ):
        for host in (SHARED, SHARED.upper() + ":8080"):
            answer = board.asks(method, path, headers, password=None, host=host)
            assert answer.status == 307
            assert answer.headers["Location"] == f"{scheme}://{name}.local:{board.port}{path}"
            assert answer.headers["Connection"] == "close"
    assert (board.drive / "code.py").read_text() == LOOP


def test_the_editor_from_the_internet_is_there_where_it_is_wanted(
    web_board: Callable[..., WebBoard],
) -> None:
    """Alone, and with a policy of its own; the page at / keeps the strict one."""
    board = web_board(toml="[web]\nonline_editor = true\n")
    editor = board.asks("GET", "/code/", password=None)
    assert b'src="https://code.circuitpython.org/assets/js/device.js"' in editor.body
    policy = editor.headers["Content-Security-Policy"]
    assert "script-src 'self' https://code.circuitpython.org;" in policy
    assert "code.circuitpython.org" not in str(board.asks("GET", "/", password=None).headers)


CHANGES: list[tuple[str, str, dict[str, str], bytes | None, int]] = [
    ("PUT", "/fs/new.txt", {}, b"new", 201),
    ("PUT", "/fs/folder/deep/", {}, None, 201),
    ("MOVE", "/fs/new.txt", {"X-Destination": "/fs/folder/moved.txt"}, None, 201),
    ("DELETE", "/fs/folder/", {}, None, 204),
    ("PUT", "/fs/big.bin", {}, b"x" * 1_000_000, 201),
]
NONE: list[tuple[str, str, dict[str, str], bytes | None, int]] = [
    ("GET", "/fs/", {"Accept": "application/json"}, None, 200),
    ("GET", "/fs/code.py", {}, None, 200),
    ("PUT", "/fs/no/folder.txt", {}, b"x", 404),
    ("PUT", "/fs/new.txt", {"Content-Length": "99999999999999"}, None, 413),
    ("DELETE", "/fs/nothing", {}, None, 404),
    ("MOVE", "/fs/code.py", {"X-Destination": "/fs/settings.toml"}, None, 412),
    ("MOVE", "/fs/nothing", {"X-Destination": "/fs/x"}, None, 404),
]


def test_each_change_is_followed_by_one_reload_and_nothing_else_by_any(
    web_board: Callable[..., WebBoard],
) -> None:
    """Upstream reloads after a failed PUT, too; here nothing has changed."""
    board = web_board('print("begun")\n' + LOOP)
    with board.socket("/cp/serial/?past=1") as console:
        seen(console, "begun")
        for method, path, headers, body, status in NONE:
            assert board.asks(method, path, headers, body).status == status
        with pytest.raises(TimeoutError):
            seen(console, "auto-reload", 1.5)
        for method, path, headers, body, status in CHANGES:
            assert board.asks(method, path, headers, body).status == status
            text = seen(console, "begun")
            assert text.count("Code stopped by auto-reload.") == 1, (method, path)
            assert text.count("soft reboot") == 1, (method, path)
        with pytest.raises(TimeoutError):
            seen(console, "auto-reload", 1.5)


def test_many_changes_one_after_the_other_are_followed_by_one_reload(
    web_board: Callable[..., WebBoard],
) -> None:
    """As circup makes them."""
    board = web_board('print("begun")\n' + LOOP)
    with board.socket("/cp/serial/?past=1") as console:
        seen(console, "begun")
        for number in range(20):
            board.asks("PUT", f"/fs/lib{number % 3}/", {})
            board.asks("PUT", f"/fs/lib{number % 3}/{number}.py", {}, b"x = 1\n")
        text = seen(console, "begun")
        assert text.count("soft reboot") == 1
        with pytest.raises(TimeoutError):
            seen(console, "auto-reload", 1.5)
