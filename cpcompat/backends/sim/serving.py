"""One program's connection to the circuit's process, seen from that process."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from cpcompat.backends.sim import wire_format as wire
from cpcompat.backends.sim.page import DONE_POSTS
from cpcompat.hal.errors import Fault, HalError

if TYPE_CHECKING:
    from cpcompat.backends.sim.backend import SimBackend
    from cpcompat.backends.sim.page import Mirror

_log = logging.getLogger(__name__)
_REQUEST, _ANSWER, _I2C = wire.REQUEST, wire.ANSWER, wire.I2C
_HEAD = _REQUEST.size
_ROOM = wire.PACKET - _ANSWER.size


class Program:
    """Answers one program, whatever it sends.

    Args:
        backend: The circuit's backend.
        requests: Where the program's requests can be read; the caller closes it.
        answers: Where answers are written; the caller closes it.
        mirror: The page that the program sees, kept true before each answer.
    """

    def __init__(
        self, backend: SimBackend, requests: int, answers: int, mirror: Mirror | None = None
    ) -> None:
        self._backend = backend
        self._requests = requests
        self._answers = answers
        self._mirror = mirror
        self._ports: dict[int, tuple[Callable[[Any, int, bytes], bytes], Any]] = {}
        self._next = 1
        self._number = 0
        self._held = bytearray()

    def serve_one(self) -> bool:
        """Take one packet, and answer if it ends a request; return False when the program has gone."""
        try:
            packet = os.read(self._requests, wire.PACKET)
            if not packet:
                return False
            if len(packet) < _HEAD:
                return True
            number, flags, operation, port = _REQUEST.unpack_from(packet)
            data = packet[_HEAD:]
            if flags or self._held:  # not the usual one: more is to come, or nobody waits
                whole = self._gathered(number, flags, data)
                if whole is None:
                    return True
                if flags & wire.POSTED:
                    self._post(port, whole)
                    return True
                data = whole
            self._answer(number, operation, port, data)
        except OSError:
            return False
        return True

    def _gathered(self, number: int, flags: int, data: bytes) -> bytes | None:
        """Return the whole data of a request, or None while more of it is to come."""
        if number != self._number:
            # The request before was cut short by an exception in the program.
            self._held.clear()
            self._number = number
        if len(self._held) + len(data) <= wire.MOST:
            self._held += data
        if flags & wire.MORE:
            return None
        whole = bytes(self._held)
        self._held.clear()
        return whole

    def _answer(self, number: int, operation: int, port: int, data: bytes) -> None:
        try:
            known = self._ports.get(port)
            if known is not None and operation != wire.CLOSE:
                said = known[0](known[1], operation, data)
            else:
                said = self._do(operation, port, data)
            kind = wire.DONE
        except HalError as error:
            kind, said = wire.FAILED, wire.fault_as_bytes(error)
        except Exception as error:
            kind, said = wire.FAILED, _failure(error)
        if self._mirror is not None:
            self._mirror.tell_times()
        while len(said) > _ROOM:
            os.write(self._answers, _ANSWER.pack(number, wire.GOES_ON) + said[:_ROOM])
            said = said[_ROOM:]
        os.write(self._answers, _ANSWER.pack(number, kind) + said)

    def _post(self, port: int, data: bytes) -> None:
        """Write a level, at the time at which the program did."""
        try:
            time_ns, value = wire.POST.unpack(data)
            line = self._ports[port][1]
            self._backend.circuit.as_of(time_ns, lambda: line.write(value))
        except Exception:
            _log.exception("a posted level could not be written")
        if self._mirror is not None:
            self._mirror.tell_times()
            self._mirror.numbers[DONE_POSTS] += 1

    def _do(self, operation: int, number: int, data: bytes) -> bytes:
        """Do what belongs to no open port."""
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
        if operation == wire.VOLTAGE:
            return json.dumps(self._backend.cpu_voltage_v()).encode()
        _, port = self._ports.pop(number)
        port.close()
        return b""

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
        self._ports[number] = (_SERVE[kind], port)
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
    if operation == wire.CONFIGURE:
        edges.hold(min(max(wire.NUMBER.unpack(data)[0], 1), wire.MOST_EDGES))
        return b""
    if operation == wire.WRITE:
        edges.drive(bool(data[0]))
        return b""
    if operation == wire.DISCARD:
        edges.watch()
        return b""
    return b"".join(wire.EDGE.pack(*edge) for edge in edges.read(wire.NUMBER.unpack(data)[0]))


def _pixels(pixels: Any, operation: int, data: bytes) -> bytes:
    pixels.write(data)
    return b""


def _i2c(bus: Any, operation: int, data: bytes) -> bytes:
    address, write_size, read_size = _I2C.unpack_from(data)
    write = None if write_size < 0 else data[_I2C.size : _I2C.size + write_size]
    read_size = min(read_size, wire.LARGEST)
    said: bytes = bus.exchange(
        bus.frequency_hz, address, write, None if read_size < 0 else read_size
    )
    return said


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


def _failure(error: Exception) -> bytes:
    # A part of the user's own may raise anything; the circuit lives on and says so.
    _log.error("the circuit could not do what a program asked for", exc_info=error)
    cure = "A simulated part failed; the supervisor's log has the traceback."
    where = f"the circuit ({type(error).__name__}: {error})"
    return wire.fault_as_bytes(HalError(Fault.BROKEN, where, cure))


_SERVE: dict[str, Callable[[Any, int, bytes], bytes]] = {
    "line": _line,
    "edges": _edges,
    "pixels": _pixels,
    "i2c": _i2c,
    "spi": _spi,
    "uart": _uart,
    "pwm": _pwm,
    "input": _analog,
    "output": _analog,
}
