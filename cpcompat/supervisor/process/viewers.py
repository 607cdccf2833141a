"""Where the console can be seen and typed at: the terminal, a pipe, a PTY with a stable name."""

from __future__ import annotations

import asyncio
import os
import select
import tty
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from cpcompat.errors import CpcompatError
from cpcompat.supervisor.process.inotify import IN_CLOSE, IN_OPEN, Inotify

FULL = 256 * 1024
"""Bytes waiting for a viewer beyond which the program is held up, or its output is dropped."""
_PIECE = 4096
"""What a descriptor that polls as writable takes without blocking (pipe(7), PIPE_BUF)."""
_READ = 65536

Typed = Callable[[bytes], None]
"""Called with what came from a viewer; with b"" when no more can come."""


class Viewer(Protocol):
    """One place where the console is seen.

    Attributes:
        is_terminal: It wants CR LF and understands escape sequences; else LF and plain text.
        connected: Somebody is there.
    """

    is_terminal: bool
    connected: bool

    def show(self, data: bytes) -> None:
        """Take output; never blocks."""
        ...

    def is_full(self) -> bool:
        """Tell whether the program should be held up until more has been taken."""
        ...

    async def drain(self) -> None:
        """Wait until what was shown has been taken, or cannot be."""
        ...

    def close(self) -> None:
        """Let it go."""
        ...


class Outlet:
    """Bytes on their way out of a descriptor that may be slow.

    Args:
        descriptor: Where to.
        emptied: Called each time everything has been taken.
    """

    def __init__(self, descriptor: int, emptied: Callable[[], None]) -> None:
        self._descriptor = descriptor
        self._emptied = emptied
        self._waiting = bytearray()
        self._loop = asyncio.get_running_loop()
        self._writing = False
        self.broken = False

    def put(self, data: bytes) -> None:
        """Send it, now or when it can be taken."""
        if self.broken:
            return
        self._waiting += data
        if not self._writing:
            self._push()

    def __len__(self) -> int:
        return len(self._waiting)

    def clear(self) -> None:
        """Drop what has not been taken."""
        self._waiting.clear()
        self._stop_writing()

    def _push(self) -> None:
        try:
            while self._waiting and self._is_writable():
                done = os.write(self._descriptor, self._waiting[:_PIECE])
                del self._waiting[:done]
        except BlockingIOError:
            pass
        except OSError:
            self.broken = True
            self._waiting.clear()
        if not self._waiting:
            self._stop_writing()
            self._emptied()
        elif not self._writing:
            self._writing = True
            self._loop.add_writer(self._descriptor, self._push)

    def _is_writable(self) -> bool:
        poll = select.poll()
        poll.register(self._descriptor, select.POLLOUT)
        return bool(poll.poll(0))

    def _stop_writing(self) -> None:
        if self._writing:
            self._writing = False
            self._loop.remove_writer(self._descriptor)


class Stdio:
    """The supervisor's own standard input and output.

    Nothing is lost here: a reader that does not keep up holds the program up, as a pipe does.

    Args:
        typed: Gets what is typed.
        resume: Called when a full viewer has room again.
        is_terminal: Whether standard output is one (made raw by the caller).
    """

    def __init__(self, typed: Typed, resume: Callable[[], None], is_terminal: bool) -> None:
        self.is_terminal = is_terminal
        self.connected = True
        self._typed = typed
        self._loop = asyncio.get_running_loop()
        self._out = Outlet(1, self._emptied)
        self._resume = resume
        self._idle = asyncio.Event()
        self._idle.set()
        self._reading = False
        self._listen()

    def _listen(self) -> None:
        try:
            self._loop.add_reader(0, self._read)
            self._reading = True
        except PermissionError:
            # A regular file or /dev/null: never waits, so it is read as it stands.
            self._loop.call_soon(self._read_file)
        except OSError:
            self._loop.call_soon(self._typed, b"")

    def _read(self) -> None:
        try:
            data = os.read(0, _READ)
        except OSError:
            data = b""
        if not data:
            self._stop_reading()
        self._typed(data)

    def _read_file(self) -> None:
        while data := os.read(0, _READ):
            self._typed(data)
        self._typed(b"")

    def _stop_reading(self) -> None:
        if self._reading:
            self._reading = False
            self._loop.remove_reader(0)

    def _emptied(self) -> None:
        self._idle.set()
        self._resume()

    def show(self, data: bytes) -> None:
        """See `Viewer.show`."""
        self._idle.clear()
        self._out.put(data)
        if not len(self._out):
            self._idle.set()

    def is_full(self) -> bool:
        """See `Viewer.is_full`."""
        return len(self._out) > FULL

    async def drain(self) -> None:
        """See `Viewer.drain`."""
        await self._idle.wait()

    def close(self) -> None:
        """See `Viewer.close`."""
        self._stop_reading()
        self._out.clear()


class Pty:
    """A pseudo-terminal for any terminal program, with a symbolic link of a stable name.

    Like a board's USB serial port it drops output while nobody has it open, and beyond `FULL`
    bytes while the one who has it does not read.

    Args:
        link: The name to give it; None for the kernel's name only.
        typed: Gets what is typed.
        seen: Called when somebody opens it.

    Raises:
        CpcompatError: The name is taken by something that is not a link of ours.
    """

    is_terminal = True

    def __init__(self, link: Path | None, typed: Typed, seen: Callable[[], None]) -> None:
        self._master, slave = os.openpty()
        tty.setraw(slave)
        self.path = os.ttyname(slave)
        os.set_blocking(self._master, False)
        self._typed, self._seen = typed, seen
        self._link = link
        if link is not None:
            _point(link, self.path)
        self._loop = asyncio.get_running_loop()
        self._out = Outlet(self._master, lambda: None)
        # Opening is told by inotify: a master that nobody holds polls as hung up all the time.
        self._opens = Inotify()
        self._opens.watch(self.path.encode(), IN_OPEN | IN_CLOSE)
        self.connected = False
        os.close(slave)
        self._loop.add_reader(self._opens.fileno(), self._look)
        self._look()

    def _look(self) -> None:
        # One who leaves and one who comes may be told of together: the new one wants the prompt.
        anew = any(event.mask & IN_CLOSE for event in self._opens.read())
        poll = select.poll()
        poll.register(self._master, select.POLLIN)
        now = not any(flags & select.POLLHUP for _, flags in poll.poll(0))
        if now and anew and self.connected:
            self._gone()
        if now and not self.connected:
            self.connected = True
            self._loop.add_reader(self._master, self._read)
            self._seen()
        elif not now and self.connected:
            self._gone()

    def _gone(self) -> None:
        self.connected = False
        self._loop.remove_reader(self._master)
        self._out.clear()

    def _read(self) -> None:
        try:
            data = os.read(self._master, _READ)
        except OSError:
            self._gone()
            return
        if data:
            self._typed(data)

    def show(self, data: bytes) -> None:
        """See `Viewer.show`."""
        if self.connected and len(self._out) + len(data) <= FULL:
            self._out.put(data)

    def is_full(self) -> bool:
        """See `Viewer.is_full`: this one drops instead."""
        return False

    async def drain(self) -> None:
        """See `Viewer.drain`: the kernel keeps what was sent."""

    def close(self) -> None:
        """See `Viewer.close`; the link goes too."""
        self._loop.remove_reader(self._opens.fileno())
        self._opens.close()
        if self.connected:
            self._gone()
        if self._link is not None and self._link.is_symlink():
            self._link.unlink()
        os.close(self._master)


def _point(link: Path, target: str) -> None:
    if link.exists() and not link.is_symlink():
        raise CpcompatError(
            f"{str(link)!r} exists and is no link", "Name another path for the console's PTY."
        )
    beside = link.with_name(f".{link.name}.new")
    beside.unlink(missing_ok=True)
    beside.symlink_to(target)
    beside.replace(link)
