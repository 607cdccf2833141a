"""The simulated board in the process keeps the contract of every port, on virtual time."""

from __future__ import annotations

import pytest

from cpcompat.backends.sim.backend import SimBackend
from cpcompat.backends.sim.circuit import Circuit
from cpcompat.backends.sim.circuit_file import load
from cpcompat.backends.sim.clock import VirtualClock
from cpcompat.board.detect import definition
from tests.contract.analog import AnalogContract
from tests.contract.edges import EdgesContract
from tests.contract.gpio import GpioContract
from tests.contract.i2c import I2cContract
from tests.contract.line_group import LineGroupContract
from tests.contract.pixels import PixelsContract
from tests.contract.pwm import PwmContract
from tests.contract.rig import CIRCUIT, Rig
from tests.contract.spi import SpiContract
from tests.contract.uart import UartContract

pytestmark = [pytest.mark.feature("sim board"), pytest.mark.simulated]


class CircuitRig(Rig):
    """A circuit in this process."""

    def __init__(self) -> None:
        self.circuit = Circuit(definition("sim"), VirtualClock())
        load(self.circuit, CIRCUIT)
        self.board = self.circuit.board
        self.backend = SimBackend(self.circuit)

    def drive(self, pin: str, level: bool | None) -> None:
        """See `Rig.drive`."""
        self.circuit.drive(pin, level)

    def level(self, pin: str) -> bool:
        """See `Rig.level`."""
        return self.circuit.level(pin)

    def set_volts(self, pin: str, volts: float) -> None:
        """See `Rig.set_volts`."""
        self.circuit.set_volts(pin, volts)

    def dac(self, pin: str) -> int | None:
        """See `Rig.dac`."""
        return self.circuit.dac(pin)

    def pwm(self, pin: str) -> tuple[int, int] | None:
        """See `Rig.pwm`."""
        return self.circuit.pwm(pin)

    def pixels(self) -> bytes:
        """See `Rig.pixels`."""
        return bytes.fromhex(self.circuit.parts["Pixels"].part.seen)  # type: ignore[attr-defined]


@pytest.fixture
def rig() -> Rig:
    """Return a new circuit with the contract's parts."""
    return CircuitRig()


class TestGpio(GpioContract):
    """Lines."""


class TestLineGroup(LineGroupContract):
    """Lines together."""


class TestEdges(EdgesContract):
    """Edges."""


class TestI2c(I2cContract):
    """I2C."""


class TestSpi(SpiContract):
    """SPI."""


class TestUart(UartContract):
    """UART."""


class TestPwm(PwmContract):
    """PWM."""


class TestAnalog(AnalogContract):
    """Converters."""


class TestPixels(PixelsContract):
    """Pixels."""
