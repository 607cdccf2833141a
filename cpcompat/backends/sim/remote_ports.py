"""A program's connection to the circuit's process, and the ports that are open through it."""

from __future__ import annotations

import json
import os
import socket
import threading
import time
from typing import TYPE_CHECKING, Any

from cpcompat.backends.sim import wire_format as wire
from cpcompat.hal.edges import Edge
from cpcompat.hal.errors import Fault, HalError

if TYPE_CHECKING:
    from cpcompat.hal.buffers import ReadableBuffer, WriteableBuffer

_SPINS = 30
"""Tries before a wait blocks: waking up across processors costs more than the circuit's answer."""
_POLL_NS = 2_000_000


class Connection:
    """One program's connection. Synchronization: any thread; one request at a time."""

    def __init__(self, descriptor: int) -> None:
        self._socket = socket.socket(fileno=descriptor)
        self._lock = threading.Lock()
        self._pid = os.getpid()
        # With one processor the circuit cannot answer while this process spins.
        self._spins = _SPINS if len(os.sched_getaffinity(0)) > 1 else 0

    def ask(self, operation: int, number: int = 0, data: bytes = b"") -> bytes:
        """Have the circuit do something; return what comes of it.

        Raises:
            HalError: The circuit's fault, or GONE when its process has ended.
        """
        if os.getpid() != self._pid:
            raise HalError(
                Fault.GONE, "the circuit", "A forked process has no board; use it in its parent."
            )
        with self._lock:
            try:
                self._socket.send(wire.HEAD.pack(operation, number) + data)
                answer = self._receive()
            except OSError:
                answer = b""
        if not answer:
            cure = "Its process has ended; a part's code may have crashed. Reload to start it anew."
            raise HalError(Fault.GONE, "the circuit", cure)
        if answer[0]:
            wire.raise_fault(answer)
        return answer[1:]

    def _receive(self) -> bytes:
        receive = self._socket.recv
        for _ in range(self._spins):
            try:
                return receive(wire.DATAGRAM, socket.MSG_DONTWAIT)
            except BlockingIOError:
                continue
        return receive(wire.DATAGRAM)

    def open(self, *wanted: object) -> tuple[int, float]:
        """Open a port; return its number and, for an analog input, its reference in volts."""
        number, reference_v = wire.PORT.unpack(self.ask(wire.OPEN, 0, json.dumps(wanted).encode()))
        return number, reference_v

    def close(self) -> None:
        """End the connection; the pins stay as they are."""
        self._socket.close()


class RemotePort:
    """A port that is open in the circuit's process."""

    __slots__ = ("_ask", "_connection", "_number", "_open", "reference_v")

    def __init__(self, connection: Connection, *wanted: object) -> None:
        self._connection = connection
        self._ask = connection.ask
        self._number, self.reference_v = connection.open(*wanted)
        self._open = True

    def close(self) -> None:
        """Close it there; closing again does nothing."""
        if self._open:
            self._open = False
            self._ask(wire.CLOSE, self._number)


class RemoteLine(RemotePort):
    """See `cpcompat.hal.gpio.Line`."""

    __slots__ = ()

    def configure(self, direction: Any, pull: Any, drive: Any, value: bool) -> None:
        """See `Line.configure`."""
        row = (
            wire.DIRECTIONS.index(direction),
            wire.PULLS.index(pull),
            wire.DRIVES.index(drive),
            bool(value),
        )
        self._ask(wire.CONFIGURE, self._number, wire.LINE.pack(*row))

    def read(self) -> bool:
        """See `Line.read`."""
        return self._ask(wire.READ, self._number) == b"\1"

    def write(self, value: bool) -> None:
        """See `Line.write`."""
        self._ask(wire.WRITE, self._number, b"\1" if value else b"\0")


class RemoteEdges(RemotePort):
    """See `cpcompat.hal.edges.EdgeSource`."""

    __slots__ = ()

    def read(self, limit: int) -> list[Edge]:
        """See `EdgeSource.read`."""
        data = self._ask(wire.READ, self._number, wire.NUMBER.pack(min(limit, 1024)))
        return [Edge(*row) for row in wire.EDGE.iter_unpack(data)]

    def level(self) -> bool:
        """See `EdgeSource.level`."""
        return self._ask(wire.LEVEL, self._number) == b"\1"


class RemoteI2c(RemotePort):
    """See `cpcompat.hal.i2c.I2cBus`."""

    __slots__ = ()

    def transfer(
        self, address: int, write: ReadableBuffer | None, read: WriteableBuffer | None
    ) -> None:
        """See `I2cBus.transfer`."""
        out = b"" if write is None else bytes(write)
        size = -1 if read is None else len(memoryview(read).cast("B"))
        if max(len(out), size) > wire.LARGEST:
            raise HalError(Fault.UNSUPPORTED, f"a transfer of over {wire.LARGEST} bytes")
        head = wire.I2C.pack(address, -1 if write is None else len(out), size)
        data = self._ask(wire.TRANSFER, self._number, head + out)
        if read is not None:
            memoryview(read).cast("B")[:] = data


class RemoteSpi(RemotePort):
    """See `cpcompat.hal.spi.SpiBus`."""

    __slots__ = ()

    def configure(self, baudrate_hz: int, mode: int, bits: int) -> int:
        """See `SpiBus.configure`."""
        data = self._ask(wire.CONFIGURE, self._number, wire.SPI_SET.pack(baudrate_hz, mode, bits))
        return int(wire.NUMBER.unpack(data)[0])

    def transfer(
        self, write: ReadableBuffer | None, read: WriteableBuffer | None, fill: int
    ) -> None:
        """See `SpiBus.transfer`: chip select is a line apart, so pieces are one transfer."""
        out = None if write is None else bytes(write)
        into = None if read is None else memoryview(read).cast("B")
        size = len(out) if out is not None else len(into or b"")
        for start in range(0, size, wire.LARGEST):
            end = min(start + wire.LARGEST, size)
            piece = b"" if out is None else out[start:end]
            head = wire.SPI.pack(
                -1 if out is None else end - start, -1 if into is None else end - start, fill
            )
            data = self._ask(wire.TRANSFER, self._number, head + piece)
            if into is not None:
                into[start:end] = data


class RemoteUart(RemotePort):
    """See `cpcompat.hal.uart.UartPort`."""

    __slots__ = ("_virtual",)

    def __init__(self, connection: Connection, virtual: bool, port: int) -> None:
        super().__init__(connection, "uart", port)
        self._virtual = virtual

    def configure(self, baudrate: int, bits: int, parity: str, stop: int) -> None:
        """See `UartPort.configure`."""
        row = json.dumps([baudrate, bits, parity, stop]).encode()
        self._ask(wire.CONFIGURE, self._number, row)

    def write(self, data: ReadableBuffer) -> int:
        """See `UartPort.write`."""
        out = bytes(data)
        for start in range(0, len(out), wire.LARGEST):
            self._ask(wire.WRITE, self._number, out[start : start + wire.LARGEST])
        return len(out)

    def read(self, limit: int, timeout_ns: int) -> bytes:
        """See `UartPort.read`: on the real clock it is waited here, so that others are served."""
        if self._virtual:
            return self._read(limit, timeout_ns)
        end_ns = time.monotonic_ns() + timeout_ns
        while not (data := self._read(limit, 0)):
            left_ns = end_ns - time.monotonic_ns()
            if left_ns <= 0:
                break
            time.sleep(min(left_ns, _POLL_NS) / 1e9)
        return data

    def _read(self, limit: int, timeout_ns: int) -> bytes:
        return self._ask(
            wire.READ, self._number, wire.UART_READ.pack(min(limit, wire.LARGEST), timeout_ns)
        )

    def waiting(self) -> int:
        """See `UartPort.waiting`."""
        return int(wire.NUMBER.unpack(self._ask(wire.WAITING, self._number))[0])

    def discard(self) -> None:
        """See `UartPort.discard`."""
        self._ask(wire.DISCARD, self._number)


class RemotePwm(RemotePort):
    """See `cpcompat.hal.pwm.PwmOutput`."""

    __slots__ = ()

    def set(self, frequency_hz: int, duty: int) -> None:
        """See `PwmOutput.set`."""
        self._ask(wire.WRITE, self._number, wire.PWM.pack(frequency_hz, duty))


class RemoteAnalog(RemotePort):
    """See `cpcompat.hal.analog`: both ways."""

    __slots__ = ()

    def read(self) -> int:
        """See `AnalogInput.read`."""
        return int(wire.NUMBER.unpack(self._ask(wire.READ, self._number))[0])

    def write(self, value: int) -> None:
        """See `AnalogOutput.write`."""
        self._ask(wire.WRITE, self._number, wire.NUMBER.pack(value))
