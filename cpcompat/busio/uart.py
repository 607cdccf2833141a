"""The serial port."""

from __future__ import annotations

from cpcompat import hal
from cpcompat.busio.pins import uart_at, uart_claims
from cpcompat.hal.arguments import (
    checked_int,
    in_range,
    readable,
    writeable,
)
from cpcompat.hal.errors import Fault, HalError
from cpcompat.hal.refusals import Hold, deinited, refusal
from cpcompat.hal.symbols import Choice, define_choices

TYPE_CHECKING = False  # not typing's: that import costs more than all of this package
if TYPE_CHECKING:
    from typing import ClassVar, Self

    from cpcompat.hal.buffers import ReadableBuffer, WriteableBuffer
    from cpcompat.hal.pin import Pin
    from cpcompat.hal.refusals import Refusals
    from cpcompat.hal.uart import Parity as LineParity
    from cpcompat.hal.uart import UartPort

_CHUNK = 256
_LONGEST_TIMEOUT_S = 100

_OPENING: Refusals = {
    Fault.BUSY: (ValueError, "UART peripheral in use"),
    Fault.UNSUPPORTED: (ValueError, "Invalid baudrate"),
}
_FAULTS: Refusals = {Fault.UNSUPPORTED: (ValueError, "Invalid baudrate")}


class UART:
    """A serial port.

    Args:
        tx: The pin to send with, or None to receive only.
        rx: The pin to receive with, or None to send only.
        rts: Not offered.
        cts: Not offered.
        rs485_dir: Not offered.
        rs485_invert: Not offered.
        baudrate: Bits a second.
        bits: Bits a byte, 5 to 9.
        parity: The parity bit, or None for none.
        stop: Stop bits, 1 or 2.
        timeout: How long to wait for the first byte and for each one after it, in seconds, at
            most 100.
        receiver_buffer_size: How many bytes to keep until they are read.

    Raises:
        TypeError: An argument is no pin.
        ValueError: A pin is in use (a note names the holder), these make no port, or an argument
            is out of range.
        NotImplementedError: A line was asked for that the board does not have.

    On Linux: the kernel keeps at least 4095 received bytes, more than ``receiver_buffer_size`` if
    that is smaller.
    """

    class Parity(Choice):
        """The parity bit of each byte."""

        __slots__ = ()

        ODD: ClassVar[UART.Parity]
        """The number of ones is odd."""
        EVEN: ClassVar[UART.Parity]
        """The number of ones is even."""

    _port: UartPort | None = None
    _hold: Hold | None = None

    def __init__(
        self,
        tx: Pin | None = None,
        rx: Pin | None = None,
        *,
        rts: Pin | None = None,
        cts: Pin | None = None,
        rs485_dir: Pin | None = None,
        rs485_invert: bool = False,
        baudrate: int = 9600,
        bits: int = 8,
        parity: Parity | None = None,
        stop: int = 1,
        timeout: float = 1,
        receiver_buffer_size: int = 64,
    ) -> None:
        used = uart_claims(tx, rx, rts, cts, rs485_dir)
        in_range(bits, 5, 9, "bits")
        in_range(receiver_buffer_size, 1, 0xFFFF, "receiver_buffer_size")
        in_range(stop, 1, 2, "stop")
        self._timeout = _checked_timeout(timeout)
        self._baudrate = _checked_baudrate(baudrate)
        self._frame = (bits, _line_parity(parity), stop)
        self._received = bytearray()
        self._reads = rx is not None
        self._writes = tx is not None
        if rs485_dir is not None or rs485_invert:
            raise NotImplementedError("RS485")
        machine = hal.machine()
        hold = Hold(machine, used, "busio.UART", _OPENING)
        with hold:
            port = machine.backend.uart(uart_at(machine.board, tx, rx, rts, cts))
            try:
                port.configure(baudrate, *self._frame)
            except BaseException:
                port.close()
                raise
        self._hold = hold
        self._port = port

    def deinit(self) -> None:
        """Release the port and its pins. Doing it again does nothing."""
        port, self._port = self._port, None
        if port is None or self._hold is None:
            return
        try:
            port.close()
        finally:
            self._hold.release()

    def _deinited(self) -> bool:
        return self._port is None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.deinit()

    def __del__(self) -> None:
        self.deinit()

    def read(self, nbytes: int | None = None) -> bytes | None:
        """Read until that many bytes have come, or none comes within `timeout` after the last.

        Args:
            nbytes: How many at most; None for all that come.

        Returns:
            The bytes, or None when there was none.
        """
        self._live()
        if nbytes == 0:
            return b""
        return self._read(None if nbytes is None or nbytes < 0 else nbytes) or None

    def readinto(self, buf: WriteableBuffer) -> int | None:
        """Read until the buffer is full, or no byte comes within `timeout` after the last.

        Args:
            buf: What to fill.

        Returns:
            How many bytes came, or None when there was none.
        """
        self._live()
        view = writeable(buf)
        if not view:
            return 0
        data = self._read(len(view))
        view[: len(data)] = data
        return len(data) or None

    def readline(self) -> bytes | None:
        r"""Read up to and with the next ``\n``, or until no byte comes within `timeout`.

        Returns:
            The line, or what came of it; None when nothing came.
        """
        self._live()
        received = self._received
        searched = 0
        while (end := received.find(b"\n", searched)) < 0:
            searched = len(received)
            if not self._receive(_CHUNK):
                end = searched - 1
                break
        return self._taken(end + 1) or None

    def _read(self, limit: int | None) -> bytes:
        """Return up to ``limit`` bytes; fewer when no byte comes within the timeout."""
        received = self._received
        while limit is None or len(received) < limit:
            if not self._receive(_CHUNK if limit is None else limit - len(received)):
                break
        return self._taken(len(received) if limit is None else limit)

    def _receive(self, limit: int) -> bool:
        """Wait for bytes; return whether any came in time."""
        port = self._live()
        if not self._reads:
            raise ValueError("No rx pin")
        try:
            data = port.read(limit, int(self._timeout * 1e9))
        except HalError as error:
            raise refusal(error, _FAULTS) from None
        self._received += data
        return bool(data)

    def _taken(self, count: int) -> bytes:
        received = self._received
        data = bytes(received[:count])
        del received[:count]
        return data

    def write(self, buf: ReadableBuffer) -> int | None:
        """Send all of the buffer.

        Args:
            buf: The bytes.

        Returns:
            How many that was.

        Raises:
            TypeError: It is a text, not bytes.
            ValueError: The port has no ``tx`` pin.
        """
        port = self._live()
        if isinstance(buf, str):
            raise TypeError("string not supported; use bytes or bytearray")
        if not self._writes:
            raise ValueError("No tx pin")
        try:
            return port.write(readable(buf))
        except HalError as error:
            raise refusal(error, _FAULTS) from None

    @property
    def baudrate(self) -> int:
        """Bits a second."""
        self._live()
        return self._baudrate

    @baudrate.setter
    def baudrate(self, value: int) -> None:
        port = self._live()
        baudrate = _checked_baudrate(value)
        try:
            port.configure(baudrate, *self._frame)
        except HalError as error:
            raise refusal(error, _FAULTS) from None
        self._baudrate = baudrate

    @property
    def in_waiting(self) -> int:
        """How many bytes have come and were not read."""
        return len(self._received) + self._live().waiting()

    @property
    def timeout(self) -> float:
        """How long reading waits for the first byte, and for each one after it, in seconds."""
        self._live()
        return self._timeout

    @timeout.setter
    def timeout(self, value: float) -> None:
        self._live()
        self._timeout = _checked_timeout(value)

    def reset_input_buffer(self) -> None:
        """Drop what has come and was not read."""
        self._live().discard()
        self._received.clear()

    def _live(self) -> UartPort:
        port = self._port
        if port is None:
            raise deinited()
        return port


define_choices(UART.Parity, "busio.UART.Parity", "ODD", "EVEN")


def _line_parity(parity: UART.Parity | None) -> LineParity:
    if parity is UART.Parity.ODD:
        return "odd"
    return "even" if parity is UART.Parity.EVEN else "none"


def _checked_timeout(value: float) -> float:
    timeout = float(value)
    if not 0 <= int(timeout) <= _LONGEST_TIMEOUT_S or timeout < 0:
        raise ValueError(f"timeout must be 0-{_LONGEST_TIMEOUT_S}")
    return timeout


def _checked_baudrate(value: object) -> int:
    baudrate = checked_int(value)
    if baudrate < 1:
        raise ValueError("baudrate must be >= 1")
    return baudrate
