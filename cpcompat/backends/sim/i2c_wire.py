"""An I2C bus of the circuit: who answers at which address, and how long it takes."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from cpcompat.backends.sim.recorder import I2cMessage
from cpcompat.backends.sim.records import I2cTraffic
from cpcompat.errors import CircuitError
from cpcompat.hal.errors import Fault, HalError

if TYPE_CHECKING:
    from cpcompat.backends.sim.circuit import Circuit
    from cpcompat.backends.sim.part import I2cPart
    from cpcompat.board.definition import I2cPins

_log = logging.getLogger(__name__)

# A third of what calling a NamedTuple costs, which every transfer would pay three times.
_tuple = tuple.__new__


class I2cWire:
    """One I2C bus with its parts.

    Attributes:
        number: The bus's number on the board.
        parts: The parts by address.
    """

    __slots__ = ("_circuit", "_scl", "_sda", "number", "parts")

    def __init__(self, circuit: Circuit, pins: I2cPins) -> None:
        self._circuit = circuit
        self.number = pins.bus
        self._scl = circuit.terminal(pins.scl)
        self._sda = circuit.terminal(pins.sda)
        self.parts: dict[int, I2cPart] = {}

    def add(self, part: I2cPart, address: int) -> None:
        """Put a part on the bus.

        Raises:
            CircuitError: The part cannot have that address, or another part has it.
        """
        legal = part.addresses
        kind = type(part).__name__
        if legal and address not in legal:
            words = ", ".join(f"0x{x:02x}" for x in legal)
            raise CircuitError(
                f"address 0x{address:02x} is none of {kind}'s", f"It can have {words}."
            )
        if not 0 <= address <= 0x7F:
            raise CircuitError(f"address {address!r} is not from 0x00 to 0x7f")
        if address in self.parts:
            other = type(self.parts[address]).__name__
            raise CircuitError(f"address 0x{address:02x} of bus {self.number} is taken by {other}")
        part.address = address
        self.parts[address] = part

    def transfer(
        self, frequency_hz: int, address: int, write: bytes | None, length: int | None
    ) -> bytes:
        """Make one transaction, and let its wire time pass.

        Args:
            frequency_hz: The bus's clock.
            address: 7 bits.
            write: The bytes to send, or None for no write message.
            length: How many bytes to read, or None for no read message.

        Returns:
            The bytes read.

        Raises:
            HalError: NO_ACK; TIMEOUT when a line is held low; BROKEN when the part failed.
        """
        circuit = self._circuit
        if circuit._queue:
            circuit.advance()
        with circuit.lock:
            if not (self._scl.net.level and self._sda.net.level):
                raise self._held()
            time_ns = circuit.now_ns()
            messages: list[I2cMessage] = []
            part = self.parts.get(address)
            if part is None:
                messages.append(I2cMessage(write is None and length is not None, b"", -1))
                data = b""
            else:
                try:
                    data = _converse(part, write, length, messages)
                except Exception as error:
                    raise self._failed(part, error) from error
            self._finish(time_ns, frequency_hz, address, messages)
        last = messages[-1]
        if last.acked < 0 or (last.acked < len(last.data) and not last.is_read):
            raise HalError(Fault.NO_ACK, f"i2c{self.number} address 0x{address:02x}")
        return data

    def _finish(
        self, time_ns: int, frequency_hz: int, address: int, messages: list[I2cMessage]
    ) -> None:
        """Note the transaction; on the wire: 9 bits a byte, one for each START and for STOP."""
        circuit = self._circuit
        circuit.traffic.append(_tuple(I2cTraffic, (time_ns, self.number, address, messages)))
        if circuit.recorder is not None:
            circuit.recorder.i2c(time_ns, self.number, frequency_hz, address, messages)
        if circuit.virtual:
            bits = 1
            for message in messages:
                bits += 10 + 9 * len(message.data)
            circuit.spend(bits * 1_000_000_000 // frequency_hz)

    def _held(self) -> HalError:
        low = self._sda if self._scl.net.level else self._scl
        who = " and ".join(low.net.parties(False)) or "its resistor"
        return HalError(
            Fault.TIMEOUT,
            f"i2c{self.number}",
            f"The line at {low.name} is low: {who} holds it there.",
        )

    def _failed(self, part: I2cPart, error: Exception) -> HalError:
        where = f"i2c{self.number} address 0x{part.address:02x}"
        _log.error("%s: the simulated part failed", where, exc_info=error)
        self._circuit.fault(where, f"{type(part).__name__} raised {type(error).__name__}: {error}")
        cure = f"The simulated part {type(part).__name__} raised {type(error).__name__}: {error}."
        return HalError(Fault.BROKEN, where, cure)


def _converse(
    part: I2cPart, write: bytes | None, length: int | None, messages: list[I2cMessage]
) -> bytes:
    """Hold the conversation with a part from START to STOP; add its messages to the list."""
    data = b""
    answered = False
    if write is not None:
        acked = part.write(write)
        answered = acked >= 0
        sent = write if acked == len(write) else write[: max(acked + 1, 0)]
        messages.append(_tuple(I2cMessage, (False, sent, acked)))
        if acked < len(write):
            length = None
    if length is not None:
        data = part.read(length)
        if len(data) == length:
            answered = True
            messages.append(_tuple(I2cMessage, (True, data, length)))
        elif data:
            raise ValueError(f"read({length}) returned {len(data)} bytes")
        else:
            messages.append(I2cMessage(True, b"", -1))
    if answered:
        part.stop()
    return data
