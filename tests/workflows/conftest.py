"""Boards on the web, started as users start them, and a client that sends exactly what it is told."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from websockets.sync.client import ClientConnection, connect

COMMAND = str(Path(sys.executable).with_name("cpcompat"))
PASSWORD = "Secret8080"
PATIENCE_S = 20
LOOP = "import time\nwhile True:\n    time.sleep(0.05)\n"


class Answer(NamedTuple):
    """What the server said."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """Return the body as JSON."""
        return json.loads(self.body)


class WebBoard:
    """A supervisor that runs a drive with the web workflow.

    Args:
        drive: The drive.
        environment: More of the environment.
        arguments: More words of the command line.
        command: What takes the place of ``cpcompat``.
    """

    def __init__(
        self,
        drive: Path,
        environment: dict[str, str],
        *arguments: str,
        command: Sequence[str] = (COMMAND,),
    ) -> None:
        self.drive = drive
        self.environment = {**os.environ, **environment}
        self.log = drive.with_name("log")
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [*command, "run", str(drive), "--console", "none", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self.environment,
            )
        said = self._said(re.compile(r"web workflow is at (https?)://\S+:([0-9]+)/"))
        self.port = int(said[2])
        self.password = PASSWORD

    def _said(self, wanted: re.Pattern[str]) -> re.Match[str]:
        end_s = time.monotonic() + PATIENCE_S
        while time.monotonic() < end_s:
            found = wanted.search(self.log.read_text())
            if found:
                return found
            if self.process.poll() is not None:
                break
        raise AssertionError(self.log.read_text())

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    def asks(
        self,
        method: str,
        path: str,
        headers: dict[str, str] | None = None,
        body: bytes | None = None,
        *,
        password: str | None = "",
        host: str | None = None,
    ) -> Answer:
        """Send one request, as it stands.

        Args:
            method: The method.
            path: The request's target; nothing is quoted or made shorter.
            headers: More headers.
            body: The body.
            password: The password; the right one if empty, none if None.
            host: The Host header.
        """
        sent = {"Host": host or f"127.0.0.1:{self.port}", **(headers or {})}
        if password is not None:
            sent["Authorization"] = basic(password or self.password)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        connection._validate_path = lambda url: None  # type: ignore[attr-defined]
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in sent.items():
                connection.putheader(name, value)
            if body is not None and "Content-Length" not in sent:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            answer = connection.getresponse()
            return Answer(answer.status, dict(answer.getheaders()), answer.read())
        finally:
            connection.close()

    def lists(self, folder: str = "/fs/") -> list[str]:
        """Return the names in a folder."""
        answer = self.asks("GET", folder, {"Accept": "application/json"})
        assert answer.status == 200
        return [file["name"] for file in answer.json()["files"]]

    def socket(self, path: str = "/cp/serial/", **more: Any) -> ClientConnection:
        """Open a WebSocket."""
        headers = {"Authorization": basic(self.password)}
        opened: ClientConnection = connect(
            f"ws://127.0.0.1:{self.port}{path}",
            additional_headers=headers,
            compression=None,
            proxy=None,
            **more,
        )
        return opened

    def close(self) -> None:
        """End it."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def basic(password: str) -> str:
    """Return the header of a password."""
    return "Basic " + b64encode(f":{password}".encode()).decode()


def seen(socket: ClientConnection, wanted: str, timeout_s: float = PATIENCE_S) -> str:
    """Read a console until a text has appeared; return everything up to then."""
    text = ""
    end_s = time.monotonic() + timeout_s
    while wanted not in text:
        text += str(socket.recv(max(end_s - time.monotonic(), 0.01)))
    return text


@pytest.fixture
def web_board(tmp_path: Path) -> Iterator[Callable[..., WebBoard]]:
    """Starts boards: ``web_board(code, *arguments, settings=…, toml=…)``."""
    boards: list[WebBoard] = []

    def start(
        code: str = LOOP, *arguments: str, settings: str | None = None, toml: str = ""
    ) -> WebBoard:
        boards.append(make_board(tmp_path, code, *arguments, settings=settings, toml=toml))
        return boards[-1]

    yield start
    for one in boards:
        one.close()


def make_board(
    folder: Path,
    code: str,
    *arguments: str,
    settings: str | None = None,
    toml: str = "",
    command: Sequence[str] = (COMMAND,),
) -> WebBoard:
    """Make a drive and start it.

    Args:
        folder: Where everything is.
        code: Its code.py.
        arguments: More words of the command line; a free port if none.
        settings: Its settings.toml; the usual password if None.
        toml: Its cpcompat.toml.
        command: What takes the place of ``cpcompat``.
    """
    drive = folder / "drive"
    drive.mkdir()
    (drive / "code.py").write_text(code)
    if settings is None:
        settings = f'CIRCUITPY_WEB_API_PASSWORD = "{PASSWORD}"\n'
    (drive / "settings.toml").write_text(settings)
    if toml:
        (drive / "cpcompat.toml").write_text(toml)
    (folder / "run").mkdir(mode=0o700)
    environment = {
        "XDG_RUNTIME_DIR": str(folder / "run"),
        "XDG_STATE_HOME": str(folder / "state"),
        "CPCOMPAT_BOARD": "sim",
    }
    return WebBoard(drive, environment, *(arguments or ("--web", "0")), command=command)


@pytest.fixture(scope="module")
def shared_board(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebBoard]:
    """One board for a whole file of tests, that only look or clean up after themselves."""
    board = make_board(tmp_path_factory.mktemp("web"), LOOP)
    yield board
    board.close()
