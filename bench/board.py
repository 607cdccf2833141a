"""A board on the web for benchmarks: the supervisor as users start it, and a client."""

from __future__ import annotations

import http.client
import os
import re
import subprocess
import sys
import time
from base64 import b64encode
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType

COMMAND = str(Path(sys.executable).with_name("cpcompat"))
PASSWORD = "Secret8080"
PATIENCE_S = 20.0
LOGIN = {"Authorization": "Basic " + b64encode(f":{PASSWORD}".encode()).decode()}
JSON = {"Accept": "application/json"}


class Board:
    """One drive that runs, in a ``with`` statement.

    Args:
        folder: Where the drive is made, and what it prints is kept.
        code: Its code.py.
        web: Whether it has a web workflow.

    Attributes:
        process: The supervisor.
        drive: The drive.
        port: Where the web workflow listens; 0 without one.
    """

    def __init__(self, folder: Path, code: str, *, web: bool = True) -> None:
        self.drive = folder / "drive"
        self.drive.mkdir(parents=True, exist_ok=True)
        (self.drive / "code.py").write_text(code)
        (self.drive / "settings.toml").write_text(f'CIRCUITPY_WEB_API_PASSWORD = "{PASSWORD}"\n')
        if not web:
            (self.drive / "settings.toml").write_text("")
        self._out, self._log = folder / "out", folder / "log"
        for state in ("run", "state"):
            (folder / state).mkdir(mode=0o700, exist_ok=True)
        names = {"XDG_RUNTIME_DIR": folder / "run", "XDG_STATE_HOME": folder / "state"}
        words = ["--web", "0"] if web else []
        with open(self._out, "wb") as out, open(self._log, "wb") as log:
            self.began_s = time.perf_counter()
            self.process = subprocess.Popen(
                [COMMAND, "run", str(self.drive), "--board", "sim", *words],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=log,
                env={**os.environ, **{name: str(path) for name, path in names.items()}},
            )
        self.port = int(self._logged(r"web workflow is at http://\S+:([0-9]+)/")) if web else 0

    def __enter__(self) -> Board:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.process.terminate()
        self.process.wait(PATIENCE_S)

    def _logged(self, pattern: str) -> str:
        ends_s = time.monotonic() + PATIENCE_S
        while time.monotonic() < ends_s:
            found = re.search(pattern, self._log.read_text())
            if found:
                return found[1]
            time.sleep(0.01)
        raise TimeoutError(self._log.read_text())

    @property
    def output(self) -> str:
        """What has been printed so far."""
        return self._out.read_text(errors="replace")

    def prints(self, text: str, times: int = 1) -> float:
        """Wait until a text has been printed so often; return the seconds since the start.

        Raises:
            TimeoutError: It was not.
        """
        ends_s = time.monotonic() + PATIENCE_S
        while self.output.count(text) < times:
            if time.monotonic() > ends_s:
                raise TimeoutError(f"{text!r} was not printed:\n{self.output}")
            time.sleep(0.002)
        return time.perf_counter() - self.began_s

    def client(self) -> http.client.HTTPConnection:
        """Return a connection that is kept from one request to the next."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)


def ask(
    client: http.client.HTTPConnection,
    path: str,
    method: str = "GET",
    body: bytes | None = None,
) -> bytes:
    """Send a request and return the answer's body.

    Raises:
        RuntimeError: It was refused.
    """
    client.request(method, path, body, {**LOGIN, **JSON})
    answer = client.getresponse()
    data = answer.read()
    if answer.status >= 400:
        raise RuntimeError(f"{method} {path}: {answer.status}")
    return data
