"""The I2C bus."""

from __future__ import annotations

import sys

from cpcompat import hal
from cpcompat.busio.pins import i2c_at
from cpcompat.hal.arguments import checked_int, checked_pin, in_range, readable, writeable
from cpcompat.hal.errors import Fault, HalError
from cpcompat.hal.refusals import Hold, refusal

from .lockable import Lockable

TYPE_CHECKING = False  # not typing's: that import costs more than all of this package
if TYPE_CHECKING:
    from typing import NoReturn

    from cpcompat.hal.buffers import ReadableBuffer, WriteableBuffer
    from cpcompat.hal.pin import Pin
    from cpcompat.hal.refusals import Refusals

_ALL = sys.maxsize
_FASTEST_HZ = 1_000_000

_OPENING: Refusals = {
    Fault.BUSY: (ValueError, "I2C peripheral in use"),
    Fault.UNSUPPORTED: (ValueError, "Invalid frequency"),
}
_FAULTS: Refusals = {
    Fault.NO_ACK: (OSError, 19, "No such device"),
    Fault.TIMEOUT: (OSError, 110, "ETIMEDOUT"),
    Fault.ARBITRATION_LOST: (OSError, 11, "EAGAIN"),
}


class I2C(Lockable):
    """An I2C bus, as its controller. Whoever uses it takes its lock first.

    Args:
        scl: The clock pin.
        sda: The data pin.
        frequency: The clock in hertz, at most 1 000 000.
        timeout: How long a part may stretch the clock, in microseconds.

    Raises:
        TypeError: ``scl`` or ``sda`` is no pin.
        ValueError: A pin is in use (a note names the holder), or these two make no I2C bus.

    On Linux: the kernel's driver decides how long the clock may be stretched, whatever ``timeout``
    says; on hardware the bus's clock may be fixed by its configuration.
    """

    def __init__(self, scl: Pin, sda: Pin, *, frequency: int = 100000, timeout: int = 255) -> None:
        super().__init__()
        checked_pin(scl, "scl")
        checked_pin(sda, "sda")
        if checked_int(frequency) > _FASTEST_HZ:
            raise ValueError(f"frequency must be <= {_FASTEST_HZ}")
        in_range(frequency, 1, _FASTEST_HZ, "frequency")
        checked_int(timeout)
        if scl is sda:
            raise ValueError("Invalid pins")
        machine = hal.machine()
        self._hold = Hold(machine, (scl, sda), "busio.I2C", _OPENING)
        with self._hold:
            self._bus = machine.backend.i2c(i2c_at(machine.board, scl, sda), frequency)
        self._transfer = self._bus.transfer
        self._share(self._bus)
        self._open = True

    def _close(self) -> None:
        try:
            self._bus.close()
        finally:
            self._hold.release()

    def probe(self, address: int) -> bool:
        """Return whether a part answers at an address.

        Args:
            address: 7 bits.

        Raises:
            RuntimeError: This thread does not hold the lock.
            OSError: The bus does not work.
        """
        if not self._holds():
            self._refuse()
        return self._answers(in_range(address, 0, 0x7F, "address"))

    def scan(self) -> list[int]:
        """Return the addresses from 0x08 to 0x77 at which a part answers.

        Raises:
            RuntimeError: This thread does not hold the lock.
            OSError: The bus does not work.
        """
        if not self._holds():
            self._refuse()
        return [address for address in range(0x08, 0x78) if self._answers(address)]

    def _answers(self, address: int) -> bool:
        try:
            self._transfer(address, b"", None)
        except HalError as error:
            if error.fault is Fault.NO_ACK:
                return False
            raise refusal(error, _FAULTS) from None
        return True

    def readfrom_into(
        self, address: int, buffer: WriteableBuffer, *, start: int = 0, end: int = sys.maxsize
    ) -> None:
        """Read from a part until ``buffer[start:end]`` is full.

        Args:
            address: 7 bits.
            buffer: What to fill; at least one byte.
            start: First element to fill.
            end: First element not to fill.

        Raises:
            RuntimeError: This thread does not hold the lock.
            OSError: 19 (ENODEV) when nobody answers, 110 (ETIMEDOUT), 5 (EIO).
        """
        if not self._holds():
            self._refuse()
        if start or end is not _ALL or type(buffer) is not bytearray:
            buffer = writeable(buffer, start, end)
        if not buffer:
            raise ValueError("buffer length must be >= 1")
        try:
            self._transfer(address, None, buffer)
        except HalError as error:
            _raise_transfer(error)

    def writeto(
        self, address: int, buffer: ReadableBuffer, *, start: int = 0, end: int = sys.maxsize
    ) -> None:
        """Write ``buffer[start:end]`` to a part; with nothing to write, its address alone.

        Args:
            address: 7 bits.
            buffer: What to send.
            start: First element to send.
            end: First element not to send.

        Raises:
            RuntimeError: This thread does not hold the lock.
            OSError: 19 (ENODEV) when nobody answers, 110 (ETIMEDOUT), 5 (EIO).
        """
        if not self._holds():
            self._refuse()
        if (
            start
            or end is not _ALL
            or (type(buffer) is not bytearray and type(buffer) is not bytes)
        ):
            buffer = readable(buffer, start, end)
        try:
            self._transfer(address, buffer, None)
        except HalError as error:
            _raise_transfer(error)

    def writeto_then_readfrom(
        self,
        address: int,
        out_buffer: ReadableBuffer,
        in_buffer: WriteableBuffer,
        *,
        out_start: int = 0,
        out_end: int = sys.maxsize,
        in_start: int = 0,
        in_end: int = sys.maxsize,
    ) -> None:
        """Write to a part and read from it, with a repeated start between, not a stop.

        Args:
            address: 7 bits.
            out_buffer: What to send.
            in_buffer: What to fill; at least one byte.
            out_start: First element to send.
            out_end: First element not to send.
            in_start: First element to fill.
            in_end: First element not to fill.

        Raises:
            RuntimeError: This thread does not hold the lock.
            OSError: 19 (ENODEV) when nobody answers, 110 (ETIMEDOUT), 5 (EIO).
        """
        if not self._holds():
            self._refuse()
        if type(out_buffer) is not bytearray and type(out_buffer) is not bytes:
            out_buffer = readable(out_buffer, out_start, out_end)
        elif out_start or out_end is not _ALL:
            out_buffer = out_buffer[out_start:out_end]
        if type(in_buffer) is not bytearray:
            into: WriteableBuffer = writeable(in_buffer, in_start, in_end)
        elif in_start or in_end is not _ALL:
            # The drivers' usual way, a register's number and its value in one buffer. A copy of the
            # few bytes is sooner made than a view of them.
            into = in_buffer[in_start:in_end]
        else:
            into = in_buffer
        if not into:
            raise ValueError("in_buffer length must be >= 1")
        try:
            self._transfer(address, out_buffer, into)
        except HalError as error:
            _raise_transfer(error)
        if into is not in_buffer and type(in_buffer) is bytearray:
            in_buffer[in_start:in_end] = into


def _raise_transfer(error: HalError) -> NoReturn:
    raise refusal(error, _FAULTS) from None
