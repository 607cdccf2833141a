"""The messages between the supervisor, the zygote and a program: typed, bounded, never pickled.

One message is one ``SOCK_SEQPACKET`` datagram: a JSON list of its name and fields in order. What
does not fit exactly is refused as a whole, so no program makes the supervisor act on half of one.
"""

from __future__ import annotations

import json
import socket
from typing import Any, NamedTuple, TypeAlias, get_args, get_type_hints

from cpcompat.errors import CpcompatError

LIMIT = 60_000
"""The most bytes of one message; well under what a datagram socket takes by default."""
TEXT_LIMIT = 8_000
"""The most characters of one long text (a traceback); the middle of a longer one is left out."""

Json: TypeAlias = bool | int | float | str | list[Any] | dict[str, Any] | None


class ProtocolError(CpcompatError):
    """A message is not one of those agreed on, or too long."""


# Supervisor to zygote.


class SpawnProgram(NamedTuple):
    """Fork a child for one VM. With it go: the console's slave, the link, then the grant's own."""

    memory_limit: int
    """Bytes of data segment, or 0 for no limit."""


class SpawnService(NamedTuple):
    """Fork a process of a backend's own. With it go the descriptors it is to get."""

    module: str
    arguments: dict[str, Any]


class Keep(NamedTuple):
    """Hold these descriptors, by which a backend brings its lines back when all else is dead."""

    backend: str
    """The backend's module."""


class KeepTerminal(NamedTuple):
    """Put this terminal back when the supervisor is dead. With it goes the terminal."""

    attributes: dict[str, Any]
    """Its attributes under ``"termios"``; none once the supervisor has put it back itself."""


# Zygote to supervisor.


class Spawned(NamedTuple):
    """The fork is done. With it goes a pidfd of the new process."""

    pid: int


class Reaped(NamedTuple):
    """A program and everything that it left behind have ended."""

    pid: int
    status: int
    """As ``waitpid`` gives it."""


class ServiceEnded(NamedTuple):
    """A backend's process has ended."""

    pid: int
    status: int


# Supervisor to program.


class Begin(NamedTuple):
    """What a fresh VM is to do."""

    stage: str
    """``"safemode"``, ``"boot"``, ``"code"``, ``"sleep"`` or ``"repl"``."""
    file: str
    """The file to run, from the drive's root; before the REPL there may be none."""
    drive: str
    board: str
    grant: str
    facts: dict[str, Any]
    """The run's facts: what `cpcompat.hal.host.Host.get` gives."""
    working_directory: str
    raw: bool
    """Whether the REPL is the raw one."""


class Continue(NamedTuple):
    """What was said of the program's first file is on the console; it may go on to the REPL."""


class Finish(NamedTuple):
    """The end has been noted; the program may run its finalisers and exit."""


class Fact(NamedTuple):
    """One fact of the run has changed (both ways)."""

    name: str
    value: Json


# Program to supervisor.


class FileEnded(NamedTuple):
    """The file before the REPL has ended; the program waits to be told to go on."""


class Armed(NamedTuple):
    """Whether Ctrl-C interrupts now (a command of the REPL runs) or is an ordinary byte."""

    on: bool


class Announced(NamedTuple):
    """The program is about to change a file of the drive."""

    kind: str
    path: str


class Ended(NamedTuple):
    """User code has come to its end; its output is on the console."""

    how: str
    """``"done"``, ``"exception"``, ``"interrupt"``, ``"exit"``, ``"reload"``, ``"sleep"``, or
    of the REPL ``"raw"`` or ``"friendly"``, when it is to be that one next."""
    status: int
    """What ``sys.exit`` gave, or the number of the alarm that ended a sleep, else 0."""
    error: str
    """The exception's class, else empty."""
    file: str
    """Where it was raised, innermost, else empty."""
    line: int
    traceback: str
    """The traceback's text with LF newlines, else empty."""


class ResetWanted(NamedTuple):
    """`microcontroller.reset` was called: boot anew without another word."""


class EraseWanted(NamedTuple):
    """`storage.erase_filesystem` was called: make the drive a fresh one, then boot anew."""


Message: TypeAlias = (
    SpawnProgram
    | SpawnService
    | Keep
    | KeepTerminal
    | Spawned
    | Reaped
    | ServiceEnded
    | Begin
    | Continue
    | Finish
    | Fact
    | FileEnded
    | Armed
    | Announced
    | Ended
    | ResetWanted
    | EraseWanted
)

_CLASSES: dict[str, type[Any]] = {kind.__name__: kind for kind in get_args(Message)}
_PLAIN = (bool, int, str)
_FIELDS: dict[str, list[type[Any] | None]] = {
    name: [
        hint if hint in _PLAIN else dict if hint == dict[str, Any] else None
        for hint in get_type_hints(kind).values()
    ]
    for name, kind in _CLASSES.items()
}


def encode(message: Message) -> bytes:
    """Return the datagram of a message.

    Raises:
        ProtocolError: It is longer than `LIMIT`, or holds what JSON cannot say.
    """
    try:
        data = json.dumps([type(message).__name__, *message], separators=(",", ":")).encode("ascii")
    except (TypeError, ValueError) as error:
        raise ProtocolError(f"no message can hold {message!r:.80}: {error}") from error
    if len(data) > LIMIT:
        raise ProtocolError(f"a message of {len(data)} bytes is over the limit of {LIMIT}")
    return data


def decode(data: bytes) -> Message:
    """Return the message of a datagram.

    Raises:
        ProtocolError: It is none of the agreed messages.
    """
    try:
        row = json.loads(data) if len(data) <= LIMIT else None
    except (ValueError, RecursionError):
        row = None
    if not isinstance(row, list) or not row or not isinstance(row[0], str):
        raise ProtocolError(f"not a message: {data[:40]!r}")
    fields = _FIELDS.get(row[0])
    if fields is None or len(fields) != len(row) - 1:
        raise ProtocolError(f"not a message: {data[:40]!r}")
    for value, kind in zip(row[1:], fields, strict=True):
        # A bool is an int to Python; in a message it is not.
        if kind is not None and type(value) is not kind:
            raise ProtocolError(f"{row[0]}: {value!r:.40} is no {kind.__name__}")
    message: Message = _CLASSES[row[0]](*row[1:])
    return message


def shortened(text: str) -> str:
    """Return a text of at most `TEXT_LIMIT` characters; what is left out is the middle."""
    if len(text) <= TEXT_LIMIT:
        return text
    half = TEXT_LIMIT // 2 - 10
    return text[:half] + "\n  ...\n" + text[-half:]


class Link:
    """One end of a conversation in these messages.

    Synchronization: any thread may send; one may receive.

    Args:
        end: A connected ``SOCK_SEQPACKET`` socket; the link closes it.
    """

    def __init__(self, end: socket.socket) -> None:
        self._socket = end

    def fileno(self) -> int:
        """Return the socket's descriptor, for polling."""
        return self._socket.fileno()

    def set_blocking(self, blocking: bool) -> None:
        """Decide whether `receive` and `send` wait."""
        self._socket.setblocking(blocking)

    def send(self, message: Message, descriptors: tuple[int, ...] = ()) -> None:
        """Send a message, with copies of some descriptors.

        Raises:
            ProtocolError: See `encode`.
            OSError: The other end has gone.
        """
        socket.send_fds(self._socket, [encode(message)], descriptors)

    def receive(self) -> tuple[Message, list[int]] | None:
        """Wait for the next message.

        Returns:
            The message and the descriptors that came with it, which are the caller's to close;
            None when the other end has gone.

        Raises:
            ProtocolError: What came is no message.
            BlockingIOError: The socket does not block and nothing has come.
        """
        try:
            data, descriptors, _, _ = socket.recv_fds(self._socket, LIMIT + 1, 16)
        except ConnectionResetError:
            return None
        if not data:
            return None
        return decode(data), descriptors

    def close(self) -> None:
        """End the conversation."""
        self._socket.close()


def pair() -> tuple[socket.socket, socket.socket]:
    """Return two connected ends for a `Link`."""
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
