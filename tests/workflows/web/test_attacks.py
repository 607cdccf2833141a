"""What attackers try, each once by hand: paths, names, pages, passwords, patience, space."""

from __future__ import annotations

import hmac
import os
import socket
import subprocess
import time
from typing import TYPE_CHECKING

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from cpcompat.workflows.web import files, gate
from tests.workflows.conftest import LOOP, PASSWORD, WebBoard, basic

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = [pytest.mark.feature("web workflow"), pytest.mark.simulated]
SECRET = "nobody may read this"
WAYS_OUT = [
    "/fs/../outside.txt",
    "/fs/../../etc/passwd",
    "/fs/%2e%2e/outside.txt",
    "/fs/%2E%2E%2foutside.txt",
    "/fs/..%2foutside.txt",
    "/fs/%252e%252e/outside.txt",
    "/fs/lib/../../outside.txt",
    "/fs/./../outside.txt",
    "/fs/..\\outside.txt",
    "/fs/%5c..%5coutside.txt",
    "/fs//etc/passwd",
    "/fs/%2fetc/passwd",
    "/fs/code.py%00.txt",
    "/fs/%c0%ae%c0%ae/outside.txt",
    "/fs/%ff",
    "/fs/a%0d%0ab",
    "/fs/link.txt",
    "/fs/folder/outside.txt",
    "/fs/folder/",
    "/fs/loop/loop/x",
    "/fs/pipe",
    "/fs/" + "a" * 256,
    "/fs/" + "a/" * 3000,
    "//fs/code.py",
    "/FS/code.py",
]


@pytest.fixture(scope="module")
def board(shared_board: WebBoard) -> WebBoard:
    """A drive with links that lead out of it."""
    drive = shared_board.drive
    outside = drive.with_name("outside.txt")
    outside.write_text(SECRET)
    (drive / "lib").mkdir()
    (drive / "link.txt").symlink_to(outside)
    (drive / "folder").symlink_to(drive.parent)
    (drive / "loop").symlink_to(drive / "loop")
    os.mkfifo(drive / "pipe")
    return shared_board


@pytest.fixture
def untouched(board: WebBoard) -> Iterator[None]:
    """Nothing outside the drive changes."""
    outside = board.drive.with_name("outside.txt")
    before = sorted(path.name for path in board.drive.parent.iterdir())
    yield
    assert outside.read_text() == SECRET
    assert sorted(path.name for path in board.drive.parent.iterdir()) == before


@pytest.mark.parametrize("path", WAYS_OUT)
def test_no_path_leads_out_of_the_drive(board: WebBoard, path: str, untouched: None) -> None:
    """Neither to read, nor to write, nor to delete, nor to move."""
    read = board.asks("GET", path, {"Accept": "application/json"})
    assert read.status in (400, 404, 414)
    assert SECRET.encode() not in read.body
    assert b"root:" not in read.body
    move = {"X-Destination": "/fs/moved"}
    assert board.asks("MOVE", path, move).status in (400, 404, 405, 414)


@pytest.mark.parametrize("path", [path for path in WAYS_OUT if "pipe" not in path])
def test_nothing_is_written_where_a_path_leads_out(
    board: WebBoard, path: str, untouched: None
) -> None:
    """Encoded once too often it is a name like any other; all else is refused."""
    wrote = board.asks("PUT", path, {}, b"owned")
    inside = path in ("/fs//etc/passwd", "/fs/%2fetc/passwd", "/fs/%252e%252e/outside.txt")
    assert wrote.status in ((404,) if inside else (400, 404, 405, 409, 414))


@pytest.mark.parametrize(
    "destination",
    ["/fs/../x", "/fs/%2e%2e/x", "/etc/x", "x", "/fs/folder/x", "/fs/a%00", "/fs", "http://e/fs/x"],
)
def test_nothing_is_moved_out_of_the_drive(
    board: WebBoard, destination: str, untouched: None
) -> None:
    """The header is a path like any other."""
    (board.drive / "mine.txt").write_text("mine")
    answer = board.asks("MOVE", "/fs/mine.txt", {"X-Destination": destination})
    assert answer.status in (400, 404)
    assert (board.drive / "mine.txt").read_text() == "mine"


def test_of_a_link_only_the_link_is_deleted(board: WebBoard, untouched: None) -> None:
    """Also inside a folder that goes with all that it holds."""
    (board.drive / "gone").mkdir()
    (board.drive / "gone/out").symlink_to(board.drive.parent)
    assert board.asks("DELETE", "/fs/gone/").status == 204
    (board.drive / "one").symlink_to(board.drive.with_name("outside.txt"))
    assert board.asks("DELETE", "/fs/one").status == 204
    assert not (board.drive / "one").is_symlink()


def test_links_and_pipes_are_not_listed(board: WebBoard) -> None:
    """What cannot be opened is not shown."""
    assert not {"link.txt", "folder", "loop", "pipe"} & set(board.lists())


def test_the_drive_itself_stays(board: WebBoard) -> None:
    """Nobody deletes or moves it."""
    assert board.asks("DELETE", "/fs/").status == 409
    assert board.asks("MOVE", "/fs/", {"X-Destination": "/fs/lib/x/"}).status == 409
    assert (board.drive / "code.py").exists()


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "10.0.0.1", "[::2]"]
)
def test_a_name_that_was_made_to_point_here_is_refused(board: WebBoard, host: str) -> None:
    """DNS rebinding: the page's origin and the host are equal, and both are the attacker's."""
    answer = board.asks("GET", "/cp/version.json", {"Origin": f"http://{host}"}, host=host)
    assert answer.status == 421


@pytest.mark.parametrize("host", ["a b", "", "127.0.0.1:port", "127.0.0.1@evil", "[", "a/b"])
def test_what_is_no_name_is_refused(board: WebBoard, host: str) -> None:
    """Whatever follows is not looked at."""
    assert board.asks("GET", "/cp/version.json", host=host or " ").status in (400, 421)


def test_the_boards_own_names_are_let_in(board: WebBoard) -> None:
    """Loopback, localhost and the name on the network; with any port, as tunnels have it."""
    name = board.asks("GET", "/cp/version.json").json()["hostname"]
    for host in (
        "localhost:9999",
        "127.0.0.1",
        f"{name}.local",
        f"{name.upper()}.LOCAL:80",
        "[::1]:1",
    ):
        assert board.asks("GET", "/cp/version.json", host=host).status == 200, host


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "null",
        "http://localhost:5173",
        "http://127.0.0.1:1",
        "http://127.0.0.1",
        "file://",
        "https://code.circuitpython.org",
    ],
)
def test_another_page_is_refused_whatever_it_does(board: WebBoard, origin: str) -> None:
    """Reading, writing, and the console, with the right password."""
    sent = {"Origin": origin}
    for method, path in (("GET", "/fs/code.py"), ("PUT", "/fs/x"), ("DELETE", "/fs/code.py")):
        answer = board.asks(method, path, sent)
        assert answer.status == 403
        assert "Access-Control-Allow-Origin" not in answer.headers
    address = f"ws://127.0.0.1:{board.port}/cp/serial/"
    headers = {"Authorization": basic(PASSWORD)}
    with pytest.raises(InvalidStatus) as refused:
        connect(address, origin=Origin(origin), additional_headers=headers, proxy=None)
    assert refused.value.response.status_code == 403


def test_a_form_of_another_page_is_refused(board: WebBoard) -> None:
    """Where a browser sends no origin, it says that the request comes from elsewhere."""
    sent = {"Sec-Fetch-Site": "cross-site"}
    assert board.asks("PUT", "/fs/x", sent, b"x").status == 403


def test_nobody_comes_in_without_the_password(board: WebBoard) -> None:
    """The browser is asked for it, at the WebSocket too."""
    for method, path in (
        ("GET", "/fs/"),
        ("PUT", "/fs/x"),
        ("DELETE", "/fs/code.py"),
        ("MOVE", "/fs/code.py"),
        ("GET", "/cp/serial/"),
        ("GET", "/edit/"),
    ):
        answer = board.asks(method, path, password=None)
        assert answer.status == 401
        assert answer.headers["WWW-Authenticate"] == 'Basic realm="CircuitPython"'
    with pytest.raises(InvalidStatus) as refused:
        connect(f"ws://127.0.0.1:{board.port}/cp/serial/", proxy=None)
    assert refused.value.response.status_code == 401
    assert (board.drive / "code.py").read_text() == LOOP


def test_guessing_is_slowed_down_and_not_logged(web_board: Callable[..., WebBoard]) -> None:
    """Five guesses are free; then even the right one has to wait a little."""
    board = web_board()
    for guess in range(5):
        assert board.asks("GET", "/fs/", password=f"Guess{guess}xyz").status == 401
    answer = board.asks("GET", "/fs/")
    assert answer.status == 429
    wait_s = int(answer.headers["Retry-After"])
    assert 1 <= wait_s <= 3
    end_s = time.monotonic() + wait_s + 5
    while board.asks("GET", "/fs/").status == 429:
        assert time.monotonic() < end_s
    assert board.asks("GET", "/fs/").status == 200
    said = board.log.read_text()
    assert "Guess" not in said
    assert PASSWORD not in said


def test_guesses_are_counted_by_address_and_forgotten() -> None:
    """Each failure doubles the time, up to a minute; the right one ends it; IPv6 counts by network."""
    password = gate.Password("right")
    right, wrong = basic("right"), basic("wrong")
    for _ in range(5):
        assert not password.fits(wrong, "a", 100.0)
    assert password.wait_s("a", 100.0) == 1.0
    assert password.wait_s("b", 100.0) == 0.0
    waits = []
    for _ in range(9):
        assert not password.fits(wrong, "a", 100.0)
        waits.append(password.wait_s("a", 100.0))
    assert waits == [2, 4, 8, 16, 32, 60, 60, 60, 60]
    assert password.wait_s("a", 161.0) == 0.0
    assert password.fits(right, "a", 161.0)
    assert not password.fits(wrong, "a", 161.0)
    assert password.wait_s("a", 161.0) == 0.0
    for number in range(5):
        assert not password.fits(wrong, f"2001:db8:1:2::{number}", 200.0)
    assert password.wait_s("2001:db8:1:2:ffff::1", 200.0) == 1.0
    assert password.wait_s("2001:db8:1:3::1", 200.0) == 0.0


def test_only_the_whole_password_fits() -> None:
    """Without a user name, as upstream has it."""
    password = gate.Password("right")
    for number, header in enumerate(
        ["", "Basic", "Basic ", "Bearer OnJpZ2h0", basic("righ"), basic("right2"), "OnJpZ2h0", "ö"]
    ):
        assert not password.fits(header, str(number), 0.0), header
    assert password.fits("Basic OnJpZ2h0", "x", 0.0)
    assert password.fits("basic OnJpZ2h0", "x", 0.0)


def test_every_guess_is_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """By `hmac.compare_digest`, with the whole of the right one, however much of it is right."""
    compared: list[tuple[bytes, bytes]] = []
    whole = hmac.compare_digest

    def compare(given: bytes, right: bytes) -> bool:
        compared.append((given, right))
        return whole(given, right)

    monkeypatch.setattr(hmac, "compare_digest", compare)
    password = gate.Password("right")
    guesses = ["", "r", "righ", "right", "right2", "wrong"]
    for guess in guesses:
        password.fits(basic(guess), guess, 0.0)
    token = basic("right").partition(" ")[2].encode()
    assert compared == [(basic(guess).partition(" ")[2].encode(), token) for guess in guesses]


def test_a_request_that_never_ends_is_cut_off(
    board: WebBoard,
) -> None:
    """A client that sends one header byte after the other for ever."""
    with socket.create_connection(("127.0.0.1", board.port), 20) as link:
        link.sendall(b"GET /cp/version.json HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ")
        began_s = time.monotonic()
        assert link.recv(1) == b""
        assert time.monotonic() - began_s < 10


def test_only_so_many_connections_are_held(board: WebBoard) -> None:
    """The others are told to come again; the first ones still work."""
    links = [socket.create_connection(("127.0.0.1", board.port), 20) for _ in range(40)]
    try:
        got = [link for link in links if _is_turned_away(link)]
        assert 1 <= len(got) <= 12
    finally:
        for link in links:
            link.close()
    end_s = time.monotonic() + 10
    while True:
        try:
            assert board.asks("GET", "/cp/version.json").status == 200
            break
        except (AssertionError, OSError):
            assert time.monotonic() < end_s


def _is_turned_away(link: socket.socket) -> bool:
    link.settimeout(0.2)
    try:
        return link.recv(100).startswith(b"HTTP/1.1 503 ")
    except TimeoutError:
        return False


def test_what_is_no_http_is_refused(board: WebBoard) -> None:
    """And the old kind, as upstream does."""
    for sent, status in (
        (b"GET / HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n", b"501"),
        (b"GET http://evil/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", b"400"),
        (b"\x16\x03\x01\x02\x00\x01\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + b"a" * 20_000 + b"\r\n\r\n", b"400"),
        (b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", b"400"),
    ):
        with socket.create_connection(("127.0.0.1", board.port), 20) as link:
            link.sendall(sent)
            answered = link.recv(4000)
            assert answered.split()[1] == status, sent[:40]
            assert b"Server: cpcompat\r\n" in answered
            assert b"aiohttp" not in answered
            assert b"evil" not in answered


def test_an_upload_that_is_too_big_is_refused_before_it_is_taken(board: WebBoard) -> None:
    """The limit is the room on the drive, and at most so much for one file."""
    size = str(files.MOST + 1)
    answer = board.asks("PUT", "/fs/huge", {"Content-Length": size})
    assert answer.status == 413
    assert not (board.drive / "huge").exists()


def test_a_link_on_the_drive_is_not_replaced_by_an_upload(board: WebBoard, untouched: None) -> None:
    """It stays the user's link."""
    assert board.asks("PUT", "/fs/link.txt", {}, b"x").status == 409
    assert (board.drive / "link.txt").is_symlink()


def test_curl_sees_what_others_see(board: WebBoard) -> None:
    """The real client, with the path as it is given."""
    done = subprocess.run(
        [
            *("curl", "-sS", "--path-as-is", "-u", f":{PASSWORD}", "-w", "%{http_code}"),
            *("-o", "/dev/null", f"{board.url}/fs/../outside.txt"),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "400"
