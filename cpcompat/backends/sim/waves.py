"""What a transfer looks like on the wires: each bus's bytes as changes of level over time.

Every function here is pure and lazy: it yields ``(time_ns, line, level)`` in order of time, and
returns (as a generator does) the time from which the wires may be used again. ``line`` is the
index of a wire in the bus's tuple of names: `I2C_LINES`, `SPI_LINES`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

    from cpcompat.backends.sim.recorder import I2cMessage
    from cpcompat.backends.sim.uart_frames import Frame

    Change = tuple[int, int, bool]
    Wave = Generator[Change, None, int]

I2C_LINES = ("SCL", "SDA")
SPI_LINES = ("SCLK", "MOSI", "MISO")
UART_LINES = ("TX", "RX")

SCL, SDA = 0, 1
CLOCK, MOSI, MISO = 0, 1, 2

_SECOND_NS = 1_000_000_000


def i2c(start_ns: int, frequency_hz: int, address: int, messages: Iterable[I2cMessage]) -> Wave:
    """Draw one I2C transaction, from START to STOP.

    The data line changes in the middle of the clock's low phase, as the bus specification
    (NXP UM10204, 3.1.3) asks; both wires are high before and after.

    Args:
        start_ns: When the START condition may come.
        frequency_hz: The clock.
        address: 7 bits.
        messages: What was on the wire.
    """
    quarter = max(1, _SECOND_NS // (4 * frequency_hz))
    now = start_ns + quarter
    first = True
    for is_read, data, acked in messages:
        now = yield from _i2c_start(now, quarter, repeated=not first)
        first = False
        now = yield from _i2c_byte(now, quarter, address << 1 | is_read, ack=acked >= 0)
        if acked < 0:
            break
        # The reader refuses the last byte it wants: that is how it says «no more».
        last = len(data) - 1 if is_read else acked
        for index, byte in enumerate(data):
            now = yield from _i2c_byte(now, quarter, byte, ack=index < last)
    return (yield from _i2c_stop(now, quarter))


def _i2c_start(now: int, quarter: int, *, repeated: bool) -> Wave:
    if repeated:
        yield now, SDA, True
        now += quarter
        yield now, SCL, True
        now += 2 * quarter
    yield now, SDA, False
    yield now + 2 * quarter, SCL, False
    return now + 3 * quarter


def _i2c_byte(now: int, quarter: int, byte: int, *, ack: bool) -> Wave:
    """Draw nine bits. ``now`` is the middle of a low clock, at the end as at the beginning."""
    for bit in (*(byte >> shift & 1 for shift in range(7, -1, -1)), not ack):
        yield now, SDA, bool(bit)
        yield now + quarter, SCL, True
        yield now + 3 * quarter, SCL, False
        now += 4 * quarter
    return now


def _i2c_stop(now: int, quarter: int) -> Wave:
    yield now, SDA, False
    yield now + quarter, SCL, True
    yield now + 3 * quarter, SDA, True
    return now + 5 * quarter


def spi(start_ns: int, baudrate_hz: int, mode: int, mosi: bytes, miso: bytes) -> Wave:
    """Draw one SPI transfer, most significant bit first; chip select is a line of its own.

    Args:
        start_ns: When the wires may move.
        baudrate_hz: The clock.
        mode: 0 to 3: polarity * 2 + phase.
        mosi: What the controller sends.
        miso: What comes back, as many bytes.
    """
    idle, phase = bool(mode & 2), mode & 1
    yield start_ns, CLOCK, idle
    edge = 0
    for out, back in zip(mosi, miso, strict=True):
        for shift in range(7, -1, -1):
            # Data changes half a period before the edge that samples it.
            now = start_ns + edge * _SECOND_NS // (2 * baudrate_hz)
            if phase:
                yield now, CLOCK, not idle
            yield now, MOSI, bool(out >> shift & 1)
            yield now, MISO, bool(back >> shift & 1)
            now = start_ns + (edge + 1) * _SECOND_NS // (2 * baudrate_hz)
            yield now, CLOCK, idle if phase else not idle
            edge += 2
            if not phase:
                yield start_ns + edge * _SECOND_NS // (2 * baudrate_hz), CLOCK, idle
    return start_ns + (edge + 1) * _SECOND_NS // (2 * baudrate_hz)


def spi_ns(baudrate_hz: int, length: int) -> int:
    """Return how long so many bytes take on an SPI bus."""
    return 8 * length * _SECOND_NS // baudrate_hz


def i2c_ns(frequency_hz: int, messages: Iterable[I2cMessage]) -> int:
    """Return how long the bytes of one I2C transaction take, without its START and STOP."""
    return sum(9 * (1 + len(data)) for _, data, _ in messages) * _SECOND_NS // frequency_hz


def uart(start_ns: int, frame: Frame, byte: int) -> Wave:
    """Draw one frame: start bit, data (least significant bit first), parity, stop bits.

    Args:
        start_ns: When the start bit begins.
        frame: How the sender frames it.
        byte: The data.
    """
    levels = [False, *(bool(byte >> index & 1) for index in range(frame.bits))]
    if frame.parity != "none":
        levels.append((sum(levels) & 1 == 1) == (frame.parity == "even"))
    for index, level in enumerate((*levels, True)):
        yield start_ns + index * _SECOND_NS // frame.baudrate, 0, level
    return start_ns + frame.duration_ns(1)


def pulses(start_ns: int, frequency_hz: int, duty: int) -> Wave:
    """Draw pulses without end, beginning with the high part.

    Args:
        start_ns: When the first begins.
        frequency_hz: Pulses a second.
        duty: The high part of each, 0 to 65535.
    """
    if duty in (0, 65535):
        yield start_ns, 0, duty > 0
        return start_ns
    period = max(2, _SECOND_NS // frequency_hz)
    high = min(max(1, period * duty // 65535), period - 1)
    while True:
        yield start_ns, 0, True
        yield start_ns + high, 0, False
        start_ns += period
