"""The server on connections that are in memory, over a drive that is real."""

from __future__ import annotations

import asyncio
import logging
import shutil
import tempfile
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from cpcompat.board import detect
from cpcompat.supervisor.process.facts import Facts
from cpcompat.supervisor.process.options import Options
from cpcompat.workflows.web.plan import Plan
from cpcompat.workflows.web.server import Connection, Server
from cpcompat.workflows.web.site import Site

if TYPE_CHECKING:
    from collections.abc import Callable

_SECRET = "nobody-may-read-this-a1b2c3"
_TURNS = 30
"""Turns of the loop that any answer needs at most: nothing in it waits."""
_FRESH = 500
"""After how many requests of friends the drive is made anew."""


class Still:
    """A supervisor that supervises nothing: strangers get no further, and friends are asked of files.

    Args:
        options: As the real one has them.
    """

    def __init__(self, options: Options) -> None:
        self.options = options
        self.quiet = self
        self.facts = Facts(True, {})

    def hold(self) -> AbstractContextManager[None]:
        """See `Quiet.hold`."""
        return nullcontext()


class Inline(Site):
    """A site that calls at once what may block."""

    async def do(self, function: Callable[..., Any], *words: Any, **named: Any) -> Any:
        """See `Site.do`."""
        return function(*words, **named)


class Wire(asyncio.Transport):
    """A connection that keeps what is sent."""

    def __init__(self) -> None:
        super().__init__({"sockname": ("127.0.0.1", 8080), "peername": ("127.0.0.1", 1)})
        self.sent = bytearray()
        self._closed = False

    def write(self, data: Any) -> None:
        """Keep it."""
        self.sent += data

    def writelines(self, pieces: Any) -> None:
        """Keep them."""
        self.sent += b"".join(pieces)

    def is_closing(self) -> bool:
        """See `asyncio.Transport`."""
        return self._closed

    def close(self) -> None:
        """See `asyncio.Transport`."""
        self._closed = True

    abort = close

    def pause_reading(self) -> None:
        """See `asyncio.Transport`."""

    def resume_reading(self) -> None:
        """See `asyncio.Transport`."""


class _Failures(logging.Handler):
    """Keeps what the server says of its own failures."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.told: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.told.append(self.format(record))


class MemoryServer:
    """A server that is asked in the same process.

    Args:
        password: Its password.
    """

    def __init__(self, password: str) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self._outside = Path(self._folder.name, "outside.txt")
        self._drive = Path(self._folder.name, "drive")
        self._outside.write_text(_SECRET)
        self._drive.mkdir()
        self._fill()
        self._failures = _Failures()
        logging.getLogger("cpcompat").addHandler(self._failures)
        logging.getLogger("cpcompat").propagate = False
        self._loop = asyncio.new_event_loop()
        self._loop.set_exception_handler(lambda loop, said: self._failures.told.append(str(said)))
        self._password = password
        self._loop.run_until_complete(self._start())
        self._asked = 0

    async def _start(self) -> None:
        board = detect.definition("sim")
        options = Options(self._drive, board, "cpcompat.backends.sim")
        plan = Plan("127.0.0.1", 8080, self._password)
        self._site = Inline(cast("Any", Still(options)), plan, 8080)
        self._server = Server(self._site)

    def _fill(self) -> None:
        for path in self._drive.iterdir():
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
        (self._drive / "code.py").write_text("pass\n")
        (self._drive / "leak").symlink_to(self._outside)
        (self._drive / "out").symlink_to(self._drive.parent)

    def asked(self, data: bytes, *, friend: bool = False) -> bytes:
        """Send some bytes and see that the promises hold; return what came back.

        Args:
            data: The bytes.
            friend: They may change the drive.

        Raises:
            AssertionError: A promise is broken.
        """
        sent = self._loop.run_until_complete(self._answered(data))
        failures, self._failures.told = self._failures.told, []
        assert not failures, failures
        assert _SECRET.encode() not in sent, data
        assert not sent or sent.startswith(b"HTTP/"), data
        assert self._outside.read_text() == _SECRET, data
        assert {path.name for path in self._drive.parent.iterdir()} == {"outside.txt", "drive"}, (
            data
        )
        names = {path.name for path in self._drive.iterdir()}
        assert friend or names == {"code.py", "leak", "out"}, data
        self._asked += 1
        if friend and self._asked % _FRESH == 0:
            self._fill()
        return sent

    async def _answered(self, data: bytes) -> bytes:
        # Nobody is slowed down, whatever was tried before.
        self._site.password._failures.clear()
        wire, connection = Wire(), Connection(self._server._server)
        connection._lingering_time = 0.0  # the rest of a body that nobody wants is not waited for
        connection.connection_made(wire)
        connection.data_received(data)
        for _ in range(_TURNS):
            await asyncio.sleep(0)
        connection.connection_lost(None)
        for _ in range(_TURNS):
            if len(asyncio.all_tasks()) == 1:
                break
            await asyncio.sleep(0)
        assert len(asyncio.all_tasks()) == 1, data
        return bytes(wire.sent)
