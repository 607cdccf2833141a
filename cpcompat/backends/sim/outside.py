"""The outside world's hand on a circuit: buttons, levels, voltages, and a look at the outputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cpcompat.backends.sim.nets import PUSH_PULL
from cpcompat.backends.sim.wiring import Wiring
from cpcompat.errors import CircuitError
from cpcompat.hal.gpio import Pull

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from cpcompat.hal.pin import Pin

_PULLS = {Pull.NONE: 0, Pull.UP: 1, Pull.DOWN: -1}

OUTSIDE = "the outside world"
BUTTON = "a button"
TRACE = "the input trace"


class Outside(Wiring):
    """What happens to a board from outside, and what one sees of it there.

    Attributes:
        cpu_temperature_c: What the chip's own sensor says, in degrees Celsius.
        cpu_voltage_v: What it says of its supply, in volts; None for a chip that cannot tell.
    """

    cpu_temperature_c: float = 25.0
    cpu_voltage_v: float | None = None

    def drive(self, pin: str | Pin, level: bool | None, by: str = OUTSIDE) -> None:
        """Drive a pin from outside the board, or let it go.

        Args:
            pin: The pin.
            level: The level; None lets go.
            by: Who does it; each name is a driver of its own.
        """
        self.advance()
        with self.lock:
            terminal = self.terminal(pin)
            if level is None:
                terminal.drivers.pop(by, None)
            else:
                terminal.drivers[by] = bool(level)
            self._rewired(terminal.net)

    def press(self, pin: str | Pin, to: bool = False) -> None:
        """Press a button that joins a pin to ground, or to the supply with ``to=True``."""
        self.drive(pin, to, BUTTON)

    def release(self, pin: str | Pin) -> None:
        """Let the button at a pin go."""
        self.drive(pin, None, BUTTON)

    def pull(self, pin: str | Pin, pull: Pull) -> None:
        """Solder a resistor to a pin; it is stronger than the one inside the chip."""
        with self.lock:
            terminal = self.terminal(pin)
            terminal.resistor = _PULLS[pull]
            self._rewired(terminal.net)

    def input_trace(self, trace: Mapping[str, Iterable[tuple[int, bool | None]]]) -> None:
        """Play levels on pins.

        Args:
            trace: For each pin, times on the circuit's clock in nanoseconds, and levels; None
                lets the pin go.
        """
        for pin in trace:
            self.terminal(pin)
        for pin, steps in trace.items():
            for time_ns, level in steps:
                self.at(time_ns, self._step(pin, level))

    def _step(self, pin: str, level: bool | None) -> Callable[[], None]:
        return lambda: self.drive(pin, level, TRACE)

    def set_volts(self, pin: str | Pin, volts: float | None) -> None:
        """Put a voltage on a pin by way of a weak source; None takes it away.

        A digital input there reads high from half the reference on, unless somebody drives it.
        """
        with self.lock:
            terminal = self.terminal(pin)
            terminal.volts = volts
            if volts is None:
                terminal.resistor = 0
            else:
                half = self.board.analog_reference_v / 2
                terminal.resistor = 1 if volts >= half else -1
            self._rewired(terminal.net)

    def set_analog(self, pin: str | Pin, value: int) -> None:
        """Put a part of the reference voltage on a pin: 0 to 65535."""
        if not 0 <= value <= 65535:
            raise CircuitError(f"analog value {value!r} is not from 0 to 65535")
        self.set_volts(pin, value * self.board.analog_reference_v / 65535)

    def analog(self, pin: str | Pin) -> int:
        """Return what a converter reads at a pin, 0 to 65535.

        The board's own converter to analog comes first, then a voltage from outside, then the
        level that somebody drives; a pin that nobody drives reads 0.
        """
        self.advance()
        net = self.terminal(pin).net
        for terminal in net.terminals:
            if terminal.dac is not None:
                return terminal.dac
        for terminal in net.terminals:
            if terminal.volts is not None:
                ratio = terminal.volts / self.board.analog_reference_v
                return min(max(round(ratio * 65535), 0), 65535)
        driven = any(
            t.drivers or t.resistor or t.pull or t.mode == PUSH_PULL for t in net.terminals
        )
        return 65535 if driven and self.level(pin) else 0

    def dac(self, pin: str | Pin) -> int | None:
        """Return what the board's converter makes at a pin, 0 to 65535, or None while it is off."""
        return self.terminal(pin).dac
