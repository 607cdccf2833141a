"""The kernel's drivers of a Raspberry Pi keep the contract of the ports at its header.

It runs in the emulated Raspberry Pi; `tests/lab/test_contract.py` starts it there and judges it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.contract.gpio import GpioContract
from tests.contract.hardware_watchdog import HardwareWatchdogContract
from tests.contract.i2c import I2cContract
from tests.contract.line_group import LineGroupContract
from tests.contract.pi_rig import HeaderRig
from tests.contract.pwm import PwmContract
from tests.contract.uart import UartContract

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.contract.rig import Rig


@pytest.fixture
def rig() -> Iterator[Rig]:
    """Return the board with the contract's parts."""
    rig = HeaderRig()
    yield rig
    rig.backend.close()


class TestGpio(GpioContract):
    """Lines."""


class TestLineGroup(LineGroupContract):
    """Lines together."""


class TestI2c(I2cContract):
    """I2C."""


class TestUart(UartContract):
    """UART."""


class TestPwm(PwmContract):
    """PWM."""


class TestHardwareWatchdog(HardwareWatchdogContract):
    """The kernel's own, softdog: QEMU's of the Raspberry Pi bites as soon as it is started."""
