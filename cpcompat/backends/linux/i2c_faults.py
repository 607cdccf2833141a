"""What can go wrong on an I2C bus, and how to get out of it.

Error numbers: the kernel's ``Documentation/i2c/fault-codes.rst``.
"""

from __future__ import annotations

import errno
import os
import time

from cpcompat.backends.linux.errors import hal_error
from cpcompat.hal.errors import Fault, HalError

TYPE_CHECKING = False  # not typing's: that import costs more than this package
if TYPE_CHECKING:
    from collections.abc import Callable

    from cpcompat.backends.linux.bus_lock import BusLock

_DEVICES = "/sys/bus/i2c/devices"
_LONGEST = 8192
# A scan takes ten milliseconds, and a program may try again and again.
_SCAN_AGAIN_S = 5.0
_NAKS = frozenset((errno.EREMOTEIO, errno.ENXIO, errno.EIO))
_REFUSES_EMPTY = frozenset((errno.EOPNOTSUPP, errno.EINVAL))
_HALF = "The transfer ended half way: fewer messages passed than were asked for."
_ROWS = {
    errno.ETIMEDOUT: (Fault.TIMEOUT, None),
    errno.EAGAIN: (
        Fault.ARBITRATION_LOST,
        "Another controller used the bus, or noise looked like one. Try again; short wires and"
        " stronger pull-up resistors help.",
    ),
    errno.EBUSY: (Fault.TIMEOUT, None),
    errno.EPROTO: (Fault.BROKEN, "The part broke the rules of the bus."),
    errno.EOPNOTSUPP: (Fault.UNSUPPORTED, "This bus's adapter cannot make such a transfer."),
}


def driver_at(bus: int, address: int) -> str | None:
    """Return the kernel's driver that has an address, or None.

    I2C_RDWR does not refuse such an address, as I2C_SLAVE does: two would use one part.
    """
    try:
        link = os.readlink(f"{_DEVICES}/{bus}-{address:04x}/driver")  # noqa: PTH115
    except OSError:
        return None
    return link.rpartition("/")[2]


def clock_hz(bus: int) -> int | None:
    """Return the clock that the device tree gives a bus, or None where it does not say."""
    try:
        with open(f"{_DEVICES}/i2c-{bus}/of_node/clock-frequency", "rb") as file:
            return int.from_bytes(file.read(4), "big") or None
    except OSError:
        return None


def adapter(bus: int) -> str:
    """Return what the driver calls the bus's adapter, "" where it does not say."""
    try:
        with open(f"{_DEVICES}/i2c-{bus}/name", encoding="utf-8", errors="replace") as file:
            return file.read().strip()
    except OSError:
        return ""


def asked_for(bus: int, frequency_hz: int) -> None:
    """Say in the log where a bus runs with quite another clock than a program asks for."""
    real_hz = clock_hz(bus)
    if real_hz is None or frequency_hz * 3 <= real_hz * 4 <= frequency_hz * 5:
        return
    from logging import getLogger

    getLogger(__name__).warning(
        "i2c%d runs at %d Hz, not at %d: its configuration decides. On a Raspberry Pi:"
        " dtparam=i2c_arm_baudrate=%d in config.txt",
        bus,
        real_hz,
        frequency_hz,
        frequency_hz,
    )


class Faults:
    """Checks the addresses of one bus, and makes faults of the kernel's errors.

    Args:
        bus: Its number.
        probe: Returns None where somebody answers at an address, else the error.
        lock: The bus's lock.

    Attributes:
        bus: Its number.
        lock: The bus's lock.
    """

    __slots__ = ("_checked", "_found", "_probe", "_scanned_s", "bus", "lock")

    def __init__(self, bus: int, probe: Callable[[int], OSError | None], lock: BusLock) -> None:
        self.bus = bus
        self.lock = lock
        self._probe = probe
        self._checked: set[int] = set()
        self._found: list[int] = []
        self._scanned_s: float | None = None

    def where(self, address: int) -> str:
        """Return how messages name an address."""
        return f"i2c{self.bus} address 0x{address:02x}"

    def check(self, address: int, length: int) -> None:
        """See that a transfer can be made.

        Raises:
            HalError: BUSY where a driver of the kernel has the part, UNSUPPORTED for one too long.
        """
        if length > _LONGEST:
            cure = f"The kernel passes at most {_LONGEST} bytes a message: make several transfers."
            raise HalError(Fault.UNSUPPORTED, f"{length} bytes to {self.where(address)}", cure)
        if address in self._checked:
            return
        driver = driver_at(self.bus, address)
        if driver is not None:
            raise self.bound(address, driver)
        self._checked.add(address)

    def bound(self, address: int, driver: str) -> HalError:
        """Return the fault for a part that a driver of the kernel has."""
        cure = (
            f"The kernel's driver «{driver}» has this part. Read it through the driver, or take"
            " the driver away: remove its dtoverlay from config.txt, or «echo"
            f" {self.bus}-{address:04x} | sudo tee /sys/bus/i2c/drivers/{driver}/unbind»."
        )
        return HalError(Fault.BUSY, self.where(address), cure)

    def refuses_empty(self, error: OSError) -> bool:
        """Return whether the adapter cannot address a part without data."""
        return error.errno in _REFUSES_EMPTY

    def short(self, address: int) -> HalError:
        """Return the fault for a transfer that ended half way."""
        return HalError(Fault.BROKEN, self.where(address), _HALF)

    def nobody(self, error: OSError, address: int) -> HalError:
        """Return the fault for a probe that failed; what is on the bus is not looked up for it."""
        if error.errno in _NAKS:
            return HalError(Fault.NO_ACK, self.where(address))
        return self.made(error, address)

    def made(self, error: OSError, address: int) -> HalError:
        """Return the fault that an error of a transfer is."""
        where = self.where(address)
        if error.errno in _NAKS:
            return HalError(Fault.NO_ACK, where, self._others(address))
        if error.errno in (errno.ETIMEDOUT, errno.EBUSY):
            return hal_error(error, where, rows=_ROWS, cure=self._stuck())
        return hal_error(error, where, f"/dev/i2c-{self.bus}", _ROWS)

    def _stuck(self) -> str:
        said = (
            "The data or the clock line is held low, or a part stretches the clock for too long."
            " Switch the parts' power off and on, and see that both lines have pull-up resistors."
        )
        if "bcm2835" not in adapter(self.bus):
            return said
        return (
            f"{said} This controller copes badly with clock stretching: make the bus slower with"
            " dtparam=i2c_arm_baudrate=10000 in config.txt, or use dtoverlay=i2c-gpio."
        )

    def _others(self, address: int) -> str:
        """Say who does answer."""
        now_s = time.monotonic()
        if self._scanned_s is None or now_s - self._scanned_s > _SCAN_AGAIN_S:
            self._found = [at for at in range(0x08, 0x78) if self._is_there(at)]
            self._scanned_s = now_s
        said = f"No device at 0x{address:02x} on i2c-{self.bus}"
        if address in self._found:
            return (
                f"There is a device at 0x{address:02x} on i2c-{self.bus}, and it refused this"
                " transfer: it may be busy, or not know the command."
            )
        if not self._found:
            return f"{said}, nor anywhere on that bus: are power, ground, SDA and SCL connected?"
        return f"{said} (found: {', '.join(f'0x{at:02x}' for at in self._found)})."

    def _is_there(self, address: int) -> bool:
        return driver_at(self.bus, address) is not None or self._probe(address) is None
