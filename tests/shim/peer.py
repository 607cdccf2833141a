"""The other end of an emulated UART."""

from __future__ import annotations

import os
import select
import termios
import threading
import time
import tty
from collections import deque

_BITS_A_BYTE = 10
ANY_RATE = 0
"""For a wire from TX to RX: what is sent is heard, at whatever rate it is sent."""
_SPEEDS = {
    getattr(termios, f"B{rate}"): rate
    for rate in (1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200, 230400, 460800, 921600)
}


class Peer:
    """A pseudo-terminal's master: it hears what is sent, and may send it back at a wire's pace.

    Args:
        echo_baud: Its rate, at which it echoes; None: it only listens. A byte sent at another rate
            is not the byte that it hears; `ANY_RATE` hears all.

    Attributes:
        path: The slave, which the device node stands for.
        received: All that it has heard.
    """

    def __init__(self, echo_baud: int | None) -> None:
        self._baud = echo_baud
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self.path = os.ttyname(self._slave)
        self.received = bytearray()
        self._echoes: deque[tuple[float, int]] = deque()
        self._wake, self._end = os.pipe2(os.O_CLOEXEC)
        self._thread = threading.Thread(target=self._run, daemon=True, name="uart peer")
        self._thread.start()

    def send(self, data: bytes) -> None:
        """Send bytes at once, whatever the rate."""
        os.write(self._master, data)

    def close(self) -> None:
        """Unplug it. Closing again does nothing."""
        if not self._thread.is_alive():
            return
        os.close(self._end)
        self._thread.join()
        for descriptor in (self._wake, self._master, self._slave):
            os.close(descriptor)

    def _run(self) -> None:
        while True:
            now = time.monotonic()
            wait = max(0.0, self._echoes[0][0] - now) if self._echoes else None
            ready = select.select([self._master, self._wake], [], [], wait)[0]
            if self._wake in ready:
                return
            if self._master in ready:
                self._hear(os.read(self._master, 4096))
            self._send_due()

    def _hear(self, data: bytes) -> None:
        self.received += data
        if self._baud is None:
            return
        rate = _SPEEDS.get(termios.tcgetattr(self._master)[5], 0)
        baud = self._baud or rate
        heard = data if rate == baud else bytes(byte ^ 0x55 for byte in data)
        last = self._echoes[-1][0] if self._echoes else time.monotonic()
        for number, byte in enumerate(heard, 1):
            self._echoes.append((last + number * _BITS_A_BYTE / baud, byte))

    def _send_due(self) -> None:
        now, due = time.monotonic(), bytearray()
        while self._echoes and self._echoes[0][0] <= now:
            due.append(self._echoes.popleft()[1])
        if due:
            os.write(self._master, due)
