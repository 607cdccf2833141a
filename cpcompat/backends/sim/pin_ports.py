"""The pins of a circuit as a program uses them: levels, edges, pulses, voltages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cpcompat.backends.sim.edge_queue import EdgeQueue
from cpcompat.backends.sim.nets import INPUT, OPEN_DRAIN, PUSH_PULL
from cpcompat.hal.errors import Fault, HalError
from cpcompat.hal.gpio import Direction, Drive, Pull

if TYPE_CHECKING:
    from cpcompat.backends.sim.circuit import Circuit
    from cpcompat.backends.sim.nets import Terminal
    from cpcompat.hal.buffers import ReadableBuffer
    from cpcompat.hal.edges import Edge
    from cpcompat.hal.pin import Pin

PULLS = {Pull.NONE: 0, Pull.UP: 1, Pull.DOWN: -1}
"""The circuit's numbers for a pin's resistor."""

_PIXEL_BIT_NS, _PIXEL_PAUSE_NS = 1250, 300_000

MOST_PWM_HZ = 100_000_000


class SimLine:
    """One pin of the circuit as a `cpcompat.hal.gpio.Line`."""

    __slots__ = ("_circuit", "_terminal")

    def __init__(self, circuit: Circuit, terminal: Terminal) -> None:
        self._circuit = circuit
        self._terminal = terminal

    def configure(self, direction: Direction, pull: Pull, drive: Drive, value: bool) -> None:
        """See `Line.configure`."""
        mode = PUSH_PULL if drive is Drive.PUSH_PULL else OPEN_DRAIN
        if direction is Direction.INPUT:
            mode = INPUT
        self._circuit.configure(self._terminal, mode, PULLS[pull], value)

    def read(self) -> bool:
        """See `Line.read`."""
        return self._circuit.level(self._terminal)

    def write(self, value: bool) -> None:
        """See `Line.write`."""
        terminal = self._terminal
        if not terminal.mode:
            raise HalError(Fault.WRONG_DIRECTION, terminal.name)
        self._circuit.write(terminal, value)

    def close(self) -> None:
        """See `Line.close`."""
        self._circuit.rest(self._terminal)


class SimEdges:
    """The edges at one pin of the circuit as a `cpcompat.hal.edges.EdgeSource`."""

    def __init__(
        self, circuit: Circuit, pin: Pin, pull: Pull, rising: bool, falling: bool, debounce_ns: int
    ) -> None:
        self._circuit = circuit
        self._terminal = circuit.terminal(pin)
        self._pull = PULLS[pull]
        circuit.configure(self._terminal, INPUT, self._pull)
        self._queue = EdgeQueue(circuit, pin, rising, falling, debounce_ns)
        self._closed = False

    def read(self, limit: int) -> list[Edge]:
        """See `EdgeSource.read`."""
        return self._queue.read(limit)

    def hold(self, most: int) -> None:
        """See `EdgeSource.hold`."""
        self._queue.hold(most)

    def level(self) -> bool:
        """See `EdgeSource.level`."""
        return self._circuit.level(self._terminal)

    def drive(self, level: bool) -> None:
        """See `EdgeSource.drive`."""
        self._queue.pause()
        self._circuit.configure(self._terminal, PUSH_PULL, value=level)

    def watch(self) -> None:
        """See `EdgeSource.watch`."""
        self._circuit.configure(self._terminal, INPUT, self._pull)
        self._queue.go_on()

    def close(self) -> None:
        """See `EdgeSource.close`."""
        if not self._closed:
            self._closed = True
            self._queue.close()
            self._circuit.configure(self._terminal, INPUT)


class SimPwm:
    """A pulsed pin of the circuit as a `cpcompat.hal.pwm.PwmOutput`."""

    def __init__(self, circuit: Circuit, terminal: Terminal) -> None:
        self._circuit = circuit
        self._terminal = terminal
        circuit.configure(terminal, PUSH_PULL)

    def set(self, frequency_hz: int, duty: int) -> None:
        """See `PwmOutput.set`."""
        if not 1 <= frequency_hz <= MOST_PWM_HZ:
            where = f"{frequency_hz} Hz on {self._terminal.name}"
            raise HalError(Fault.UNSUPPORTED, where, f"Use 1 to {MOST_PWM_HZ} Hz.")
        self._circuit.pulse(self._terminal, frequency_hz, duty)

    def close(self) -> None:
        """See `PwmOutput.close`."""
        self._circuit.configure(self._terminal, INPUT)


class SimAnalogInput:
    """An analog pin of the circuit as a `cpcompat.hal.analog.AnalogInput`."""

    def __init__(self, circuit: Circuit, pin: Pin) -> None:
        self._circuit = circuit
        self._pin = pin
        self.reference_v = circuit.board.analog_reference_v

    def read(self) -> int:
        """See `AnalogInput.read`."""
        return self._circuit.analog(self._pin)

    def close(self) -> None:
        """See `AnalogInput.close`."""


class SimAnalogOutput:
    """An analog pin of the circuit as a `cpcompat.hal.analog.AnalogOutput`."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        terminal.dac = 0

    def write(self, value: int) -> None:
        """See `AnalogOutput.write`."""
        self._terminal.dac = value

    def close(self) -> None:
        """See `AnalogOutput.close`."""
        self._terminal.dac = None


class SimPixels:
    """A line to pixels of the circuit as a `cpcompat.hal.pixels.PixelOutput`."""

    def __init__(self, circuit: Circuit, pin: Pin) -> None:
        self._circuit = circuit
        self._pin = pin

    def write(self, data: ReadableBuffer) -> None:
        """See `PixelOutput.write`."""
        self._circuit.send_pixels(self._pin, bytes(data))
        self._circuit.clock.sleep_ns(len(data) * 8 * _PIXEL_BIT_NS + _PIXEL_PAUSE_NS)

    def close(self) -> None:
        """See `PixelOutput.close`."""
