"""The console on a serial device: a UART's, or that of a USB gadget (``/dev/ttyGS0``)."""

from __future__ import annotations

import asyncio
import os
import termios
from pathlib import Path
from typing import TYPE_CHECKING

from cpcompat.errors import CpcompatError
from cpcompat.supervisor.process.terminal import make_raw
from cpcompat.supervisor.process.viewers import FULL, Outlet

if TYPE_CHECKING:
    from collections.abc import Callable

    from cpcompat.supervisor.process.viewers import Typed

_READ = 65536
_AGAIN_S = 1.0
_BAUD = termios.B115200
"""As upstream's console on a UART; a USB gadget has no baud rate and takes any."""


class Uart:
    """A serial device that shows the console; see `Viewer`.

    Who listens there cannot be known, so what is not taken is dropped. A device that goes (a USB
    cable pulled out) is opened again when it is back.

    Args:
        path: The device.
        typed: Gets what is typed.
        seen: Called when the device has been opened.

    Raises:
        CpcompatError: It is no serial device, or cannot be opened.
    """

    is_terminal = True

    def __init__(self, path: Path, typed: Typed, seen: Callable[[], None]) -> None:
        self._path, self._typed, self._seen = path, typed, seen
        self._loop = asyncio.get_running_loop()
        self._descriptor = -1
        self._out: Outlet | None = None
        self._again: asyncio.TimerHandle | None = None
        self.connected = False
        try:
            self._open()
        except (OSError, termios.error) as error:
            raise CpcompatError(
                f"the console cannot be on {str(path)!r}: {error}",
                "It takes a serial device that this user may read and write (group dialout).",
            ) from error

    def _open(self) -> None:
        flags = os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC
        descriptor = os.open(self._path, flags)
        try:
            make_raw(descriptor)
            settings = termios.tcgetattr(descriptor)
            # No modem lines: most consoles have three wires.
            settings[2] |= termios.CLOCAL | termios.CREAD
            settings[4] = settings[5] = _BAUD
            termios.tcsetattr(descriptor, termios.TCSANOW, settings)
        except BaseException:
            os.close(descriptor)
            raise
        self._descriptor = descriptor
        self._out = Outlet(descriptor, lambda: None)
        self.connected = True
        self._loop.add_reader(descriptor, self._read)

    def _read(self) -> None:
        try:
            data = os.read(self._descriptor, _READ)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if data:
            self._typed(data)
        else:
            self._gone()
            self._again = self._loop.call_later(_AGAIN_S, self._reopen)

    def _reopen(self) -> None:
        try:
            self._open()
        except (OSError, termios.error):
            self._again = self._loop.call_later(_AGAIN_S, self._reopen)
        else:
            self._seen()

    def _gone(self) -> None:
        self.connected = False
        self._loop.remove_reader(self._descriptor)
        if self._out is not None:
            self._out.clear()
            self._out = None
        os.close(self._descriptor)
        self._descriptor = -1

    def show(self, data: bytes) -> None:
        """See `Viewer.show`."""
        if self._out is not None and len(self._out) + len(data) <= FULL:
            self._out.put(data)

    def is_full(self) -> bool:
        """See `Viewer.is_full`: this one drops instead."""
        return False

    async def drain(self) -> None:
        """See `Viewer.drain`: nobody may be there to take it."""

    def close(self) -> None:
        """See `Viewer.close`."""
        if self._again is not None:
            self._again.cancel()
        if self.connected:
            self._gone()
