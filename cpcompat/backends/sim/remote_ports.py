"""The ports that a program has open in the circuit's process."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from cpcompat.backends.sim import wire_format as wire
from cpcompat.backends.sim.connection import Connection
from cpcompat.backends.sim.page import ASK, DONE_POSTS, DUE_NS, NOW_NS
from cpcompat.hal.edges import Edge
from cpcompat.hal.errors import Fault, HalError

if TYPE_CHECKING:
    from cpcompat.hal.buffers import ReadableBuffer, WriteableBuffer

_POLL_NS = 2_000_000
_I2C = wire.I2C


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
            self._connection.close_port(self._number)


class RemoteLine(RemotePort):
    """See `cpcompat.hal.gpio.Line`.

    A level is read from the circuit's page while that is true, and written by a post.

    Args:
        connection: The way to the circuit.
        pin: The chip's name of the pin.
        start_ns: When the board's clock began; None on virtual time.
    """

    __slots__ = ("_levels", "_numbers", "_output", "_place", "_post", "_start_ns")

    def __init__(self, connection: Connection, pin: str, start_ns: int | None) -> None:
        super().__init__(connection, "line", pin)
        self._numbers, self._levels = connection.numbers, connection.levels
        self._place = connection.places[pin]
        self._post = connection.post
        self._start_ns = start_ns
        self._output = False

    def configure(self, direction: Any, pull: Any, drive: Any, value: bool) -> None:
        """See `Line.configure`."""
        row = (
            wire.DIRECTIONS.index(direction),
            wire.PULLS.index(pull),
            wire.DRIVES.index(drive),
            bool(value),
        )
        self._ask(wire.CONFIGURE, self._number, wire.LINE.pack(*row))
        self._output = row[0] != 0

    def read(self) -> bool:
        """See `Line.read`."""
        numbers = self._numbers
        if numbers[DONE_POSTS] == self._connection.posts:
            level = self._levels[self._place]
            if level != ASK and numbers[DUE_NS] > self._now_ns():
                return level == 1
        return self._ask(wire.READ, self._number) == b"\1"

    def _now_ns(self) -> int:
        if self._start_ns is None:
            return self._numbers[NOW_NS]
        return time.monotonic_ns() - self._start_ns

    def write(self, value: bool) -> None:
        """See `Line.write`."""
        if not self._output:
            raise HalError(Fault.WRONG_DIRECTION, self._pin_name())
        self._post(self._number, wire.POST.pack(self._now_ns(), value))

    def _pin_name(self) -> str:
        names = self._connection.places
        return next(name for name, place in names.items() if place == self._place)

    def close(self) -> None:
        """See `Line.close`."""
        self._output = False
        super().close()


class RemoteEdges(RemotePort):
    """See `cpcompat.hal.edges.EdgeSource`."""

    __slots__ = ()

    def read(self, limit: int) -> list[Edge]:
        """See `EdgeSource.read`."""
        data = self._ask(wire.READ, self._number, wire.NUMBER.pack(min(limit, 1024)))
        return [Edge(*row) for row in wire.EDGE.iter_unpack(data)]

    def hold(self, most: int) -> None:
        """See `EdgeSource.hold`."""
        self._ask(wire.CONFIGURE, self._number, wire.NUMBER.pack(most))

    def level(self) -> bool:
        """See `EdgeSource.level`."""
        return self._ask(wire.LEVEL, self._number) == b"\1"

    def drive(self, level: bool) -> None:
        """See `EdgeSource.drive`."""
        self._ask(wire.WRITE, self._number, bytes([level]))

    def watch(self) -> None:
        """See `EdgeSource.watch`."""
        self._ask(wire.DISCARD, self._number)


class RemotePixels(RemotePort):
    """See `cpcompat.hal.pixels.PixelOutput`."""

    __slots__ = ()

    def write(self, data: ReadableBuffer) -> None:
        """See `PixelOutput.write`."""
        if len(data) > wire.LARGEST:
            raise HalError(Fault.UNSUPPORTED, f"more than {wire.LARGEST} bytes for pixels")
        self._ask(wire.WRITE, self._number, bytes(data))


class RemoteI2c(RemotePort):
    """See `cpcompat.hal.i2c.I2cBus`."""

    __slots__ = ()

    def transfer(
        self, address: int, write: ReadableBuffer | None, read: WriteableBuffer | None
    ) -> None:
        """See `I2cBus.transfer`."""
        out = write if write is None or type(write) is bytes else bytes(write)
        into = read if read is None or type(read) is bytearray else memoryview(read).cast("B")
        sent, wanted = -1 if out is None else len(out), -1 if into is None else len(into)
        if sent > wire.LARGEST or wanted > wire.LARGEST:
            raise HalError(Fault.UNSUPPORTED, f"a transfer of over {wire.LARGEST} bytes")
        head = _I2C.pack(address, sent, wanted)
        data = self._ask(wire.TRANSFER, self._number, head if out is None else head + out)
        if into is not None:
            into[:] = data


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
