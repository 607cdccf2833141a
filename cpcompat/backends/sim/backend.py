"""A program's way to a circuit in its own process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cpcompat.backends.sim.bus_ports import SimI2c, SimSpi, SimUart
from cpcompat.backends.sim.pin_ports import (
    SimAnalogInput,
    SimAnalogOutput,
    SimEdges,
    SimLine,
    SimPixels,
    SimPwm,
)
from cpcompat.hal.errors import Fault, HalError

if TYPE_CHECKING:
    from cpcompat.backends.sim.circuit import Circuit
    from cpcompat.board.definition import I2cPins, SpiPins, UartPins
    from cpcompat.hal.gpio import Pull
    from cpcompat.hal.pin import Pin


class SimBackend:
    """The `cpcompat.hal.backend.Backend` over a circuit in this process.

    Args:
        circuit: The circuit; it goes on when the backend is closed.

    Attributes:
        circuit: The circuit.
        clock: Its time.
    """

    def __init__(self, circuit: Circuit) -> None:
        self.circuit = circuit
        self.clock = circuit.clock
        self._closed = False

    def _open(self) -> Circuit:
        if self._closed:
            raise HalError(Fault.GONE, "the simulated board", "Connect to it anew.")
        return self.circuit

    def line(self, pin: Pin) -> SimLine:
        """See `Backend.line`."""
        return SimLine(self._open(), self._open().terminal(pin))

    def edges(
        self, pin: Pin, pull: Pull, rising: bool, falling: bool, debounce_ns: int
    ) -> SimEdges:
        """See `Backend.edges`."""
        return SimEdges(self._open(), pin, pull, rising, falling, debounce_ns)

    def i2c(self, pins: I2cPins, frequency_hz: int) -> SimI2c:
        """See `Backend.i2c`."""
        wire = self._open().i2cs.get(pins.bus)
        if wire is None:
            raise HalError(Fault.ABSENT, f"i2c{pins.bus}")
        return SimI2c(wire, frequency_hz)

    def spi(self, pins: SpiPins) -> SimSpi:
        """See `Backend.spi`."""
        wire = self._open().spis.get(pins.bus)
        if wire is None:
            raise HalError(Fault.ABSENT, f"spi{pins.bus}")
        return SimSpi(self.circuit, wire, pins)

    def uart(self, pins: UartPins) -> SimUart:
        """See `Backend.uart`."""
        wire = self._open().uarts.get(pins.port)
        if wire is None:
            raise HalError(Fault.ABSENT, f"uart{pins.port}")
        return SimUart(self.circuit, wire)

    def pwm(self, pin: Pin) -> SimPwm:
        """See `Backend.pwm`."""
        self._has(pin, self._open().board.pwm, "PWM")
        return SimPwm(self.circuit, self.circuit.terminal(pin))

    def pixels(self, pin: Pin) -> SimPixels:
        """See `Backend.pixels`: any pin can."""
        return SimPixels(self._open(), pin)

    def analog_input(self, pin: Pin) -> SimAnalogInput:
        """See `Backend.analog_input`."""
        self._has(pin, self._open().board.analog_inputs, "analog input")
        return SimAnalogInput(self.circuit, pin)

    def analog_output(self, pin: Pin) -> SimAnalogOutput:
        """See `Backend.analog_output`."""
        self._has(pin, self._open().board.analog_outputs, "analog output")
        return SimAnalogOutput(self.circuit.terminal(pin))

    def _has(self, pin: Pin, pins: tuple[Pin, ...], what: str) -> None:
        if pin not in pins:
            legal = ", ".join(p.label for p in pins) or "none"
            raise HalError(Fault.ABSENT, f"{what} on {pin.label}", f"The board has it on: {legal}.")

    def cpu_temperature_c(self) -> float | None:
        """See `Backend.cpu_temperature_c`."""
        return self._open().cpu_temperature_c

    def cpu_voltage_v(self) -> float | None:
        """See `Backend`: what the circuit says."""
        return self._open().cpu_voltage_v

    def uid(self) -> bytes:
        """See `Backend.uid`; every simulated board is the same one."""
        return b"cpcmpsim"

    def close(self) -> None:
        """See `Backend.close`: the board's side goes to its reset state."""
        if not self._closed:
            self._closed = True
            self.circuit.reset_board()
