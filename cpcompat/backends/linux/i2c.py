"""I2C through i2c-dev: one I2C_RDWR a transfer.

Source: the kernel's ``include/uapi/linux/i2c.h`` and ``i2c-dev.h``, ``Documentation/i2c``.
The messages and the buffers that they point at stay in place, so a transfer like the last one packs
nothing. The address travels in the message; I2C_SLAVE is never needed.
"""

from __future__ import annotations

import os
from fcntl import ioctl
from functools import partial
from struct import Struct

from cpcompat.backends.linux.i2c_faults import Faults, asked_for, driver_at
from cpcompat.backends.linux.pinned import Pinned
from cpcompat.backends.linux.recorder import UNWATCHED
from cpcompat.backends.linux.traffic_ring import I2C

TYPE_CHECKING = False  # not typing's: that import costs more than this package
if TYPE_CHECKING:
    from cpcompat.backends.linux.bus_lock import BusLock
    from cpcompat.backends.linux.nodes import Nodes
    from cpcompat.backends.linux.recorder import Recorder
    from cpcompat.board.definition import I2cPins
    from cpcompat.hal.buffers import ReadableBuffer, WriteableBuffer
    from cpcompat.hal.i2c import I2cBus

LONGEST = 8192
"""More than this i2c-dev takes in no message."""

_FUNCS, _RDWR = 0x0705, 0x0707
_I2C, _QUICK = 0x00000001, 0x00010000
_READ = 1
_ONE = Struct("@HHH2xP")
_TWO = Struct("@HHH2xPHHH2xP")
_REQUEST = Struct("@PI4x")
_BYTES = frozenset((bytes, bytearray))


def open_bus(
    nodes: Nodes, pins: I2cPins, frequency_hz: int, recorder: Recorder | None = None
) -> I2cBus:
    """Open a bus.

    Args:
        nodes: The way to the node.
        pins: The bus.
        frequency_hz: The clock wanted. Nobody but the kernel's configuration sets it: where it is
            known to be another one, the log says so.
        recorder: Notes the transfers while somebody looks.

    Raises:
        HalError: ABSENT, DENIED, UNSUPPORTED.
    """
    from cpcompat.backends.linux.bus_lock import BusLock
    from cpcompat.backends.linux.errors import hal_error

    path = f"/dev/i2c-{pins.bus}"
    where = f"i2c{pins.bus}"
    try:
        descriptor = nodes.open(path, os.O_RDWR)
        try:
            said = bytearray(8)
            ioctl(descriptor, _FUNCS, said)
        except BaseException:
            os.close(descriptor)
            raise
    except OSError as error:
        raise hal_error(error, where, path) from error
    asked_for(pins.bus, frequency_hz)
    functions = int.from_bytes(said[: Struct("@L").size], "little")
    lock = BusLock(f"i2c-{pins.bus}")
    if functions & _I2C:
        quick = bool(functions & _QUICK)
        return LinuxI2c(descriptor, pins.bus, lock, probe_by_reading=not quick, recorder=recorder)
    from cpcompat.backends.linux.i2c_smbus import SmbusI2c

    return SmbusI2c(descriptor, pins.bus, lock, functions, recorder)


class LinuxI2c:
    """A bus whose adapter makes any I2C transfer, as a `cpcompat.hal.i2c.I2cBus`.

    Args:
        descriptor: The open node; closed with this object.
        bus: Its number.
        lock: The lock that other processes respect.
        probe_by_reading: The adapter makes no transfer without data (Synopsys DesignWare: the
            Raspberry Pi 5's), so a byte is read to see whether somebody answers.
        recorder: Notes the transfers while somebody looks.
    """

    __slots__ = (
        "__weakref__",
        "_answer",
        "_descriptor",
        "_faults",
        "_in",
        "_key",
        "_messages",
        "_one",
        "_out",
        "_probe_by_reading",
        "_recorder",
        "_sent",
        "_two",
        "_watched",
        "lock",
        "unlock",
    )

    def __init__(
        self,
        descriptor: int,
        bus: int,
        lock: BusLock,
        *,
        probe_by_reading: bool = False,
        recorder: Recorder | None = None,
    ) -> None:
        self._descriptor = descriptor
        self._out, self._in = Pinned(LONGEST), Pinned(LONGEST)
        self._messages = Pinned(_TWO.size)
        self._one = bytearray(_REQUEST.pack(self._messages.address, 1))
        self._two = bytearray(_REQUEST.pack(self._messages.address, 2))
        self._key: tuple[int, int, int] | None = None
        self._sent = self._answer = self._out.view
        self._probe_by_reading = probe_by_reading
        self._faults = Faults(bus, self._acknowledged, lock)
        self._recorder = recorder
        self._watched = UNWATCHED if recorder is None else recorder.watched
        self.lock = lock.take
        self.unlock = lock.release

    def transfer(
        self, address: int, write: ReadableBuffer | None, read: WriteableBuffer | None
    ) -> None:
        """See `I2cBus.transfer`."""
        if self._watched[0]:
            self._noted(address, write, read)
            return
        if (
            write is None
            or read is None
            or type(write) not in _BYTES
            or type(read) is not bytearray
        ):
            self._transfer(address, write, read)
            return
        key = (address, len(write), len(read))
        if key != self._key:
            self._pack(key)
        self._sent[:] = write
        try:
            if ioctl(self._descriptor, _RDWR, self._two) != 2:
                raise self._faults.short(address)
        except OSError as error:
            self._key = None
            raise self._faults.made(error, address) from error
        read[:] = self._answer

    def _noted(
        self, address: int, write: ReadableBuffer | None, read: WriteableBuffer | None
    ) -> None:
        """Make a transfer while somebody looks; what it is made of is not noted besides."""
        assert self._recorder is not None
        make = partial(self.transfer, address, write, read)
        watched, self._watched = self._watched, UNWATCHED
        try:
            self._recorder.make((I2C, self._faults.bus, address), make, write, read)
        finally:
            self._watched = watched

    def _pack(self, key: tuple[int, int, int]) -> None:
        """Write the messages of a write and a read that follows."""
        address, sent, wanted = key
        self._key = None
        self._faults.check(address, max(sent, wanted))
        _TWO.pack_into(
            self._messages.view,
            0,
            address,
            0,
            sent,
            self._out.address,
            address,
            _READ,
            wanted,
            self._in.address,
        )
        self._sent = self._out.view[:sent]
        self._answer = self._in.view[:wanted]
        self._key = key

    def _transfer(
        self, address: int, write: ReadableBuffer | None, read: WriteableBuffer | None
    ) -> None:
        """Make a transfer of any kind, between any buffers."""
        out = None if write is None else memoryview(write).cast("B")
        into = None if read is None else memoryview(read).cast("B")
        if out is not None and into is not None:
            answer = bytearray(len(into))
            self.transfer(address, bytes(out), answer)
            into[:] = answer
        elif into is not None:
            self._message(address, _READ, len(into))
            into[:] = self._in.view[: len(into)]
        elif out:
            self._write(address, out)
        elif driver_at(self._faults.bus, address) is None:
            self._probe(address)

    def _write(self, address: int, out: memoryview) -> None:
        self._faults.check(address, len(out))
        self._out.view[: len(out)] = out
        self._message(address, 0, len(out))

    def _message(self, address: int, flags: int, length: int) -> None:
        """Make a transfer of one message."""
        self._faults.check(address, length)
        self._key = None
        buffer = (self._in if flags else self._out).address
        _ONE.pack_into(self._messages.view, 0, address, flags, length, buffer)
        try:
            if ioctl(self._descriptor, _RDWR, self._one) != 1:
                raise self._faults.short(address)
        except OSError as error:
            raise self._faults.made(error, address) from error

    def _probe(self, address: int) -> None:
        error = self._acknowledged(address)
        if error is not None:
            raise self._faults.nobody(error, address)

    def _acknowledged(self, address: int) -> OSError | None:
        """Return None where somebody answers at an address, else what the kernel says."""
        self._key = None
        flags = _READ if self._probe_by_reading else 0
        _ONE.pack_into(self._messages.view, 0, address, flags, flags, self._in.address)
        try:
            ioctl(self._descriptor, _RDWR, self._one)
        except OSError as error:
            if not flags and self._faults.refuses_empty(error):
                self._probe_by_reading = True
                return self._acknowledged(address)
            return error
        return None

    def close(self) -> None:
        """See `I2cBus.close`."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)
            self._faults.lock.close()
