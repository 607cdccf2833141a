"""The contract's parts in the emulated Raspberry Pi, seen from inside it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cpcompat.backends import linux
from cpcompat.board.definition import BoardDefinition
from cpcompat.board.files import table
from cpcompat.hal.gpio import Pull
from tests.contract.rig import Rig
from tests.lab.guest.gpio_sim import SimulatedChip
from tests.lab.guest.pins import Pins

if TYPE_CHECKING:
    from cpcompat.hal.backend import Backend
    from cpcompat.hal.hardware_watchdog import HardwareWatchdog

_WATCHDOGS = Path("/sys/class/watchdog")
_PWM = Path("/sys/class/pwm/pwmchip0/pwm0")
_PATIENCE_NS = 5_000_000_000
_MARGIN_NS = 300_000_000  # the wire and the UART's other end are programs outside the machine


class _PiRig(Rig):
    def __init__(self, says: dict[str, object]) -> None:
        self.board = BoardDefinition("raspberry_pi_3b", says)
        self.backend: Backend = linux.connect(self.board)

    def _line(self, pin: str) -> int:
        return self.pin(pin).id

    def set_volts(self, pin: str, volts: float) -> None:
        """See `Rig.set_volts`."""
        raise NotImplementedError("there is no converter")

    def pixels(self) -> bytes:
        """See `Rig.pixels`."""
        raise NotImplementedError("there are none")

    def dac(self, pin: str) -> int | None:
        """See `Rig.dac`."""
        raise NotImplementedError("there is no converter")


class HeaderRig(_PiRig):
    """The 40-pin header: QEMU's BCM2835 under the kernel's own drivers.

    QEMU has no pulls; at rest a pin keeps its last level. Its PWM makes no pulses: what is seen is what
    the kernel's driver was told.
    """

    def __init__(self) -> None:
        super().__init__(dict(table("raspberry_pi_3b")[0]))
        self._pins = Pins()

    def pass_ns(self, duration_ns: int) -> None:
        """See `Rig.pass_ns`."""
        super().pass_ns(duration_ns + _MARGIN_NS)

    def drive(self, pin: str, level: bool | None) -> None:
        """See `Rig.drive`."""
        if level is not None:
            self._pins.drive(self._line(pin), level)

    def level(self, pin: str) -> bool:
        """See `Rig.level`."""
        return self._pins.level(self._line(pin))

    def settle(self, pin: str, level: bool) -> None:
        """See `Rig.settle`."""
        deadline = self.backend.clock.now_ns() + _PATIENCE_NS
        while self.level(pin) is not level and self.backend.clock.now_ns() < deadline:
            self.backend.clock.sleep_ns(1_000_000)

    def watchdog(self, timeout_s: int) -> HardwareWatchdog:
        """See `Rig.watchdog`."""
        return linux.hardware_watchdog(f"/dev/{_softdog().name}", timeout_s)

    def watchdog_runs(self) -> bool:
        """See `Rig.watchdog_runs`."""
        return (_softdog() / "state").read_text().strip() == "active"

    def pwm(self, pin: str) -> tuple[int, int] | None:
        """See `Rig.pwm`."""
        assert pin == "D12"
        if not _PWM.exists() or (_PWM / "enable").read_text().strip() != "1":
            return None
        period_ns, duty_ns = (int((_PWM / name).read_text()) for name in ("period", "duty_cycle"))
        return round(1e9 / period_ns), round(duty_ns * 65535 / period_ns)


def _softdog() -> Path:
    """Return the kernel's folder of its own watchdog (drivers/watchdog/softdog.c)."""
    names = ((folder, (folder / "identity").read_text().strip()) for folder in _WATCHDOGS.iterdir())
    return next(folder for folder, name in names if name == "Software Watchdog")


class SimulatedChipRig(_PiRig):
    """A chip of the kernel's GPIO simulator in the header's place: it has pulls, and edges."""

    def __init__(self) -> None:
        self.chip = SimulatedChip("cpcompat-contract")
        says = dict(table("raspberry_pi_3b")[0])
        linux_says = dict(says["linux"])
        says["linux"] = {**linux_says, "gpiochips": ["cpcompat-contract"]}
        super().__init__(says)

    def drive(self, pin: str, level: bool | None) -> None:
        """See `Rig.drive`: a line that is let go is where the kernel's bias for it draws it."""
        if level is None:
            level = self._bias(pin) is Pull.UP
        self.chip.drive(self._line(pin), level)

    def _bias(self, pin: str) -> Pull:
        from tests.lab.guest.line_info import bias

        return bias(f"/dev/{self.chip.name}", self._line(pin))

    def level(self, pin: str) -> bool:
        """See `Rig.level`."""
        return self.chip.level(self._line(pin))

    def pwm(self, pin: str) -> tuple[int, int] | None:
        """See `Rig.pwm`."""
        raise NotImplementedError("lines only")

    def close(self) -> None:
        """Take the chip out."""
        self.backend.close()
        self.chip.close()
