"""A serial port of the circuit: bytes that arrive in their own time, and what is lost."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from cpcompat.backends.sim.nets import INPUT, PUSH_PULL
from cpcompat.backends.sim.records import UartTraffic
from cpcompat.backends.sim.uart_frames import Frame, hear
from cpcompat.errors import CircuitError

if TYPE_CHECKING:
    from cpcompat.backends.sim.circuit import Circuit
    from cpcompat.backends.sim.part import UartPart
    from cpcompat.board.definition import UartPins

BUFFER = 4096
"""Bytes that are kept unread, as in the kernel; later ones are lost."""


class UartWire:
    """One serial port with the part at its other end.

    Attributes:
        number: The port's number on the board.
        part: The part, or None.
        frame: How the board frames what it sends, and what it expects.
        overflows: Bytes lost because nobody read them in time.
        framing_errors: Bytes heard with a wrong stop or parity bit; they are kept nevertheless.
    """

    def __init__(self, circuit: Circuit, pins: UartPins) -> None:
        self._circuit = circuit
        self.number = pins.port
        self._tx = circuit.terminal(pins.tx)
        self._rx = circuit.terminal(pins.rx)
        self.part: UartPart | None = None
        self.frame = Frame(9600)
        self.overflows = 0
        self.framing_errors = 0
        self._open = False
        self._coming: deque[tuple[int, int]] = deque()
        self._buffer = bytearray()
        self._tx_free_ns = 0
        self._rx_free_ns = 0

    def add(self, part: UartPart, name: str) -> None:
        """Put a part at the other end; it holds the board's RX line high while it is silent.

        Raises:
            CircuitError: There is one already.
        """
        if self.part is not None:
            kind = type(self.part).__name__
            raise CircuitError(f"port {self.number} is taken by {kind}")
        self.part = part
        self._circuit.drive(self._rx.name, True, name)

    # -- the board's side ------------------------------------------------------------------

    def open(self) -> None:
        """Give the pins to the port; its line idles high, its buffer is empty."""
        self._circuit.configure(self._tx, PUSH_PULL, value=True)
        self._circuit.configure(self._rx, INPUT, pull=1)
        self.discard()
        self._open = True

    def close(self) -> None:
        """Take the pins back. Closing again does nothing."""
        if self._open:
            self._open = False
            self.discard()
            self._circuit.configure(self._tx, INPUT)
            self._circuit.configure(self._rx, INPUT)

    def write(self, data: bytes) -> int:
        """Send bytes; return how many. They reach the other end when their wire time has passed."""
        circuit = self._circuit
        circuit.advance()
        with circuit.lock:
            start_ns = max(circuit.now_ns(), self._tx_free_ns)
            self._tx_free_ns = end_ns = start_ns + self.frame.duration_ns(len(data))
            self._note(start_ns, "tx", self.frame, data)
            if self.part is not None:
                self._pass_on(self.part, data, end_ns)
            for other in circuit.uarts.values():
                if other._rx.net is self._tx.net:
                    other._line(data, self.frame, start_ns)
        circuit.spend(end_ns - circuit.now_ns())
        return len(data)

    def take(self, limit: int) -> bytes:
        """Return up to so many bytes that have arrived; none at once if there is none."""
        with self._circuit.lock:
            self._arrive()
            data = bytes(self._buffer[:limit])
            del self._buffer[:limit]
        return data

    def waiting(self) -> int:
        """Return how many bytes have arrived and were not taken."""
        with self._circuit.lock:
            self._arrive()
            return len(self._buffer)

    def discard(self) -> None:
        """Drop the bytes that have arrived."""
        with self._circuit.lock:
            self._arrive()
            self._buffer.clear()

    def next_byte_ns(self) -> int | None:
        """Return when the next byte on its way will have arrived, or None."""
        coming = self._coming
        return coming[0][0] if coming else None

    # -- the other side --------------------------------------------------------------------

    def feed(self, data: bytes, frame: Frame | None = None) -> None:
        """Put bytes on the board's RX line, after those that are on it.

        Args:
            data: The bytes.
            frame: How they are framed; None frames them as the board expects it.
        """
        self._line(data, frame or self.frame, self._circuit.now_ns())
        self._circuit.wake()

    def _line(self, data: bytes, frame: Frame, earliest_ns: int) -> None:
        with self._circuit.lock:
            start_ns = max(earliest_ns, self._rx_free_ns)
            self._rx_free_ns = start_ns + frame.duration_ns(len(data))
            self._note(start_ns, "rx", frame, data)
            if not self._open:
                return
            self._compare(frame)
            for offset_ns, value, bad in hear(data, frame, self.frame):
                self.framing_errors += bad
                self._coming.append((start_ns + offset_ns, value))

    def _arrive(self) -> None:
        self._circuit.advance()
        coming, now_ns = self._coming, self._circuit.now_ns()
        while coming and coming[0][0] <= now_ns:
            _, value = coming.popleft()
            if not self._open:
                continue
            if len(self._buffer) < BUFFER:
                self._buffer.append(value)
            else:
                self.overflows += 1

    def _pass_on(self, part: UartPart, data: bytes, end_ns: int) -> None:
        frame = Frame(part.baudrate)
        self._compare(frame)
        heard = data
        if not self.frame.suits(frame):
            heard = bytes(byte.value for byte in hear(data, self.frame, frame))
        self._circuit.at(end_ns, lambda: part.receive(heard))

    def _compare(self, frame: Frame) -> None:
        if not frame.suits(self.frame):
            mine = f"{self.frame.baudrate} baud, {self.frame.bits} bits, parity {self.frame.parity}"
            other = f"{frame.baudrate} baud, {frame.bits} bits, parity {frame.parity}"
            self._circuit.fault(
                f"uart{self.number}", f"the board is set to {mine}, the other end to {other}"
            )

    def _note(self, time_ns: int, direction: str, frame: Frame, data: bytes) -> None:
        circuit = self._circuit
        circuit.traffic.append(UartTraffic(time_ns, self.number, direction, data))
        if circuit.recorder is not None:
            circuit.recorder.uart(
                time_ns, self.number, "tx" if direction == "tx" else "rx", *frame, data
            )
