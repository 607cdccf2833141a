"""A client that watches the promises of the web workflow at whatever it is told to send."""

from __future__ import annotations

import http.client
import os
import shutil
import stat
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tests.workflows.conftest import Answer, WebBoard, basic, make_board, seen
from tests.workflows.fuzz.model import FOLDER, SPECIAL, Content, Names

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

HANG_S = 1.0
SECRET = "nobody-may-read-this-a1b2c3"
ESCAPED = "something escaped from the drive"
HUNG = "an answer took more than a second"
UNASKED = "the drive changed without the password"
TORN = "an upload was seen before it was whole"
OTHER = "the drive is not as it should be"
GUESSED = "guessing is not slowed down"
WATCHED = "a stranger looks at the console"
STATUS = "the status is another one"
ECHO = """\
import supervisor
supervisor.runtime.autoreload = False
print("ready")
while True:
    print("got " + input())
"""
"""A program that answers what is typed, and that no upload ends."""
BASE: dict[Names, Content] = {
    ("code.py",): ECHO.encode(),
    ("lib",): FOLDER,
    ("lib", "a.py"): b"a = 1\n",
    ("leak",): SPECIAL,
    ("out",): SPECIAL,
    ("pipe",): SPECIAL,
}
"""What a drive begins with: files, and ways out."""


class Prober:
    """Asks one board, and looks after the promises.

    Args:
        board: The board.

    Attributes:
        asked: How many requests it has sent.
        broken: What was said of the promises that did not hold, oldest first.
    """

    def __init__(self, board: WebBoard) -> None:
        self.board = board
        self.drive = board.drive
        self.outside = board.drive.with_name("outside.txt")
        self.outside.write_text(SECRET)
        self._around = self._neighbours()
        self.asked = 0
        self.broken: list[str] = []

    def breach(self, told: str) -> AssertionError:
        """Note that a promise is broken, and return what to raise."""
        self.broken.append(told)
        return AssertionError(told)

    def must(self, kept: bool, told: str) -> None:
        """Note and raise that a promise is broken, unless it is kept."""
        if not kept:
            raise self.breach(told)

    def _neighbours(self) -> list[str]:
        return sorted(path.name for path in self.drive.parent.iterdir() if path.name != "state")

    def ask(
        self,
        method: str,
        path: str,
        headers: dict[str, str] | None = None,
        body: bytes | None = None,
        *,
        authorization: str | None = "",
        host: str = "",
        source: str = "127.0.0.1",
    ) -> Answer:
        """Send one request as it stands, and see that no promise breaks.

        Args:
            method: The method.
            path: The request's target.
            headers: More headers.
            body: The body.
            authorization: That header; the right one if empty, none if None.
            host: The Host header; the right one if empty.
            source: The address that it comes from, of the network 127.
        """
        sent = {"Host": host or f"127.0.0.1:{self.board.port}", **(headers or {})}
        if authorization is not None:
            sent["Authorization"] = authorization or basic(self.board.password)
        self.asked += 1
        began_s = time.monotonic()
        try:
            answer = self._send(method, path, sent, body, source)
        except TimeoutError as error:
            raise self.breach(f"{HUNG}: {method} {path}") from error
        self.must(time.monotonic() - began_s <= HANG_S, f"{HUNG}: {method} {path}")
        self.must(SECRET.encode() not in answer.body, f"{ESCAPED}: {method} {path}")
        return answer

    def _send(
        self, method: str, path: str, headers: dict[str, str], body: bytes | None, source: str
    ) -> Answer:
        client = http.client.HTTPConnection(
            "127.0.0.1", self.board.port, timeout=1.2 * HANG_S, source_address=(source, 0)
        )
        client._validate_path = lambda url: None  # type: ignore[attr-defined]
        try:
            client.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in headers.items():
                client.putheader(name, value)
            if body is not None and "Transfer-Encoding" not in headers:
                client.putheader("Content-Length", str(len(body)))
            client.endheaders(body, encode_chunked="Transfer-Encoding" in headers)
            answer = client.getresponse()
            return Answer(answer.status, dict(answer.getheaders()), answer.read())
        finally:
            client.close()

    # The drive, behind the server's back.

    def reset(self, tree: dict[Names, Content]) -> None:
        """Make the drive what it was at first."""
        _let_go(self.drive / "pipe")
        for path in self.drive.iterdir():
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
        for names, content in tree.items():
            if content is FOLDER:
                self.drive.joinpath(*names).mkdir()
            elif isinstance(content, bytes):
                self.drive.joinpath(*names).write_bytes(content)
        (self.drive / "leak").symlink_to(self.outside)
        (self.drive / "out").symlink_to(self.drive.parent)
        os.mkfifo(self.drive / "pipe")

    def tree(self, *, parts: bool = True) -> dict[Names, Content]:
        """Return what is on the drive.

        Args:
            parts: With the files that have not come in whole.
        """
        found: dict[Names, Content] = {}
        for folder, folders, files in os.walk(self.drive):
            for name in (*folders, *files):
                path = Path(folder, name)
                names = path.relative_to(self.drive).parts
                if parts or not name.endswith(".part"):
                    found.update(_content(path, names))
        return found

    def holds(self, wanted: dict[Names, Content], broken: str = OTHER) -> None:
        """See that the drive is as it should be, and what is around it as it was."""
        self.is_jailed()
        found = self.tree()
        self.must(found == wanted, f"{broken}: {_difference(found, wanted)}")

    def is_jailed(self) -> None:
        """See that what is around the drive is as it was."""
        intact = self.outside.is_file() and self.outside.read_text() == SECRET
        self.must(intact and self._neighbours() == self._around, ESCAPED)

    def settles(self) -> None:
        """Wait until nothing comes in any more."""
        ends_s = time.monotonic() + HANG_S
        while any(name.endswith(".part") for _, _, files in os.walk(self.drive) for name in files):
            self.must(time.monotonic() < ends_s, f"{OTHER}: a part of an upload stays")

    def is_well(self) -> None:
        """See that the server has told of no failure, and no password."""
        log = self.board.log.read_text()
        assert "Traceback" not in log, log
        assert self.board.password not in log, "the password is in the log"
        assert self.board.process.poll() is None, log


def _content(path: Path, names: Names) -> dict[Names, Content]:
    """Return what is there; nothing where it has gone in the meantime."""
    try:
        state = path.lstat()
        if stat.S_ISDIR(state.st_mode):
            return {names: FOLDER}
        return {names: path.read_bytes() if stat.S_ISREG(state.st_mode) else SPECIAL}
    except FileNotFoundError:
        return {}


def _difference(found: dict[Names, Content], wanted: dict[Names, Content]) -> str:
    keys = sorted(set(found) | set(wanted))
    absent = "—"
    return str(
        [
            (key, found.get(key, absent), wanted.get(key, absent))
            for key in keys
            if found.get(key, absent) != wanted.get(key, absent)
        ]
    )


@contextmanager
def probed(command: Sequence[str]) -> Iterator[Prober]:
    """Run a board whose program echoes, and probe it; its drive is in memory, where nothing waits.

    Args:
        command: What takes the place of ``cpcompat``.
    """
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        board = make_board(Path(folder), ECHO, command=command)
        try:
            with board.socket("/cp/serial/?past=1") as console:
                seen(console, "ready")
            yield Prober(board)
        finally:
            _let_go(board.drive / "pipe")
            board.close()


def _let_go(pipe: Path) -> None:
    """Let go whoever waits for the other end of a pipe, where a planted bug has made it wait."""
    if pipe.is_fifo():
        os.close(os.open(pipe, os.O_RDWR | os.O_NONBLOCK))
