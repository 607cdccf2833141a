"""The buses of a circuit as a program uses them: I2C, SPI, UART."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cpcompat.backends.sim.nets import INPUT, PUSH_PULL
from cpcompat.backends.sim.uart_frames import Frame
from cpcompat.hal.errors import Fault, HalError

if TYPE_CHECKING:
    from cpcompat.backends.sim.circuit import Circuit
    from cpcompat.backends.sim.i2c_wire import I2cWire
    from cpcompat.backends.sim.spi_wire import SpiWire
    from cpcompat.backends.sim.uart_wire import UartWire
    from cpcompat.board.definition import SpiPins
    from cpcompat.hal.buffers import ReadableBuffer, WriteableBuffer
    from cpcompat.hal.uart import Parity

MOST_SPI_HZ = 125_000_000


class SimI2c:
    """An I2C bus of the circuit as a `cpcompat.hal.i2c.I2cBus`.

    Attributes:
        exchange: The wire's own way to make a transaction; see `I2cWire.transfer`.
        frequency_hz: The clock of the bus.
    """

    __slots__ = ("exchange", "frequency_hz")

    def __init__(self, wire: I2cWire, frequency_hz: int) -> None:
        self.exchange = wire.transfer
        self.frequency_hz = frequency_hz

    def transfer(
        self, address: int, write: ReadableBuffer | None, read: WriteableBuffer | None
    ) -> None:
        """See `I2cBus.transfer`."""
        if write is not None and type(write) is not bytes:
            write = bytes(write)
        if read is None:
            self.exchange(self.frequency_hz, address, write, None)
            return
        if type(read) is bytearray:
            read[:] = self.exchange(self.frequency_hz, address, write, len(read))
            return
        view = memoryview(read).cast("B")
        view[:] = self.exchange(self.frequency_hz, address, write, len(view))

    def close(self) -> None:
        """See `I2cBus.close`."""


class SimSpi:
    """An SPI bus of the circuit as a `cpcompat.hal.spi.SpiBus`."""

    def __init__(self, circuit: Circuit, wire: SpiWire, pins: SpiPins) -> None:
        self._circuit = circuit
        self._transfer = wire.transfer
        self._clock = circuit.terminal(pins.clock)
        self._mosi = circuit.terminal(pins.mosi)
        self._baudrate_hz = 100_000
        self._mode = 0
        self._closed = False
        circuit.configure(self._clock, PUSH_PULL)
        circuit.configure(self._mosi, PUSH_PULL)
        circuit.configure(circuit.terminal(pins.miso), INPUT)

    def configure(self, baudrate_hz: int, mode: int, bits: int) -> int:
        """See `SpiBus.configure`."""
        if bits != 8:
            raise HalError(Fault.UNSUPPORTED, f"{bits}-bit words on SPI", "Use words of 8 bits.")
        self._baudrate_hz = min(baudrate_hz, MOST_SPI_HZ)
        self._mode = mode
        self._circuit.write(self._clock, mode >= 2)
        return self._baudrate_hz

    def transfer(
        self, write: ReadableBuffer | None, read: WriteableBuffer | None, fill: int
    ) -> None:
        """See `SpiBus.transfer`."""
        if read is None:
            if write is not None:
                self._transfer(self._baudrate_hz, self._mode, bytes(write))
            return
        view = memoryview(read).cast("B")
        mosi = bytes([fill]) * len(view) if write is None else bytes(write)
        view[:] = self._transfer(self._baudrate_hz, self._mode, mosi)

    def close(self) -> None:
        """See `SpiBus.close`."""
        if not self._closed:
            self._closed = True
            self._circuit.configure(self._clock, INPUT)
            self._circuit.configure(self._mosi, INPUT)


class SimUart:
    """A serial port of the circuit as a `cpcompat.hal.uart.UartPort`."""

    def __init__(self, circuit: Circuit, wire: UartWire) -> None:
        self._circuit = circuit
        self._wire = wire
        wire.open()

    def configure(self, baudrate: int, bits: int, parity: Parity, stop: int) -> None:
        """See `UartPort.configure`."""
        if not 5 <= bits <= 8:
            cure = "Use 5 to 8 data bits."
            raise HalError(Fault.UNSUPPORTED, f"{bits}-bit words on a serial port", cure)
        self._wire.frame = Frame(baudrate, bits, parity, stop)

    def write(self, data: ReadableBuffer) -> int:
        """See `UartPort.write`."""
        return self._wire.write(bytes(data))

    def read(self, limit: int, timeout_ns: int) -> bytes:
        """See `UartPort.read`."""
        circuit, wire = self._circuit, self._wire
        deadline_ns = circuit.clock.now_ns() + timeout_ns
        while not (data := wire.take(limit)):
            if circuit.clock.now_ns() >= deadline_ns:
                break
            due_ns = wire.next_byte_ns()
            circuit.wait(deadline_ns if due_ns is None else min(due_ns, deadline_ns))
        return data

    def waiting(self) -> int:
        """See `UartPort.waiting`."""
        return self._wire.waiting()

    def discard(self) -> None:
        """See `UartPort.discard`."""
        self._wire.discard()

    def close(self) -> None:
        """See `UartPort.close`."""
        self._wire.close()
