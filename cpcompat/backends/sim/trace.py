"""The record of what a circuit did: a waveform file, and the latest transfers as text.

A circuit tells of each transfer once and as a whole. On the real clock a transfer takes less time
than its bits would, so that the next event comes before the last clock edge is due: here such
events are moved to after it. Thus chip select encloses its clocks, and what the program did in
order is in order. UARTs run beside all that; they only wait for themselves.
"""

from __future__ import annotations

from collections import deque
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Literal

from cpcompat.backends.sim import waves
from cpcompat.backends.sim.uart_frames import Frame
from cpcompat.backends.sim.vcd import VcdWriter

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from cpcompat.backends.sim.recorder import I2cMessage
    from cpcompat.backends.sim.waves import Wave
    from cpcompat.board.definition import BoardDefinition
    from cpcompat.hal.uart import Parity

_GAP_NS = 100
"""The least time between two changes of one pin, so that a pulse of no length is seen."""

_REST_NS = 10_000
"""Nothing moves so long at the beginning and the end: a decoder needs a level before an edge."""

_UART_LIMIT = 1 << 20
"""So many bytes may wait to be drawn on one serial line before time is moved on for them."""

_PULSE_LIMIT = 100_000
"""So many pulses are drawn of one setting of a PWM output; a day of them would fill the disk."""


class _Track:
    """One thing that draws: a wave in progress on its signals."""

    __slots__ = ("end_ns", "signals", "wave")

    def __init__(self, signals: Sequence[int]) -> None:
        self.signals = signals
        self.wave: Wave | None = None
        self.end_ns = 0


class _SerialLine(_Track):
    """One direction of a UART: bytes that wait for their turn."""

    __slots__ = ("bursts", "waiting")

    def __init__(self, signal: int) -> None:
        super().__init__((signal,))
        self.bursts: deque[tuple[int, Frame, bytes]] = deque()
        self.waiting = 0

    def draw(self, start_ns: int) -> Wave:
        """Draw the bursts as long as there are any."""
        now = start_ns
        while self.bursts:
            time_ns, frame, data = self.bursts.popleft()
            now = max(now, time_ns)
            for byte in data:
                now = yield from waves.uart(now, frame, byte)
                self.waiting -= 1
        return now


class WaveFile:
    """A `Recorder` that draws everything into a VCD file, one signal a pin and a bus line.

    Pins go by the board's names (``D17``). The lines of the default buses are ``SCL SDA SCLK MOSI
    MISO TX RX``; those of the others carry the bus's number: ``I2C0_SDA``, ``SPI1_MOSI``.

    Memory is bounded: only one transfer, and what waits on a slow UART, is held at a time.

    Synchronization: as `Recorder`.

    Args:
        descriptor: The file; it belongs to this object from now on.
        board: Names the signals.
        levels: The levels at first, by the chip's names of the pins.
        virtual: The circuit's clock is virtual: transfers take their time on it.
    """

    def __init__(
        self,
        descriptor: int,
        board: BoardDefinition,
        levels: Mapping[str, bool],
        *,
        virtual: bool,
    ) -> None:
        self._virtual = virtual
        self._signals: dict[str, int] = {}
        self._writer = VcdWriter(descriptor, self._named(board, levels))
        self._heap: list[tuple[int, int, int, bool, _Track, Wave]] = []
        self._order = 0
        self._bus = _Track(())
        self._bus_nominal_ns = 0
        self._serial: dict[tuple[int, str], _SerialLine] = {}
        self._pulsed: dict[str, _Track] = {}
        self._changed_ns: dict[int, int] = {}
        # The latest level is held back: an SPI clock may have to find its idle level before it.
        self._held: tuple[int, int, bool] | None = None

    def _named(
        self, board: BoardDefinition, levels: Mapping[str, bool]
    ) -> Iterator[tuple[str, bool]]:
        """Give each wire an index, and yield the names and first levels in that order."""
        rows = [(n, p.label, levels.get(n, False)) for n, p in board.pins.items()]
        for position, i2c in enumerate(board.i2c):
            rows += _lines("I2C", i2c.bus, position, waves.I2C_LINES, (True, True))
        for position, spi in enumerate(board.spi):
            rows += _lines("SPI", spi.bus, position, waves.SPI_LINES, (False, False, False))
        for position, uart in enumerate(board.uart):
            rows += _lines("UART", uart.port, position, waves.UART_LINES, (True, True))
        for index, (key, name, level) in enumerate(rows):
            self._signals[key] = index
            yield name, level

    def _bus_signals(self, kind: str, number: int, lines: tuple[str, ...]) -> list[int]:
        return [self._signals[f"{kind}{number}_{line}"] for line in lines]

    # What a Recorder hears.

    def level(self, time_ns: int, pin: str, level: bool) -> None:
        """See `Recorder.level`."""
        signal = self._signals[pin]
        stamp = max(self._free_at(time_ns), self._changed_ns.get(signal, -_GAP_NS) + _GAP_NS)
        self._let_go()
        stamp = max(stamp, self._writer.time_ns)
        self._changed_ns[signal] = stamp
        self._held = (stamp, signal, level)

    def pwm(self, time_ns: int, pin: str, frequency_hz: int, duty: int) -> None:
        """See `Recorder.pwm`."""
        start = max(self._free_at(time_ns), self._let_go())
        self._advance(start)
        old = self._pulsed.pop(pin, None)
        if old is not None:
            old.wave = None
        if frequency_hz:
            track = self._pulsed[pin] = _Track((self._signals[pin],))
            self._start(track, _some(waves.pulses(start, frequency_hz, duty)))

    def i2c(
        self,
        time_ns: int,
        bus: int,
        frequency_hz: int,
        address: int,
        messages: Sequence[I2cMessage],
    ) -> None:
        """See `Recorder.i2c`."""
        self._finish(self._bus)
        start = max(self._free_at(time_ns), self._let_go())
        self._bus.signals = self._bus_signals("I2C", bus, waves.I2C_LINES)
        wire_ns = waves.i2c_ns(frequency_hz, messages) if self._virtual else 0
        self._bus_nominal_ns = time_ns + wire_ns
        self._start(self._bus, waves.i2c(start, frequency_hz, address, messages))

    def spi(
        self, time_ns: int, bus: int, baudrate_hz: int, mode: int, mosi: bytes, miso: bytes
    ) -> None:
        """See `Recorder.spi`."""
        self._finish(self._bus)
        start = self._free_at(time_ns)
        signals = self._bus_signals("SPI", bus, waves.SPI_LINES)
        self._idle_clock(signals[waves.CLOCK], bool(mode & 2))
        start = max(start, self._let_go())
        self._bus.signals = signals
        wire_ns = waves.spi_ns(baudrate_hz, len(mosi)) if self._virtual else 0
        self._bus_nominal_ns = time_ns + wire_ns
        self._start(self._bus, waves.spi(start, baudrate_hz, mode, mosi, miso))

    def uart(
        self,
        time_ns: int,
        port: int,
        direction: Literal["tx", "rx"],
        baudrate: int,
        bits: int,
        parity: Parity,
        stop: int,
        data: bytes,
    ) -> None:
        """See `Recorder.uart`."""
        line = self._serial.get((port, direction))
        if line is None:
            signal = self._signals[f"UART{port}_{direction.upper()}"]
            line = self._serial[port, direction] = _SerialLine(signal)
        start = max(time_ns, self._let_go(), line.end_ns, _REST_NS)
        line.bursts.append((start, Frame(baudrate, bits, parity, stop), data))
        line.waiting += len(data)
        if line.wave is None:
            self._start(line, line.draw(start))
        if line.waiting > _UART_LIMIT:
            self._finish(line)

    # The file.

    def flush(self, now_ns: int) -> None:
        """Draw what is due by now and hand it to the kernel. For whenever the circuit is idle."""
        self._advance(max(now_ns, self._let_go()))
        self._writer.flush()

    def close(self, now_ns: int) -> None:
        """Draw the rest, up to now at least, and close the file. Closing again does nothing."""
        end = max(now_ns, self._let_go())
        self._finish(self._bus)
        for line in self._serial.values():
            self._finish(line)
        self._advance(max(end, self._writer.time_ns))
        self._writer.end(max(end, self._bus.end_ns, self._writer.time_ns) + _REST_NS)
        self._writer.close()

    # Drawing in order of time.

    def _free_at(self, time_ns: int) -> int:
        """Return when something that comes at a time may be drawn: after the transfer before it."""
        if self._bus.wave is not None and time_ns >= self._bus_nominal_ns:
            self._finish(self._bus)
        return max(time_ns, self._bus.end_ns if self._bus.wave is None else 0)

    def _idle_clock(self, signal: int, idle: bool) -> None:
        """Give a clock its idle level before the chip select that is held back falls."""
        if self._writer.level(signal) == idle:
            return
        if self._held is None:
            return
        stamp, pin, level = self._held
        self._advance(stamp - _GAP_NS)
        before = max(self._writer.time_ns, stamp - _GAP_NS)
        self._writer.change(before, signal, idle)
        self._held = (max(stamp, before + _GAP_NS), pin, level)

    def _let_go(self) -> int:
        """Draw the level that is held back; return the first time that is still free."""
        if self._held is not None:
            stamp, signal, level = self._held
            self._held = None
            self._advance(stamp)
            self._writer.change(stamp, signal, level)
        return self._writer.time_ns

    def _start(self, track: _Track, wave: Wave) -> None:
        track.wave = wave
        self._next(track, wave)

    def _next(self, track: _Track, wave: Wave) -> None:
        try:
            time_ns, line, level = next(wave)
        except StopIteration as stop:
            track.end_ns = stop.value
            track.wave = None
            return
        self._order += 1
        heappush(self._heap, (time_ns, self._order, line, level, track, wave))

    def _step(self) -> None:
        time_ns, _, line, level, track, wave = heappop(self._heap)
        if track.wave is wave:
            self._writer.change(time_ns, track.signals[line], level)
            self._next(track, wave)

    def _advance(self, time_ns: int) -> None:
        """Draw all that is due up to a time."""
        while self._heap and self._heap[0][0] <= time_ns:
            self._step()

    def _finish(self, track: _Track) -> None:
        """Draw on until a wave has come to its end."""
        while track.wave is not None:
            self._step()


def _lines(
    kind: str, number: int, position: int, names: tuple[str, ...], idle: tuple[bool, ...]
) -> list[tuple[str, str, bool]]:
    """Return key, name in the file and first level of each line of a bus."""
    rows = []
    for name, level in zip(names, idle, strict=True):
        key = f"{kind}{number}_{name}"
        rows.append((key, name if position == 0 else key, level))
    return rows


def _some(pulses: Wave) -> Wave:
    """Draw the first pulses of a wave without end."""
    for index, change in enumerate(pulses):
        yield change
        if index >= 2 * _PULSE_LIMIT:
            break
    return 0
