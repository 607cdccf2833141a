"""I2C through adapters that know SMBus alone, a PC's for example.

Source: the kernel's ``Documentation/i2c/smbus-protocol.rst``. Such an adapter makes a few kinds of
transfer, and what fits none of them cannot be made.
"""

from __future__ import annotations

import errno
import os
from fcntl import ioctl
from functools import partial
from struct import Struct

from cpcompat.backends.linux.i2c_faults import Faults, driver_at
from cpcompat.backends.linux.pinned import Pinned
from cpcompat.backends.linux.recorder import UNWATCHED
from cpcompat.backends.linux.traffic_ring import I2C
from cpcompat.hal.errors import Fault, HalError

TYPE_CHECKING = False  # not typing's: that import costs more than this package
if TYPE_CHECKING:
    from cpcompat.backends.linux.bus_lock import BusLock
    from cpcompat.backends.linux.recorder import Recorder
    from cpcompat.hal.buffers import ReadableBuffer, WriteableBuffer

_SLAVE, _SMBUS = 0x0703, 0x0720
_QUICK, _BYTE, _BYTE_DATA, _WORD_DATA, _BLOCK = 0, 1, 2, 3, 8
_WRITE, _READ = 0, 1
LONGEST_BLOCK = 32
# I2C_FUNC_SMBUS_*: what the adapter can do, for writing and for reading.
_CAN = {
    _QUICK: (0x00010000, 0x00010000),
    _BYTE: (0x00040000, 0x00020000),
    _BYTE_DATA: (0x00100000, 0x00080000),
    _WORD_DATA: (0x00400000, 0x00200000),
    _BLOCK: (0x08000000, 0x04000000),
}
_CALL = Struct("@BBIP")


class SmbusI2c:
    """A bus whose adapter makes SMBus transfers alone, as a `cpcompat.hal.i2c.I2cBus`.

    Args:
        descriptor: The open node; closed with this object.
        bus: Its number.
        lock: The lock that other processes respect.
        functions: What the adapter can do, I2C_FUNC_*.
        recorder: Notes the transfers while somebody looks.
    """

    __slots__ = (
        "__weakref__",
        "_address",
        "_call",
        "_data",
        "_descriptor",
        "_faults",
        "_functions",
        "_recorder",
        "_watched",
        "lock",
        "unlock",
    )

    def __init__(
        self,
        descriptor: int,
        bus: int,
        lock: BusLock,
        functions: int,
        recorder: Recorder | None = None,
    ) -> None:
        self._descriptor = descriptor
        self._functions = functions
        self._data = Pinned(LONGEST_BLOCK + 2)
        self._call = bytearray(_CALL.size)
        self._address = -1
        self._faults = Faults(bus, self._acknowledged, lock)
        self._recorder = recorder
        self._watched = UNWATCHED if recorder is None else recorder.watched
        self.lock = lock.take
        self.unlock = lock.release

    def transfer(
        self, address: int, write: ReadableBuffer | None, read: WriteableBuffer | None
    ) -> None:
        """See `I2cBus.transfer`.

        Raises:
            HalError: Also UNSUPPORTED, for what SMBus cannot express.
        """
        if self._recorder is not None and self._watched[0]:
            make = partial(self._transfer, address, write, read)
            self._recorder.make((I2C, self._faults.bus, address), make, write, read)
        else:
            self._transfer(address, write, read)

    def _transfer(
        self, address: int, write: ReadableBuffer | None, read: WriteableBuffer | None
    ) -> None:
        out = b"" if write is None else bytes(memoryview(write).cast("B"))
        into = None if read is None else memoryview(read).cast("B")
        if into is None and not out:
            self._probe(address)
            return
        self._faults.check(address, 0)
        try:
            self._select(address)
            if into is None:
                self._write(address, out)
            else:
                into[:] = self._read(address, out, len(into))
        except OSError as error:
            raise self._faults.made(error, address) from error

    def _write(self, address: int, out: bytes) -> None:
        command, data = out[0], out[1:]
        size = {0: _BYTE, 1: _BYTE_DATA, 2: _WORD_DATA}.get(len(data), _BLOCK)
        if not self._can(size, _WRITE):
            size = _BLOCK
        if len(data) > LONGEST_BLOCK or not self._can(size, _WRITE):
            raise self._cannot(address, f"to write {len(out)} bytes")
        if size == _BLOCK:
            data = bytes((len(data),)) + data
        self._data.view[: len(data)] = data
        self._ask(_WRITE, command, size)

    def _read(self, address: int, out: bytes, length: int) -> memoryview:
        what = f"to write {len(out)} bytes and read {length}"
        view = self._data.view
        if not out and length == 1:
            size, command = _BYTE, 0
        elif len(out) == 1:
            size, command = {1: _BYTE_DATA, 2: _WORD_DATA}.get(length, _BLOCK), out[0]
        else:
            raise self._cannot(address, what)
        if size != _BYTE and not self._can(size, _READ):
            size = _BLOCK
        if length > LONGEST_BLOCK or not self._can(size, _READ):
            raise self._cannot(address, what)
        view[0] = length
        self._ask(_READ, command, size)
        if size != _BLOCK:
            return view[:length]
        if view[0] != length:
            raise OSError(errno.EPROTO, os.strerror(errno.EPROTO))
        return view[1 : 1 + length]

    def _can(self, size: int, direction: int) -> bool:
        return bool(self._functions & _CAN[size][direction])

    def _cannot(self, address: int, what: str) -> HalError:
        cure = (
            "This bus's adapter knows SMBus alone: a register's number, and with it 1 or 2 bytes,"
            f" or up to {LONGEST_BLOCK} where it has block transfers. Use another bus."
        )
        return HalError(Fault.UNSUPPORTED, f"{self._faults.where(address)}: {what}", cure)

    def _probe(self, address: int) -> None:
        if driver_at(self._faults.bus, address) is not None:
            return
        error = self._acknowledged(address)
        if error is not None:
            raise self._faults.nobody(error, address)

    def _acknowledged(self, address: int) -> OSError | None:
        try:
            self._select(address)
            if self._can(_QUICK, _WRITE):
                self._ask(_WRITE, 0, _QUICK)
            else:
                self._ask(_READ, 0, _BYTE)
        except OSError as error:
            return error
        return None

    def _select(self, address: int) -> None:
        """Say whom the calls are for; the kernel keeps it with this open node."""
        if address == self._address:
            return
        try:
            ioctl(self._descriptor, _SLAVE, address)
        except OSError as error:
            if error.errno != errno.EBUSY:
                raise
            raise self._faults.bound(address, "another one") from error
        self._address = address

    def _ask(self, direction: int, command: int, size: int) -> None:
        _CALL.pack_into(self._call, 0, direction, command, size, self._data.address)
        ioctl(self._descriptor, _SMBUS, self._call)

    def close(self) -> None:
        """See `I2cBus.close`."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)
            self._faults.lock.close()
