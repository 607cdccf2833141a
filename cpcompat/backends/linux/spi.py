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
from cpcompat.backends.linux.spi_limits import ROWS, bufsiz, divert, pieces, say_selects, too_long
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

    Raises:
        HalError: ABSENT, DENIED, UNSUPPORTED.
    """

    __slots__ = (
        "__weakref__",
        "_answer",
        "_call",
        "_descriptor",
        "_diverted",
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
        "_watched",
        "bus",
        "quick_write",
        "unlock",
    )

    def __init__(self, nodes: Nodes, pins: SpiPins, recorder: Recorder | None = None) -> None:
        self._recorder = recorder
        self._selected = NOWHERE
        self._watched: ReadableBuffer | mmap = UNWATCHED if recorder is None else recorder.watched
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
        self._diverted = False
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
        divert(self._quick)
        self._descriptor, self._held, self._length = descriptor, True, -1
        try:
            if self._mode >= 0:  # it has been configured
                ioctl(descriptor, _WRITE_MODE, bytearray(_NUMBER.pack(self._mode)))
                ioctl(descriptor, _WRITE_HZ, bytearray(_NUMBER.pack(self._hz)))
        except OSError as error:
            raise hal_error(error, f"spi{self.bus}", rows=ROWS) from error

    def lock(self) -> bool:
        """See `cpcompat.hal.bus_lock`. While somebody looks, ``quick_write`` fails from now on."""
        if self._watched[0] and not self._diverted:
            divert(self._quick)
            self._diverted = True
        return self._lock.take()

    def _undivert(self) -> None:
        os.dup2(self._node, self._quick, inheritable=False)
        self._diverted = False

    def _let_go(self) -> None:
        """Raise the kernel's chip select: by a transfer of nothing, after which it does not stay."""
        nothing = bytearray(_TRANSFER.pack(0, 0, 0, self._hz, 0, 8, 0, 0, 0, 0, 0))
        try:
            ioctl(self._descriptor, _MESSAGE, nothing)
        finally:
            os.close(self._descriptor)
            self._descriptor, self._held, self._length = self._node, False, -1
            self._undivert()
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
            raise hal_error(error, f"spi{self.bus}", rows=ROWS) from error
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
        if self._watched[0]:
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
                raise hal_error(error, f"spi{self.bus}", rows=ROWS) from error
            self._in_pieces(write, read, fill)

    def _noted(self, write: ReadableBuffer | None, read: WriteableBuffer | None, fill: int) -> None:
        """Make a transfer while somebody looks; what it is made of is not noted besides."""
        assert self._recorder is not None
        make = partial(self.transfer, write, read, fill)
        watched, self._watched = self._watched, UNWATCHED
        try:
            self._recorder.make((SPI, self.bus, self._selected), make, write, read)
        finally:
            self._watched = watched

    def not_written(self, data: ReadableBuffer, error: OSError | None) -> None:
        """See `QuickSpiBus.not_written`: what is too long for spidev goes in pieces."""
        if self._diverted and not self._watched[0]:
            self._undivert()
        if self._held or (error is not None and error.errno == errno.EBADF):
            self.transfer(data, None, 0)
            return
        if error is None:
            raise HalError(Fault.BROKEN, f"spi{self.bus}", "A transfer ended half way.")
        if error.errno != errno.EMSGSIZE:
            raise hal_error(error, f"spi{self.bus}", rows=ROWS) from error
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
        size = memoryview(write if write is not None else read or b"").nbytes
        if self._own_select or size <= self._most:
            raise too_long(size, self._most, self.bus)
        for out, into in pieces(write, read, size, self._most):
            self.transfer(out, into, fill)

    def close(self) -> None:
        """See `SpiBus.close`."""
        if self._held:
            self._let_go()
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            self.quick_write = partial(os.write, -1)
            self._diverted = False
            os.close(self._quick)
            os.close(descriptor)
            self._lock.close()
