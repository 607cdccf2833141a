"""The contract's parts around an emulated Raspberry Pi 4, for whatever way leads to its kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cpcompat.backends import linux
from cpcompat.board.definition import BoardDefinition
from cpcompat.board.files import table
from tests.contract.rig import Rig

if TYPE_CHECKING:
    from collections.abc import Callable

    from cpcompat.hal.backend import Backend
    from cpcompat.hal.hardware_watchdog import HardwareWatchdog
    from tests.shim.world import World


def board() -> BoardDefinition:
    """Return a Raspberry Pi 4 with converters on two of its pins, which it does not have itself."""
    says = dict(table("raspberry_pi_4b")[0])
    says["names"] = {**says["names"], "A0": "GPIO26", "A1": "GPIO19"}
    says["analog"] = {"inputs": ["GPIO19"], "outputs": ["GPIO26"], "reference_v": 3.3}
    says["linux"] = {
        **says["linux"],
        "analog": {
            "GPIO19": {"device": "mcp3208", "channel": 1},
            "GPIO26": {"device": "ad5693r", "channel": 0},
        },
    }
    return BoardDefinition("raspberry_pi_4b", says)


def wire_up(world: World) -> None:
    """Build what `Rig` says around a Raspberry Pi 4."""
    world.add_i2c(1)
    world.add_part(1, 0x50, counts=True)
    world.add_part(1, 0x51, takes=2)
    world.add_spi(0, 0, part="complement", line="D5", max_hz=20_000_000)
    world.add_uart("ttyS0", "/soc/serial@7e215040", "serial0", echo_baud=9600)
    world.add_pwm("fe20c000.pwm", 2, (12, 13))
    world.add_iio("mcp3208", inputs=2)
    world.add_iio("ad5693r", outputs=1)
    world.add_watchdog()
    world.wire("D20", "D21")


class ShimRig(Rig):
    """A board whose kernel is emulated.

    Args:
        world: An emulated Raspberry Pi 4.
        connect: The way to it, from the board.
    """

    def __init__(self, world: World, connect: Callable[[BoardDefinition], Backend]) -> None:
        self.world = world
        wire_up(world)
        self.board = board()
        self.backend = connect(self.board)

    def drive(self, pin: str, level: bool | None) -> None:
        """See `Rig.drive`."""
        self.world.drive(pin, level)

    def level(self, pin: str) -> bool:
        """See `Rig.level`."""
        return self.world.pulsed_level(pin)

    def set_volts(self, pin: str, volts: float) -> None:
        """See `Rig.set_volts`."""
        assert pin == "A1"
        self.world.set_volts(0, 1, volts)

    def dac(self, pin: str) -> int | None:
        """See `Rig.dac`."""
        assert pin == "A0"
        return self.world.dac(1, 0)

    def pwm(self, pin: str) -> tuple[int, int] | None:
        """See `Rig.pwm`."""
        pulses = self.world.pulses(pin)
        if pulses is None:
            return None
        period_ns, duty_ns = int(pulses.period_ns), int(pulses.duty_ns)
        return round(1e9 / period_ns), round(duty_ns * 65535 / period_ns)

    def pixels(self) -> bytes:
        """See `Rig.pixels`: the bits are read off the pulses, four of the bus's each."""
        sent = next(call for call in reversed(self.world.calls()) if call.op == "spi_write")
        assert sent.a == 3_200_000
        count = (sent.result - 124) // 4
        assert sent.data[:4] == bytes(4)
        digits = sent.data[4:].hex()[: 8 * count]
        bits = digits.translate(str.maketrans("8c", "01"))
        return int(bits, 2).to_bytes(count, "big")

    def watchdog(self, timeout_s: int) -> HardwareWatchdog:
        """See `Rig.watchdog`."""
        return linux.hardware_watchdog("/dev/watchdog0", timeout_s)

    def watchdog_runs(self) -> bool:
        """See `Rig.watchdog_runs`."""
        return self.world.watchdog_runs()
