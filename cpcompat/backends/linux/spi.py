"""SPI through spidev.

Source: the kernel's ``include/uapi/linux/spi/spidev.h``, ``Documentation/spi/spidev.rst``.
Clock and word length travel with each transfer. What goes one way goes straight from or into its buffer.
"""

from __future__ import annotations

import errno
import os
from fcntl import ioctl
from functools import partial
from io import FileIO
from struct import Struct

from cpcompat.backends.linux.bus_lock import BusLock
from cpcompat.backends.linux.errors import hal_error
from cpcompat.backends.linux.pinned import Pinned
from cpcompat.backends.linux.recorder import UNWATCHED
from cpcompat.backends.linux.spi_limits import bufsiz, say_selects, too_long
from cpcompat.backends.linux.traffic_ring import NOWHERE, SPI
from cpcompat.hal.errors import Fault, HalError

TYPE_CHECKING = False  # not typing's: that import costs more than this package
if TYPE_CHECKING:
    from collections.abc import Callable
    from mmap import mmap

    from cpcompat.backends.linux.nodes import Nodes
    from cpcompat.backends.linux.recorder import Recorder
    from cpcompat.board.definition import SpiPins
    from cpcompat.hal.buffers import ReadableBuffer, WriteableBuffer

_NO_CS = 0x40
_WRITE_MODE, _WRITE_HZ, _MESSAGE = 0x4004_6B05, 0x4004_6B04, 0x4020_6B00
_NUMBER = Struct("=I")
_TRANSFER = Struct("=QQIIHBBBBBB")
"""tx_buf, rx_buf, len, speed_hz, delay, bits_per_word, cs_change, tx and rx lanes, word delay, pad."""
_ROWS = {
    errno.EINVAL: (
        Fault.UNSUPPORTED,
        "The controller's driver refuses this mode, clock or word length.",
    ),
}


class LinuxSpi:
    """One bus as a `cpcompat.hal.spi.SpiBus`.

    A program drives its chip selects itself: the controller is told to leave its own alone, and the log
    says so where it cannot. For those that the kernel keeps see `chip_select`.

    Args:
        nodes: The way to the node.
        pins: The bus.
        recorder: Notes the transfers while somebody looks.

    Attributes:
        bus: Its number.
        watched: See `QuickSpiBus`.

    Raises:
        HalError: ABSENT, DENIED, UNSUPPORTED.
    """

    __slots__ = (
        "__weakref__",
        "_answer",
        "_call",
        "_descriptor",
        "_held",
        "_hz",
        "_in",
        "_length",
        "_lock",
        "_mode",
        "_most",
        "_node",
        "_nodes",
        "_out",
        "_own_select",
        "_quick",
        "_recorder",
        "_selected",
        "_sent",
        "bus",
        "lock",
        "quick_write",
        "unlock",
        "watched",
    )

    def __init__(self, nodes: Nodes, pins: SpiPins, recorder: Recorder | None = None) -> None:
        self._recorder = recorder
        self._selected = NOWHERE
        self.watched: ReadableBuffer | mmap = UNWATCHED if recorder is None else recorder.watched
        self.bus = pins.bus
        self._nodes = nodes
        self._descriptor = self._node = self._opened(0)
        self._quick = os.dup(self._node)
        self.quick_write: Callable[[ReadableBuffer], object] = FileIO(
            self._quick, "r+b", closefd=False
        ).write  # spidev writes all or fails; a tenth less than a bound os.write
        self._most = bufsiz()
        self._out, self._in = Pinned(self._most), Pinned(self._most)
        self._sent = self._answer = self._out.view
        self._call = bytearray(_TRANSFER.size)
        self._length = -1
        self._hz = self._mode = -1
        self._own_select = self._held = False
        self._lock = BusLock(f"spi-{pins.bus}")
        self.lock = self._lock.take
        self.unlock = self._lock.release

    def _opened(self, select: int) -> int:
        path = f"/dev/spidev{self.bus}.{select}"
        try:
            return self._nodes.open(path, os.O_RDWR)
        except OSError as error:
            raise hal_error(error, f"spi{self.bus}", path) from error

    def select(self, index: int | None) -> None:
        """Make the transfers to come with one of the kernel's chip selects, which stays low; or not.

        Meanwhile ``quick_write`` fails, since write(2) would let it go: see `not_written`.
        """
        if self._held:
            self._let_go()
        self._selected = NOWHERE if index is None else index
        if index is None:
            return
        descriptor = self._opened(index)
        nowhere = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
        os.dup2(nowhere, self._quick, inheritable=False)
        os.close(nowhere)
        self._descriptor, self._held, self._length = descriptor, True, -1
        try:
            if self._mode >= 0:  # it has been configured
                ioctl(descriptor, _WRITE_MODE, bytearray(_NUMBER.pack(self._mode)))
                ioctl(descriptor, _WRITE_HZ, bytearray(_NUMBER.pack(self._hz)))
        except OSError as error:
            raise hal_error(error, f"spi{self.bus}", rows=_ROWS) from error

    def _let_go(self) -> None:
        """Raise the kernel's chip select: by a transfer of nothing, after which it does not stay."""
        nothing = bytearray(_TRANSFER.pack(0, 0, 0, self._hz, 0, 8, 0, 0, 0, 0, 0))
        try:
            ioctl(self._descriptor, _MESSAGE, nothing)
        finally:
            os.close(self._descriptor)
            self._descriptor, self._held, self._length = self._node, False, -1
            os.dup2(self._node, self._quick, inheritable=False)
            mode, self._mode = self._mode, -1  # the first chip select is the same device
            if mode >= 0:
                self._set_mode(mode)

    def configure(self, baudrate_hz: int, mode: int, bits: int) -> int:
        """See `SpiBus.configure`. The kernel does not tell the clock that it really makes."""
        if bits != 8:
            where = f"{bits}-bit words on spi{self.bus}"
            raise HalError(Fault.UNSUPPORTED, where, "Use words of 8 bits.")
        try:
            if mode != self._mode:
                self._set_mode(mode)
            ioctl(self._descriptor, _WRITE_HZ, bytearray(_NUMBER.pack(baudrate_hz)))
        except OSError as error:
            raise hal_error(error, f"spi{self.bus}", rows=_ROWS) from error
        self._hz = baudrate_hz
        self._length = -1
        return baudrate_hz

    def _set_mode(self, mode: int) -> None:
        if not (self._own_select or self._held):
            try:
                ioctl(self._descriptor, _WRITE_MODE, bytearray(_NUMBER.pack(mode | _NO_CS)))
            except OSError as error:
                if error.errno != errno.EINVAL:
                    raise
                self._own_select = True
                say_selects(self.bus)
            else:
                self._mode = mode
                return
        ioctl(self._descriptor, _WRITE_MODE, bytearray(_NUMBER.pack(mode)))
        self._mode = mode

    def transfer(
        self, write: ReadableBuffer | None, read: WriteableBuffer | None, fill: int
    ) -> None:
        """See `SpiBus.transfer`."""
        if self.watched[0]:
            self._noted(write, read, fill)
            return
        try:
            if write is not None and read is not None:
                if len(write) == self._length and type(read) is bytearray:
                    self._sent[:] = write
                    ioctl(self._descriptor, _MESSAGE, self._call)
                    read[:] = self._answer
                else:
                    self._exchange(memoryview(write).cast("B"), memoryview(read).cast("B"))
            elif self._held:
                self._one_way(write, read, fill)
            elif write is not None:
                if os.write(self._descriptor, write) != len(write):
                    self.not_written(write, None)
            elif read is not None:
                self._read(memoryview(read).cast("B"), fill)
        except OSError as error:
            if error.errno != errno.EMSGSIZE:
                raise hal_error(error, f"spi{self.bus}", rows=_ROWS) from error
            self._in_pieces(write, read, fill)

    def _noted(self, write: ReadableBuffer | None, read: WriteableBuffer | None, fill: int) -> None:
        """Make a transfer while somebody looks; what it is made of is not noted besides."""
        assert self._recorder is not None
        make = partial(self.transfer, write, read, fill)
        watched, self.watched = self.watched, UNWATCHED
        try:
            self._recorder.make((SPI, self.bus, self._selected), make, write, read)
        finally:
            self.watched = watched

    def not_written(self, data: ReadableBuffer, error: OSError | None) -> None:
        """See `QuickSpiBus.not_written`: what is too long for spidev goes in pieces."""
        if self._held:
            self.transfer(data, None, 0)
            return
        if error is None:
            raise HalError(Fault.BROKEN, f"spi{self.bus}", "A transfer ended half way.")
        if error.errno != errno.EMSGSIZE:
            raise hal_error(error, f"spi{self.bus}", rows=_ROWS) from error
        self._in_pieces(data, None, 0)

    def _exchange(self, out: memoryview, into: memoryview) -> None:
        """Send and receive at once, with the message packed anew."""
        length = len(out)
        if length > self._most:
            raise OSError(errno.EMSGSIZE, os.strerror(errno.EMSGSIZE))
        self._sent, self._answer = self._out.view[:length], self._in.view[:length]
        _TRANSFER.pack_into(
            self._call,
            0,
            *(self._out.address, self._in.address, length, self._hz, 0, 8),
            *(self._held, 0, 0, 0, 0),
        )
        self._length = length
        self._sent[:] = out
        ioctl(self._descriptor, _MESSAGE, self._call)
        into[:] = self._answer

    def _one_way(
        self, write: ReadableBuffer | None, read: WriteableBuffer | None, fill: int
    ) -> None:
        """Send or receive by a message, which can leave the chip select low."""
        if write is not None:
            out = memoryview(write).cast("B")
            self._exchange(out, memoryview(bytearray(len(out))))
        elif read is not None:
            into = memoryview(read).cast("B")
            self._exchange(memoryview(bytes((fill,)) * len(into)), into)

    def _read(self, into: memoryview, fill: int) -> None:
        """Receive; while nothing is sent the controller's line stays low, so zeros go out."""
        if fill:
            self._exchange(memoryview(bytes((fill,)) * len(into)), into)
        elif os.readv(self._descriptor, [into]) != len(into):
            raise HalError(Fault.BROKEN, f"spi{self.bus}", "A transfer ended half way.")

    def _in_pieces(
        self, write: ReadableBuffer | None, read: WriteableBuffer | None, fill: int
    ) -> None:
        """Make a transfer that spidev's buffer does not hold.

        The program holds its chip select low meanwhile, so pieces are one transfer to the part; the
        controller's own would rise between them.
        """
        out = None if write is None else memoryview(write).cast("B")
        into = None if read is None else memoryview(read).cast("B")
        size = len(out if out is not None else into or b"")
        if self._own_select or size <= self._most:
            raise too_long(size, self._most, self.bus)
        for start in range(0, size, self._most):
            end = start + self._most
            self.transfer(
                None if out is None else out[start:end],
                None if into is None else into[start:end],
                fill,
            )

    def close(self) -> None:
        """See `SpiBus.close`."""
        if self._held:
            self._let_go()
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            self.quick_write = partial(os.write, -1)
            os.close(self._quick)
            os.close(descriptor)
            self._lock.close()
