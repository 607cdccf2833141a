"""One program's connection to the circuit's process, seen from that process."""

from __future__ import annotations

import json
import logging
import socket
from typing import TYPE_CHECKING, Any

from cpcompat.backends.sim import wire_format as wire
from cpcompat.hal.errors import Fault, HalError

if TYPE_CHECKING:
    from collections.abc import Callable

    from cpcompat.backends.sim.backend import SimBackend

_log = logging.getLogger(__name__)


class Program:
    """Answers one program, whatever it sends.

    Args:
        backend: The circuit's backend.
        end: The connection; the caller closes it.
    """

    def __init__(self, backend: SimBackend, end: socket.socket) -> None:
        self._backend = backend
        self._end = end
        self._ports: dict[int, tuple[str, Any]] = {}
        self._next = 1
        self._serve: dict[str, Callable[[Any, int, bytes], bytes]] = {
            "line": _line,
            "edges": _edges,
            "i2c": _i2c,
            "spi": _spi,
            "uart": _uart,
            "pwm": _pwm,
            "input": _analog,
            "output": _analog,
        }

    def serve_one(self) -> bool:
        """Answer one request; return False when the program has gone."""
        try:
            request = self._end.recv(wire.DATAGRAM + 1)
            if not request:
                return False
            self._end.send(self._answer(request))
        except OSError:
            return False
        return True

    def _answer(self, request: bytes) -> bytes:
        try:
            operation, number = wire.HEAD.unpack_from(request)
            return b"\0" + self._do(operation, number, request[wire.HEAD.size :])
        except HalError as error:
            return wire.fault_as_bytes(error)
        except Exception as error:
            # A part of the user's own may raise anything; the circuit lives on and says so.
            _log.exception("the circuit could not do what a program asked for")
            cure = "A simulated part failed; the supervisor's log has the traceback."
            where = f"the circuit ({type(error).__name__}: {error})"
            return wire.fault_as_bytes(HalError(Fault.BROKEN, where, cure))

    def _do(self, operation: int, number: int, data: bytes) -> bytes:
        clock = self._backend.clock
        if operation == wire.OPEN:
            return self._open(json.loads(data))
        if operation == wire.NOW:
            return wire.NUMBER.pack(clock.now_ns())
        if operation == wire.SLEEP:
            clock.sleep_ns(wire.NUMBER.unpack(data)[0])
            return b""
        if operation == wire.TEMPERATURE:
            return json.dumps(self._backend.cpu_temperature_c()).encode()
        kind, port = self._ports[number]
        if operation == wire.CLOSE:
            del self._ports[number]
            port.close()
            return b""
        return self._serve[kind](port, operation, data)

    def _open(self, wanted: list[Any]) -> bytes:
        kind, *rest = wanted
        board, backend = self._backend.circuit.board, self._backend
        port: Any
        if kind in ("i2c", "spi", "uart"):
            pins: Any = next(p for p in getattr(board, kind) if p[0] == rest[0])
            port = backend.i2c(pins, rest[1]) if kind == "i2c" else getattr(backend, kind)(pins)
        elif kind == "edges":
            name, pull, *others = rest
            port = backend.edges(board.pins[name], wire.PULLS[pull], *others)
        else:
            opener = {"input": "analog_input", "output": "analog_output"}.get(kind, kind)
            port = getattr(backend, opener)(board.pins[rest[0]])
        number, self._next = self._next, self._next % 0xFFFF + 1
        self._ports[number] = (kind, port)
        return wire.PORT.pack(number, getattr(port, "reference_v", 0.0))


def _line(line: Any, operation: int, data: bytes) -> bytes:
    if operation == wire.WRITE:
        line.write(bool(data[0]))
        return b""
    if operation == wire.READ:
        return b"\1" if line.read() else b"\0"
    direction, pull, drive, value = wire.LINE.unpack(data)
    line.configure(wire.DIRECTIONS[direction], wire.PULLS[pull], wire.DRIVES[drive], bool(value))
    return b""


def _edges(edges: Any, operation: int, data: bytes) -> bytes:
    if operation == wire.LEVEL:
        return b"\1" if edges.level() else b"\0"
    return b"".join(wire.EDGE.pack(*edge) for edge in edges.read(wire.NUMBER.unpack(data)[0]))


def _i2c(bus: Any, operation: int, data: bytes) -> bytes:
    address, write_size, read_size = wire.I2C.unpack_from(data)
    write = None if write_size < 0 else data[wire.I2C.size : wire.I2C.size + write_size]
    read = None if read_size < 0 else bytearray(min(read_size, wire.LARGEST))
    bus.transfer(address, write, read)
    return bytes(read or b"")


def _spi(bus: Any, operation: int, data: bytes) -> bytes:
    if operation == wire.CONFIGURE:
        return wire.NUMBER.pack(bus.configure(*wire.SPI_SET.unpack(data)))
    write_size, read_size, fill = wire.SPI.unpack_from(data)
    write = None if write_size < 0 else data[wire.SPI.size : wire.SPI.size + write_size]
    read = None if read_size < 0 else bytearray(min(read_size, wire.LARGEST))
    bus.transfer(write, read, fill)
    return bytes(read or b"")


def _uart(port: Any, operation: int, data: bytes) -> bytes:
    if operation == wire.CONFIGURE:
        port.configure(*json.loads(data))
    elif operation == wire.WRITE:
        return wire.NUMBER.pack(port.write(data))
    elif operation == wire.READ:
        limit, timeout_ns = wire.UART_READ.unpack(data)
        return bytes(port.read(min(limit, wire.LARGEST), timeout_ns))
    elif operation == wire.WAITING:
        return wire.NUMBER.pack(port.waiting())
    elif operation == wire.DISCARD:
        port.discard()
    return b""


def _pwm(output: Any, operation: int, data: bytes) -> bytes:
    output.set(*wire.PWM.unpack(data))
    return b""


def _analog(port: Any, operation: int, data: bytes) -> bytes:
    if operation == wire.READ:
        return wire.NUMBER.pack(port.read())
    port.write(wire.NUMBER.unpack(data)[0])
    return b""
