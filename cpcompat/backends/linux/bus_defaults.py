"""What programs leave changed at buses and PWM channels, and how it is brought back.

Measured on an emulated Raspberry Pi 3B: the SPI mode belongs to the device and survives every close, so
does an adapter's time limit; what I2C_SLAVE sets belongs to the open node alone.
"""

from __future__ import annotations

import logging
import os
from fcntl import ioctl
from struct import Struct
from typing import TYPE_CHECKING

from cpcompat.backends.linux import pwm, safing

if TYPE_CHECKING:
    from cpcompat.backends.linux.facts import Port

_log = logging.getLogger(__name__)

_SPI_WRITE_MODE = 0x4004_6B05
"""SPI_IOC_WR_MODE32 of linux/spi/spidev.h."""
_I2C_TIMEOUT = 0x0702
_USUAL_TIMEOUT = 100
"""In steps of 10 ms: what the kernel gives an adapter that does not say (i2c_register_adapter)."""
_MODE_0 = Struct("=I").pack(0)


class Buses:
    """What programs have had opened since the last one ended."""

    def __init__(self) -> None:
        self._paths: set[str] = set()

    def opened(self, path: str) -> None:
        """Note a node that a program has."""
        self._paths.add(path)

    def restore(self) -> None:
        """Bring everything back; on descriptions of this process's own."""
        paths, self._paths = self._paths, set()
        for path in sorted(paths):
            if path.endswith("/enable"):
                safing.switch_off(path)
            elif path.startswith("/dev/pwmchip"):
                _stop_pulses(path)
            elif path.startswith(("/dev/spidev", "/dev/i2c-")):
                _restore(path)


def _stop_pulses(path: str) -> None:
    """Switch every channel of a PWM chip off: the kernel lets them run when a node is closed."""
    try:
        with open(f"/sys/class/pwm/{path.rpartition('/')[2]}/npwm", encoding="ascii") as file:
            channels = int(file.read())
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        _log.warning("the pulses of %s are not stopped: %s", path, error)
        return
    for channel in range(channels):
        try:
            pwm.switch_off(descriptor, channel)
        except OSError as error:
            # BUSY: a program that was started by hand has that channel.
            _log.info("channel %d of %s goes on: %s", channel, path, error)
    os.close(descriptor)


def _restore(path: str) -> None:
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except OSError as error:
        _log.warning("%s is not brought back: %s", path, error)
        return
    try:
        if path.startswith("/dev/spidev"):
            ioctl(descriptor, _SPI_WRITE_MODE, bytearray(_MODE_0))
        else:
            ioctl(descriptor, _I2C_TIMEOUT, _USUAL_TIMEOUT)
    except OSError as error:
        _log.warning("%s is not brought back: %s", path, error)
    finally:
        os.close(descriptor)


def ports(path: str) -> dict[str, Port]:
    """Return the device tree's serial ports, for a path that may be one of them."""
    if not path.startswith("/dev/tty"):
        return {}
    from cpcompat.backends.linux import facts

    return dict(facts.read(facts.ThisComputer()).ports)
