"""Serial ports through the kernel's terminals.

Source: the kernel's ``include/uapi/asm-generic/termbits.h``, ``man 2 TCSETS2``. With termios2 a port
takes any rate, not only those that have a name.
"""

from __future__ import annotations

import array
import errno
import os
import select
import termios
from fcntl import ioctl
from struct import Struct
from typing import TYPE_CHECKING

from cpcompat.backends.linux.errors import hal_error, this_computer
from cpcompat.hal.errors import Fault, HalError

if TYPE_CHECKING:
    from cpcompat.backends.linux.nodes import Nodes
    from cpcompat.backends.linux.recorder import Recorder
    from cpcompat.board.definition import BoardDefinition, UartPins
    from cpcompat.hal.buffers import ReadableBuffer
    from cpcompat.hal.uart import Parity

_SET, _EXCLUSIVE, _WAITING, _FLUSH = 0x402C_542B, 0x540C, 0x541B, 0x540B
_TERMIOS2 = Struct("=IIIIB19sII")
_IGNORE_BREAK = 0x1
_RATE_AS_NUMBER, _RECEIVE, _NO_MODEM = 0x1000, 0x80, 0x800
_SIZES = {5: 0x00, 6: 0x10, 7: 0x20, 8: 0x30}
_PARITIES: dict[str, int] = {"none": 0x000, "even": 0x100, "odd": 0x300}
_TWO_STOPS = 0x40
_CHECK_PARITY, _DROP_BROKEN = 0x10, 0x04
_FLUSH_INPUT = 0
_MOST = 4_000_000


def tty_of(board: BoardDefinition, port: int) -> str:
    """Return the node of a port, which the board's file names by device-tree aliases.

    Raises:
        HalError: ABSENT: it is switched off, or only the Bluetooth chip's is there.
    """
    aliases = board.for_backend.get("uart", {}).get(str(port), ())
    known = this_computer().ports
    ours = next((known[a] for a in aliases if a in known and not known[a].bluetooth), None)
    if ours is not None and ours.tty:
        return f"/dev/{ours.tty}"
    cure = (
        "It is switched off, or the Bluetooth chip has it. On a Raspberry Pi: «sudo raspi-config"
        " nonint do_serial_hw 0», then restart. «cpcompat doctor» tells more."
    )
    raise HalError(Fault.ABSENT, f"uart{port}", cure)


class LinuxUart:
    """One port as a `cpcompat.hal.uart.UartPort`.

    Args:
        nodes: The way to the node.
        board: The board.
        pins: The port.
        recorder: Notes what passes while somebody looks.

    Raises:
        HalError: ABSENT, DENIED, BUSY.
    """

    def __init__(
        self,
        nodes: Nodes,
        board: BoardDefinition,
        pins: UartPins,
        recorder: Recorder | None = None,
    ) -> None:
        self._port = pins.port
        self._recorder = recorder
        self._where = f"uart{pins.port}"
        path = tty_of(board, pins.port)
        try:
            self._descriptor = nodes.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
            ioctl(self._descriptor, _EXCLUSIVE)
            ioctl(self._descriptor, _FLUSH, _FLUSH_INPUT)
        except OSError as error:
            raise hal_error(error, self._where, path) from error
        self._poll = select.poll()
        self._poll.register(self._descriptor, select.POLLIN)
        self._room = select.poll()
        self._room.register(self._descriptor, select.POLLOUT)

    def configure(self, baudrate: int, bits: int, parity: Parity, stop: int) -> None:
        """See `UartPort.configure`. A byte whose parity is wrong is dropped."""
        if bits not in _SIZES or not 1 <= baudrate <= _MOST:
            what = f"{bits} bits at {baudrate} on {self._where}"
            raise HalError(Fault.UNSUPPORTED, what, f"5 to 8 bits, at most {_MOST} a second.")
        # A rate that has a name goes by it: other programs that look at the port know names only.
        rate: int = getattr(termios, f"B{baudrate}", _RATE_AS_NUMBER)
        control = rate | _RECEIVE | _NO_MODEM | _SIZES[bits] | _PARITIES[parity]
        if stop == 2:
            control |= _TWO_STOPS
        checks = 0 if parity == "none" else _CHECK_PARITY | _DROP_BROKEN
        settings = _TERMIOS2.pack(
            *(_IGNORE_BREAK | checks, 0, control, 0, 0, bytes(19), baudrate, baudrate)
        )
        try:
            ioctl(self._descriptor, _SET, bytearray(settings))
        except OSError as error:
            raise hal_error(error, self._where) from error

    def write(self, data: ReadableBuffer) -> int:
        """See `UartPort.write`."""
        left = memoryview(data).cast("B")
        size = len(left)
        while left:
            try:
                left = left[os.write(self._descriptor, left) :]
            except BlockingIOError:
                self._room.poll()
            except OSError as error:
                raise self._gone(error) from error
        self._note(data, None)
        return size

    def read(self, limit: int, timeout_ns: int) -> bytes:
        """See `UartPort.read`."""
        if not self._poll.poll(timeout_ns / 1e6):
            return b""
        try:
            data = os.read(self._descriptor, limit)
        except BlockingIOError:
            return b""
        except OSError as error:
            raise self._gone(error) from error
        self._note(None, data)
        return data

    def _note(self, write: ReadableBuffer | None, read: ReadableBuffer | None) -> None:
        recorder = self._recorder
        if recorder is not None and recorder.watched[0]:
            recorder.uart(self._port, write, read)

    def _gone(self, error: OSError) -> HalError:
        if error.errno == errno.EIO:
            cure = "The adapter was unplugged, or the port switched off. Open it anew."
            return HalError(Fault.GONE, self._where, cure)
        return hal_error(error, self._where)

    def waiting(self) -> int:
        """See `UartPort.waiting`."""
        count = array.array("i", [0])
        ioctl(self._descriptor, _WAITING, count)
        return count[0]

    def discard(self) -> None:
        """See `UartPort.discard`."""
        ioctl(self._descriptor, _FLUSH, _FLUSH_INPUT)

    def close(self) -> None:
        """See `UartPort.close`."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)
