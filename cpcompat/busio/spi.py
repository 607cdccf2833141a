"""The SPI bus."""

from __future__ import annotations

import sys

from cpcompat import hal
from cpcompat.busio.pins import spi_at
from cpcompat.hal.arguments import (
    checked_int,
    checked_pin,
    checked_pin_or_none,
    in_range,
    readable,
    writeable,
)
from cpcompat.hal.errors import Fault, HalError
from cpcompat.hal.refusals import EIO, Hold, refusal

from .lockable import Lockable

TYPE_CHECKING = False  # not typing's: that import costs more than all of this package
if TYPE_CHECKING:
    from cpcompat.hal.buffers import ReadableBuffer, WriteableBuffer
    from cpcompat.hal.pin import Pin
    from cpcompat.hal.refusals import Refusals

_ALL = sys.maxsize
_FIRST_HZ = 250_000

_OPENING: Refusals = {Fault.BUSY: (ValueError, "SPI peripheral in use")}
_FAULTS: Refusals = {Fault.UNSUPPORTED: EIO}


class SPI(Lockable):
    """An SPI bus, as its controller. Whoever uses it takes its lock first; chip selects are pins.

    Args:
        clock: The clock pin.
        MOSI: The pin for data to the parts, or None for a bus that only reads.
        MISO: The pin for data from the parts, or None for a bus that only writes.
        half_duplex: Not offered.

    Raises:
        TypeError: An argument is no pin.
        ValueError: A pin is in use (a note names the holder), or these make no SPI bus.
        NotImplementedError: ``half_duplex`` was asked for.

    On Linux: the bus runs with the clock that its controller can make nearest below the wanted
    one; `frequency` tells it.
    """

    def __init__(
        self,
        clock: Pin,
        MOSI: Pin | None = None,  # noqa: N803 - upstream's name
        MISO: Pin | None = None,  # noqa: N803 - upstream's name
        half_duplex: bool = False,
    ) -> None:
        super().__init__()
        checked_pin(clock, "clock")
        checked_pin_or_none(MOSI, "mosi")
        checked_pin_or_none(MISO, "miso")
        if MOSI is None and MISO is None:
            raise ValueError("Must provide MISO or MOSI pin")
        if half_duplex:
            raise NotImplementedError("half_duplex")
        used = [pin for pin in (clock, MOSI, MISO) if pin is not None]
        if len(set(used)) != len(used):
            raise ValueError("Invalid pins")
        machine = hal.machine()
        self._hold = Hold(machine, used, "busio.SPI", _OPENING)
        with self._hold:
            self._bus = machine.backend.spi(spi_at(machine.board, clock, MOSI, MISO))
            self._asked = (0, 0, 0)
            self._start()
        self._writes = MOSI is not None
        self._reads = MISO is not None
        self._transfer = self._bus.transfer
        self._share(self._bus)
        self._write = getattr(self._bus, "quick_write", None) or self._write_by_transfer
        if MOSI is None:
            self._write = _has_no_mosi
        self._repair = getattr(self._bus, "not_written", None)
        self._open = True

    def _start(self) -> None:
        try:
            self._configure(_FIRST_HZ, 0, 8)
        except BaseException:
            self._bus.close()
            raise

    def _close(self) -> None:
        try:
            self._bus.close()
        finally:
            self._hold.release()

    def configure(
        self, *, baudrate: int = 100000, polarity: int = 0, phase: int = 0, bits: int = 8
    ) -> None:
        """Set clock and mode for the transfers to come.

        Args:
            baudrate: The fastest clock allowed, in hertz.
            polarity: The clock's level at rest, 0 or 1.
            phase: The edge that samples: 0 the first, 1 the second.
            bits: Bits a word; 8.

        Raises:
            RuntimeError: This thread does not hold the lock.
            ValueError: An argument is out of range.
            OSError: 5 (EIO): the controller cannot do it.
        """
        if not self._holds():
            self._refuse()
        asked = (baudrate, polarity + polarity + phase, bits)
        if asked == self._asked:  # each SPIDevice configures anew before each transfer
            return
        in_range(polarity, 0, 1, "polarity")
        in_range(phase, 0, 1, "phase")
        in_range(bits, 8, 9, "bits")
        if checked_int(baudrate) < 1:
            raise ValueError("baudrate must be >= 1")
        try:
            self._configure(*asked)
        except HalError as error:
            raise refusal(error, _FAULTS) from None

    def _configure(self, baudrate: int, mode: int, bits: int) -> None:
        self._asked = (0, 0, 0)
        self._frequency = self._bus.configure(baudrate, mode, bits)
        self._asked = (baudrate, mode, bits)

    @property
    def frequency(self) -> int:
        """The clock that the bus really runs with, in hertz."""
        if not self._open:
            self._refuse()
        return self._frequency

    def write(self, buffer: ReadableBuffer, *, start: int = 0, end: int = _ALL) -> None:
        """Write ``buffer[start:end]``; what comes in meanwhile is dropped.

        Args:
            buffer: What to send.
            start: First element to send.
            end: First element not to send.

        Raises:
            RuntimeError: This thread does not hold the lock.
            ValueError: The bus has no MOSI pin.
            OSError: 5 (EIO).
        """
        # Fetched before they are called: «self.name()» looks among the type's methods first.
        holds, write = self._holds, self._write
        if holds() and end is _ALL and not start:
            try:
                write(buffer)
            except (HalError, OSError, TypeError) as error:
                self._after(error, buffer)
        elif not holds():
            self._refuse()
        elif view := readable(buffer, start, end):
            self.write(view)

    def _after(self, error: Exception, buffer: ReadableBuffer) -> None:
        """Make good what an error prevented, or raise what the program shall see of it."""
        if isinstance(error, HalError):
            raise refusal(error, _FAULTS) from None
        if isinstance(error, TypeError):
            readable(buffer)
            raise error
        assert self._repair is not None
        try:
            self._repair(buffer, error)
        except HalError as fault:
            raise refusal(fault, _FAULTS) from None

    def readinto(
        self,
        buffer: WriteableBuffer,
        *,
        start: int = 0,
        end: int = sys.maxsize,
        write_value: int = 0,
    ) -> None:
        """Read until ``buffer[start:end]`` is full.

        Args:
            buffer: What to fill.
            start: First element to fill.
            end: First element not to fill.
            write_value: The byte to send for each byte read.

        Raises:
            RuntimeError: This thread does not hold the lock.
            ValueError: The bus has no MISO pin.
            OSError: 5 (EIO).
        """
        if not self._holds():
            self._refuse()
        if not self._reads:
            raise ValueError("No miso pin")
        if start or end is not _ALL or type(buffer) is not bytearray:
            buffer = writeable(buffer, start, end)
        if buffer:
            self._exchange(None, buffer, write_value & 0xFF)

    def write_readinto(
        self,
        out_buffer: ReadableBuffer,
        in_buffer: WriteableBuffer,
        *,
        out_start: int = 0,
        out_end: int = sys.maxsize,
        in_start: int = 0,
        in_end: int = sys.maxsize,
    ) -> None:
        """Write and read at the same time, as many bytes each.

        Args:
            out_buffer: What to send.
            in_buffer: What to fill; may be the same buffer.
            out_start: First element to send.
            out_end: First element not to send.
            in_start: First element to fill.
            in_end: First element not to fill.

        Raises:
            RuntimeError: This thread does not hold the lock.
            ValueError: The slices have different lengths, or a data pin is missing.
            OSError: 5 (EIO).
        """
        if not self._holds():
            self._refuse()
        if not (self._writes and self._reads):
            raise ValueError("No miso pin" if self._writes else "No mosi pin")
        if (
            out_start
            or out_end is not _ALL
            or (type(out_buffer) is not bytearray and type(out_buffer) is not bytes)
        ):
            out_buffer = readable(out_buffer, out_start, out_end)
        if in_start or in_end is not _ALL or type(in_buffer) is not bytearray:
            in_buffer = writeable(in_buffer, in_start, in_end)
        if len(out_buffer) != len(in_buffer):
            raise ValueError("buffer slices must be of equal length")
        if out_buffer:
            self._exchange(out_buffer, in_buffer, 0)

    def _write_by_transfer(self, buffer: ReadableBuffer) -> None:
        if data := readable(buffer):
            self._transfer(data, None, 0)

    def _exchange(
        self, sent: ReadableBuffer | None, filled: WriteableBuffer | None, fill: int
    ) -> None:
        try:
            self._transfer(sent, filled, fill)
        except HalError as error:
            raise refusal(error, _FAULTS) from None


def _has_no_mosi(buffer: ReadableBuffer) -> None:
    raise ValueError("No mosi pin")
