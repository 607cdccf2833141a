"""What the broker hands over keeps the contract of every port: `linux` under a supervisor, over the shim."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cpcompat.backends import linux
from tests.contract.analog import AnalogContract
from tests.contract.edges import EdgesContract
from tests.contract.gpio import GpioContract
from tests.contract.i2c import I2cContract
from tests.contract.line_group import LineGroupContract
from tests.contract.pixels import PixelsContract
from tests.contract.pwm import PwmContract
from tests.contract.shim_rig import ShimRig
from tests.contract.spi import SpiContract
from tests.contract.uart import UartContract
from tests.fakes.launching import Launcher

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cpcompat.board.definition import BoardDefinition
    from cpcompat.hal.backend import Backend
    from tests.contract.rig import Rig
    from tests.shim.world import World

pytestmark = pytest.mark.shim


@pytest.fixture
def rig(world: World, tmp_path: Path) -> Iterator[Rig]:
    """Return a new board with the contract's parts, reached through a broker's process."""
    launcher = Launcher()
    brokers = []

    def connect(board: BoardDefinition) -> Backend:
        broker = linux.broker(board, {"drive": "/d", "folder": str(tmp_path)}, launcher)
        brokers.append(broker)
        return linux.attach(board, *broker.grant())

    rig = ShimRig(world, connect)
    yield rig
    rig.backend.close()
    for broker in brokers:
        broker.close()
    launcher.close()


@pytest.mark.feature("digitalio")
class TestGpio(GpioContract):
    """Lines."""


@pytest.mark.feature("keypad")
class TestLineGroup(LineGroupContract):
    """Lines together."""


@pytest.mark.feature("digitalio")
class TestEdges(EdgesContract):
    """Edges."""


@pytest.mark.feature("busio")
class TestI2c(I2cContract):
    """I2C."""


@pytest.mark.feature("busio")
class TestSpi(SpiContract):
    """SPI."""


@pytest.mark.feature("busio")
class TestUart(UartContract):
    """UART."""


@pytest.mark.feature("pwmio")
class TestPwm(PwmContract):
    """PWM."""


@pytest.mark.feature("analogio")
class TestAnalog(AnalogContract):
    """Converters."""


@pytest.mark.feature("neopixel_write")
class TestPixels(PixelsContract):
    """Pixels."""
