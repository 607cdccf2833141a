"""The console: one PTY for the program's side, any number of viewers on the other."""

from __future__ import annotations

import asyncio
import fcntl
import os
import secrets
import termios
import tty
from collections.abc import Callable

from cpcompat.supervisor.process.boot_out import BootOut
from cpcompat.supervisor.process.cooking import Cooker, MarkerSearch
from cpcompat.supervisor.process.viewers import Viewer

_READ = 65536
_TIOCGPTPEER = 0x5441
"""Opens the slave of a master without its name (asm-generic/ioctls.h, Linux 4.13)."""
_DRAIN_S = 2.0
_CTRL_C = 0x03
PAST = 4096
"""The most bytes that a viewer who comes later is shown of what was before."""


class Console:
    """What programs print and read, and what the supervisor says in between.

    The slave is raw: newlines are made here, for each viewer as it wants them, so that a program
    can neither spoil them nor echo. Output of a program that has ended is all shown before
    anything else is said: a marker, written into the same slave, tells where it ends.

    Args:
        resume: Called when a program that was held up may go on; for tests.
    """

    def __init__(self) -> None:
        self._master, slave = os.openpty()
        os.close(slave)
        os.set_blocking(self._master, False)
        self._slave = self._open_slave()
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._master, self._read)
        self._reading = True
        self._viewers: list[Viewer] = []
        self._past = bytearray()
        self._cooker = Cooker()
        self._search: MarkerSearch | None = None
        self._found: asyncio.Future[None] | None = None
        self._to_send = b""
        self._unsent = bytearray()
        self.capture: BootOut | None = None

    def add(self, viewer: Viewer, *, with_past: bool = False) -> None:
        """Show the console there too.

        Args:
            viewer: The place.
            with_past: Whether what was shown last is shown there first.
        """
        self._viewers.append(viewer)
        if with_past:
            viewer.show(bytes(self._past))

    def remove(self, viewer: Viewer) -> None:
        """Show the console there no more."""
        self._viewers.remove(viewer)
        self.resume()

    @property
    def connected(self) -> bool:
        """Whether anybody can see it."""
        return any(viewer.connected for viewer in self._viewers)

    # What the supervisor says.

    def say(self, text: str) -> None:
        """Show a text of the supervisor's own, with LF newlines."""
        self._output(text.encode("utf-8"))

    def say_control(self, sequence: str) -> None:
        """Show an escape sequence, where there is a terminal; never part of ``boot_out.txt``."""
        data = sequence.encode("utf-8")
        for viewer in self._viewers:
            if viewer.is_terminal:
                viewer.show(data)

    # The program's side.

    def slave_for_program(self) -> int:
        """Return a fresh descriptor of the slave, clean of what the last program did to it."""
        self._clean_slave()
        return self._open_slave()

    def _open_slave(self) -> int:
        slave = fcntl.ioctl(self._master, _TIOCGPTPEER, os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
        tty.setraw(slave, termios.TCSANOW)
        return slave

    def _clean_slave(self) -> None:
        tty.setraw(self._slave, termios.TCSANOW)
        # A program that stopped the output would else block every program after it.
        termios.tcflow(self._slave, termios.TCOON)

    def _read(self) -> None:
        data = self._available()
        if self._search is None:
            self._output(data)
        else:
            self._output_to_marker(data)
        if self._search is None and any(viewer.is_full() for viewer in self._viewers):
            self._hold_up()

    def _available(self) -> bytes:
        """Return what is there: the kernel hands it out in pieces of 4 KiB."""
        pieces: list[bytes] = []
        size = 0
        try:
            while size < _READ:
                pieces.append(os.read(self._master, _READ))
                size += len(pieces[-1])
        except OSError:
            pass
        return b"".join(pieces)

    def _output(self, data: bytes) -> None:
        if not data:
            return
        cooked = self._cooker.cook(data)
        if self.capture is not None:
            self.capture.add(cooked)
        self._past += cooked[-PAST:]
        del self._past[:-PAST]
        for viewer in self._viewers:
            viewer.show(cooked if viewer.is_terminal else data)

    def _hold_up(self) -> None:
        self._reading = False
        self._loop.remove_reader(self._master)

    def resume(self) -> None:
        """Let a program that was held up go on, if every viewer has room."""
        if not self._reading and not any(viewer.is_full() for viewer in self._viewers):
            self._reading = True
            self._loop.add_reader(self._master, self._read)

    async def caught_up(self) -> None:
        """Wait until everything that programs have printed so far has been shown."""
        marker = b"\x1b" + secrets.token_bytes(16)
        self._search = MarkerSearch(marker)
        self._to_send = marker
        self._found = self._loop.create_future()
        if not self._reading:
            self._reading = True
            self._loop.add_reader(self._master, self._read)
        self._clean_slave()
        self._send_marker()
        try:
            await asyncio.wait_for(self._found, _DRAIN_S)
        except TimeoutError:
            self._output(self._search.rest())
        self._search = None

    def _send_marker(self) -> None:
        os.set_blocking(self._slave, False)
        try:
            done = os.write(self._slave, self._to_send)
        except BlockingIOError:
            done = 0
        self._to_send = self._to_send[done:]

    def _output_to_marker(self, data: bytes) -> None:
        if self._search is None or self._found is None:
            return
        before, after = self._search.feed(data)
        self._output(before)
        if self._to_send:
            self._send_marker()
        if after is not None:
            self._search = None
            self._output(after)
            if not self._found.done():
                self._found.set_result(None)

    # Input.

    def type_in(self, data: bytes) -> None:
        """Give the program input; what does not fit now follows when it does."""
        self._unsent += data
        self._push_input()

    def _push_input(self) -> None:
        try:
            done = os.write(self._master, self._unsent)
            del self._unsent[:done]
        except BlockingIOError:
            pass
        if self._unsent:
            self._loop.add_writer(self._master, self._push_input)
        else:
            self._loop.remove_writer(self._master)

    @property
    def waiting_input(self) -> int:
        """How many bytes wait that the kernel has no room for."""
        return len(self._unsent)

    def drop_input(self) -> None:
        """Forget what was typed and no program has read."""
        self.take_back_input()

    def take_back_input(self) -> bytes:
        """Return what was typed and no program has read, and have it typed no more."""
        os.set_blocking(self._slave, False)
        back = bytearray()
        try:
            while data := os.read(self._slave, _READ):
                back += data
        except BlockingIOError:
            pass
        back += self._unsent
        self._unsent.clear()
        self._loop.remove_writer(self._master)
        return bytes(back)

    async def drain(self) -> None:
        """Wait until every viewer has taken what was shown."""
        for viewer in self._viewers:
            await viewer.drain()

    def close(self) -> None:
        """Let the viewers and the PTY go."""
        for viewer in self._viewers:
            viewer.close()
        if self._reading:
            self._loop.remove_reader(self._master)
        self._loop.remove_writer(self._master)
        os.close(self._slave)
        os.close(self._master)


class Keyboard:
    """What was typed at the viewers, and who is to get it.

    Args:
        interrupt: Called when Ctrl-C is typed and `armed`.
    """

    def __init__(self, interrupt: Callable[[], None]) -> None:
        self._interrupt = interrupt
        self.armed = False
        self.queue = bytearray()

    def typed(self, data: bytes) -> bool:
        """Take what was typed at once; return False if it was an interrupt and has been dropped.

        As on a board, an interrupt drops everything that came with it or waits before it.
        """
        if self.armed and _CTRL_C in data:
            self.queue.clear()
            self._interrupt()
            return False
        self.queue += data
        return True

    def take(self, limit: int | None = None) -> bytes:
        """Return, and take out, what is typed: at most ``limit`` bytes."""
        taken = bytes(self.queue[:limit])
        del self.queue[: len(taken)]
        return taken
