"""A backend that writes down what it is asked, and fails where a test tells it to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cpcompat.hal import Fault, HalError
from cpcompat.hal.gpio import Direction, Drive, Pull

if TYPE_CHECKING:
    from collections.abc import Callable

    from cpcompat.board.definition import I2cPins, SpiPins, UartPins
    from cpcompat.hal.buffers import ReadableBuffer, WriteableBuffer
    from cpcompat.hal.clock import Clock
    from cpcompat.hal.edges import EdgeSource
    from cpcompat.hal.pin import Pin
    from cpcompat.hal.uart import Parity


class FakeClock:
    """A clock that only moves when somebody sleeps."""

    def __init__(self) -> None:
        self.time_ns = 0

    def now_ns(self) -> int:
        """See `Clock.now_ns`."""
        return self.time_ns

    def sleep_ns(self, duration_ns: int) -> None:
        """See `Clock.sleep_ns`."""
        self.time_ns += duration_ns


class RecordingBackend:
    """A board's hardware as a list of what was asked of it.

    Attributes:
        time: The clock, to be turned by hand.
        calls: Every call, oldest first, as a tuple that starts with its name.
        faults: By the name of a call: the fault with which it fails.
        levels: What the outside world drives, by the chip's name of the pin.
        i2c_parts: By address: what a part sends when it is read.
        miso: What comes back over SPI, endlessly.
        incoming: What arrives at the serial port: (ns, bytes).
        analog: What a converter reads.
    """

    def __init__(self) -> None:
        self.time = FakeClock()
        self.clock: Clock = self.time
        self.calls: list[tuple[object, ...]] = []
        self.faults: dict[str, Fault] = {}
        self.levels: dict[str, bool] = {}
        self.i2c_parts: dict[int, bytes] = {}
        self.miso = b"\xa5"
        self.incoming: list[tuple[int, bytes]] = []
        self.analog = 0
        self.during_transfer: Callable[[], None] = lambda: None

    def note(self, name: str, *arguments: object) -> None:
        """Write a call down, and fail if a test wants it to."""
        self.calls.append((name, *arguments))
        if name in self.faults:
            raise HalError(self.faults[name], f"fake {name}", "Mend the fake.")

    def line(self, pin: Pin) -> FakeLine:
        """See `Backend.line`."""
        self.note("line", pin.name)
        return FakeLine(self, pin.name)

    def edges(
        self, pin: Pin, pull: Pull, rising: bool, falling: bool, debounce_ns: int
    ) -> EdgeSource:
        """See `Backend.edges`."""
        raise HalError(Fault.UNSUPPORTED, pin.name)

    def i2c(self, pins: I2cPins, frequency_hz: int) -> FakeI2c:
        """See `Backend.i2c`."""
        self.note("i2c", pins.bus, frequency_hz)
        return FakeI2c(self)

    def spi(self, pins: SpiPins) -> FakeSpi:
        """See `Backend.spi`."""
        self.note("spi", pins.bus)
        return FakeSpi(self)

    def uart(self, pins: UartPins) -> FakeUart:
        """See `Backend.uart`."""
        self.note("uart", pins.port)
        return FakeUart(self)

    def pwm(self, pin: Pin) -> FakePwm:
        """See `Backend.pwm`."""
        self.note("pwm", pin.name)
        return FakePwm(self)

    def pixels(self, pin: Pin) -> FakePixels:
        """See `Backend.pixels`."""
        self.note("pixels", pin.name)
        return FakePixels(self)

    def analog_input(self, pin: Pin) -> FakeAnalogInput:
        """See `Backend.analog_input`."""
        self.note("analog_input", pin.name)
        return FakeAnalogInput(self)

    def analog_output(self, pin: Pin) -> FakeAnalogOutput:
        """See `Backend.analog_output`."""
        self.note("analog_output", pin.name)
        return FakeAnalogOutput(self)

    def cpu_temperature_c(self) -> float | None:
        """See `Backend.cpu_temperature_c`."""
        return 42.5

    def uid(self) -> bytes:
        """See `Backend.uid`."""
        return bytes(range(8))

    def close(self) -> None:
        """See `Backend.close`."""


class _Port:
    def __init__(self, backend: RecordingBackend) -> None:
        self.backend = backend

    def close(self) -> None:
        """Write it down."""
        self.backend.note("close")


class FakePixels(_Port):
    """A line to pixels."""

    def write(self, data: ReadableBuffer) -> None:
        """See `PixelOutput.write`."""
        self.backend.note("glow", bytes(data))


class FakeLine(_Port):
    """A line whose level is what it drives, else what the outside drives, else its pull."""

    def __init__(self, backend: RecordingBackend, name: str) -> None:
        super().__init__(backend)
        self.name = name
        self.output = False
        self.driven = False
        self.pull = Pull.NONE

    def configure(self, direction: Direction, pull: Pull, drive: Drive, value: bool) -> None:
        """See `Line.configure`."""
        self.backend.note("configure", direction.name, pull.name, drive.name, value)
        self.output = direction is Direction.OUTPUT
        self.driven, self.pull = value, pull

    def read(self) -> bool:
        """See `Line.read`."""
        self.backend.note("read")
        if self.output:
            return self.driven
        return self.backend.levels.get(self.name, self.pull is Pull.UP)

    def write(self, value: bool) -> None:
        """See `Line.write`."""
        self.backend.note("write", value)
        self.driven = value


class FakeI2c(_Port):
    """A bus with the parts of `RecordingBackend.i2c_parts`."""

    def transfer(
        self, address: int, write: ReadableBuffer | None, read: WriteableBuffer | None
    ) -> None:
        """See `I2cBus.transfer`."""
        sent = None if write is None else bytes(write)
        self.backend.note("transfer", address, sent, None if read is None else len(read))
        self.backend.during_transfer()
        if address not in self.backend.i2c_parts:
            raise HalError(Fault.NO_ACK, f"i2c1 address 0x{address:02x}")
        if read is not None:
            answer = self.backend.i2c_parts[address]
            memoryview(read)[:] = (answer * (len(read) // len(answer) + 1))[: len(read)]


class FakeSpi(_Port):
    """A bus on which `RecordingBackend.miso` comes back; its clocks are halvings of 8 MHz."""

    def configure(self, baudrate_hz: int, mode: int, bits: int) -> int:
        """See `SpiBus.configure`."""
        self.backend.note("configure", baudrate_hz, mode, bits)
        clock = 8_000_000
        while clock > baudrate_hz:
            clock //= 2
        return clock

    def transfer(
        self, write: ReadableBuffer | None, read: WriteableBuffer | None, fill: int
    ) -> None:
        """See `SpiBus.transfer`."""
        sent = None if write is None else bytes(write)
        self.backend.note("transfer", sent, None if read is None else len(read), fill)
        if read is not None:
            memoryview(read)[:] = (self.backend.miso * len(read))[: len(read)]


class FakeUart(_Port):
    """A port at which `RecordingBackend.incoming` arrives as its clock goes on."""

    def configure(self, baudrate: int, bits: int, parity: Parity, stop: int) -> None:
        """See `UartPort.configure`."""
        self.backend.note("configure", baudrate, bits, parity, stop)

    def write(self, data: ReadableBuffer) -> int:
        """See `UartPort.write`."""
        self.backend.note("write", bytes(data))
        return len(bytes(data))

    def _come(self) -> bytes:
        now = self.backend.time.time_ns
        return b"".join(data for at, data in self.backend.incoming if at <= now)

    def _keep(self, rest: bytes) -> None:
        now = self.backend.time.time_ns
        later = [(at, data) for at, data in self.backend.incoming if at > now]
        self.backend.incoming = [(now, rest)] * bool(rest) + later

    def read(self, limit: int, timeout_ns: int) -> bytes:
        """See `UartPort.read`."""
        self.backend.note("read", limit, timeout_ns)
        clock = self.backend.time
        deadline = clock.time_ns + timeout_ns
        if not self._come():
            arrivals = [at for at, data in self.backend.incoming if at <= deadline]
            clock.time_ns = min(arrivals, default=deadline)
        come = self._come()
        self._keep(come[limit:])
        return come[:limit]

    def waiting(self) -> int:
        """See `UartPort.waiting`."""
        return len(self._come())

    def discard(self) -> None:
        """See `UartPort.discard`."""
        self.backend.note("discard")
        self._keep(b"")


class FakePwm(_Port):
    """A PWM output that makes 1 Hz to 1 MHz."""

    def set(self, frequency_hz: int, duty: int) -> None:
        """See `PwmOutput.set`."""
        self.backend.note("set", frequency_hz, duty)
        if frequency_hz > 1_000_000:
            raise HalError(Fault.UNSUPPORTED, "fake pwm")


class FakeAnalogInput(_Port):
    """A converter that reads `RecordingBackend.analog`."""

    reference_v = 3.3

    def read(self) -> int:
        """See `AnalogInput.read`."""
        self.backend.note("read")
        return self.backend.analog


class FakeAnalogOutput(_Port):
    """A converter that writes down what it is set to."""

    def write(self, value: int) -> None:
        """See `AnalogOutput.write`."""
        self.backend.note("write", value)
