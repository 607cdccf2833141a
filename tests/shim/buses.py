"""The buses, converters and serial ports of a world."""

from __future__ import annotations

import ctypes
import errno
from typing import TYPE_CHECKING

from tests.shim.building import EXPORT, KIND, UNEXPORT, Building
from tests.shim.peer import Peer

if TYPE_CHECKING:
    from pathlib import Path

I2C_FUNC_I2C, I2C_FUNC_SMBUS_EMUL = 0x1, 0x0EFF0008
# linux/spi/spi.h. What spi-bcm2835 takes: CPHA, CPOL, CS_HIGH, 3WIRE and NO_CS.
SPI_MODES, SPI_NO_CS = 0x01 | 0x02 | 0x04 | 0x10, 0x40
_SPI_PARTS = {None: 0, "loop": 1, "complement": 2}


class Part:
    """A part on an I2C bus: memory behind a pointer. Index it to see or set its bytes."""

    def __init__(self, shim: ctypes.CDLL, number: int) -> None:
        self._shim = shim
        self._number = number

    def read(self, at: int, length: int) -> bytes:
        """Return bytes of its memory."""
        data = (ctypes.c_uint8 * length)()
        self._shim.cpshim_part_io(self._number, at, data, length, 0)
        return bytes(data)

    def write(self, at: int, data: bytes) -> None:
        """Put bytes into its memory."""
        block = (ctypes.c_uint8 * len(data))(*data)
        self._shim.cpshim_part_io(self._number, at, block, len(data), 1)

    def remove(self) -> None:
        """Unplug it."""
        self._shim.cpshim_part_remove(self._number)


class Buses(Building):
    """A world's devices; `tests.shim.world.World` adds the hand.

    Args:
        folder: A folder of its own; it must not exist yet.

    Attributes:
        peers: What is at the other end of its UARTs.
        parts: The parts on its I2C buses, by their addresses.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.peers: list[Peer] = []
        self.parts: dict[int, Part] = {}

    def add_header(self) -> None:
        """Add what the 40-pin header of the board has with all interfaces on: I2C, SPI, UART, PWM."""
        assert self.model is not None, "a world without a board has no header"
        self.add_i2c(1)
        for select, line in ((0, 8), (1, 7)):
            self.add_spi(0, select)
            self.set_line(line, f"GPIO{line}", f"spi0 CS{select}", pull="up")
        self.add_uart(self.model.uart[0], self.model.uart[1], "serial0", echo_baud=9600)
        if self.model.bluetooth is not None:
            self.add_uart(*self.model.bluetooth, "serial1", bluetooth=True)
        self.add_pwm(*self.model.pwm, self.model.pwm_lines)

    def add_i2c(
        self,
        number: int,
        *,
        funcs: int = I2C_FUNC_I2C | I2C_FUNC_SMBUS_EMUL,
        nak: int = errno.EREMOTEIO,
        name: str = "bcm2835 (i2c@7e804000)",
    ) -> int:
        """Add an I2C bus, ``/dev/i2c-N``; ``nak`` is its errno for a byte nobody acknowledged."""
        bus = self._next("i2c")
        self.shim.cpshim_bus(bus, number, funcs, nak)
        self.add_node("i2c", bus, f"/dev/i2c-{number}", (89, number))
        adapter = f"/sys/bus/i2c/devices/i2c-{number}"
        self.tree.write(f"{adapter}/name", name + "\n")
        self.tree.write(f"{adapter}/i2c-dev/i2c-{number}/name", name + "\n")
        self.tree.link(f"/sys/class/i2c-dev/i2c-{number}", f"{adapter}/i2c-dev/i2c-{number}")
        self.tree.link(f"/sys/class/i2c-adapter/i2c-{number}", adapter)
        self._names[f"i2c-{number}"] = (bus, -1)
        self._add_lock(f"i2c-{number}")
        return bus

    def _add_lock(self, bus: str) -> None:
        """Add the file by which processes lock a bus: this world's own, not the host's."""
        self.tree.write(f"/run/lock/cpcompat/{bus}", "\0" * 4096)

    def add_part(
        self,
        number: int,
        address: int,
        *,
        pointer_bytes: int = 1,
        size: int = 256,
        takes: int | None = None,
        counts: bool = False,
    ) -> Part:
        """Put a part on bus ``number``.

        Args:
            number: The bus, as in ``/dev/i2c-N``.
            address: 7 bits.
            pointer_bytes: How many bytes at a write's beginning point into its memory.
            size: How many bytes of memory.
            takes: It acknowledges so many bytes of a write and refuses the next; None for all.
            counts: Each STOP makes its last byte count up.
        """
        bus = self.where(f"i2c-{number}")[0]
        limit = -1 if takes is None else takes
        part = self.shim.cpshim_part(bus, address, pointer_bytes, size, limit, counts)
        if part < 0:
            raise OSError(errno.ENOSPC, "too many parts, or one too large")
        self.parts[address] = Part(self.shim, part)
        return self.parts[address]

    def bind(self, number: int, address: int, driver: str) -> None:
        """Bind a driver of the kernel to an address, as sysfs then shows and I2C_SLAVE refuses."""
        self.shim.cpshim_bind(self.where(f"i2c-{number}")[0], address, 1)
        device = f"/sys/bus/i2c/devices/{number}-{address:04x}"
        self.tree.write(f"{device}/name", driver + "\n")
        self.tree.at(f"/sys/bus/i2c/drivers/{driver}").mkdir(parents=True, exist_ok=True)
        self.tree.link(f"{device}/driver", f"/sys/bus/i2c/drivers/{driver}")

    def add_spi(
        self,
        bus: int,
        select: int,
        *,
        part: str | None = None,
        part_modes: tuple[int, ...] = (0, 3),
        line: str | int | None = None,
        no_cs: bool = True,
        max_hz: int = 125_000_000,
        bufsiz: int = 4096,
    ) -> int:
        """Add an SPI device, ``/dev/spidevB.C``.

        Args:
            bus: The bus.
            select: Its chip select.
            part: ``"loop"`` (data out wired to data in), ``"complement"`` (answers each byte with
                its complement), or None for nothing.
            part_modes: The clock modes that the part knows.
            line: The line that selects the part when low; None for the bus's own chip select.
            no_cs: Whether the driver can leave its chip select alone.
            max_hz: The fastest clock.
            bufsiz: The longest message (``spidev.bufsiz``).
        """
        device = self._next("spi")
        allowed = SPI_MODES | (SPI_NO_CS if no_cs else 0)
        modes = sum(1 << mode for mode in part_modes)
        chosen = -1 if line is None else self.where(line)[1]
        self.shim.cpshim_spi(
            device, bus, select, allowed, max_hz, bufsiz, _SPI_PARTS[part], modes, chosen
        )
        name = f"spidev{bus}.{select}"
        self.add_node("spi", device, f"/dev/{name}", (153, device))
        self.tree.write("/sys/module/spidev/parameters/bufsiz", f"{bufsiz}\n")
        self.tree.write(f"/sys/devices/spi{bus}/spi{bus}.{select}/modalias", "spi:spidev\n")
        self.tree.link(
            f"/sys/bus/spi/devices/spi{bus}.{select}", f"/sys/devices/spi{bus}/spi{bus}.{select}"
        )
        self._names[name] = (device, -1)
        self._add_lock(f"spi-{bus}")
        return device

    def add_watchdog(self, most_s: int = 15, boot_status: int = 0) -> None:
        """Add a hardware watchdog, ``/dev/watchdog0``.

        Args:
            most_s: The longest that it waits.
            boot_status: What it says of the last boot (``WDIOF_CARDRESET``).
        """
        self.shim.cpshim_watchdog(most_s, boot_status)
        self.add_node("watchdog", self._next("watchdog"), "/dev/watchdog0", (249, 0))

    def watchdog_runs(self) -> bool:
        """Return whether the hardware watchdog counts."""
        return bool(self.shim.cpshim_watchdog_runs())

    def add_pwm(
        self,
        controller: str,
        channels: int,
        lines: tuple[int, ...],
        *,
        character_device: bool = False,
        min_period_ns: int = 40,
        max_period_ns: int = 1 << 40,
    ) -> int:
        """Add a PWM chip, ``/sys/class/pwm/pwmchipN``.

        Args:
            controller: The device's name, as in the board's file.
            channels: How many it has.
            lines: The line that each comes out at.
            character_device: Whether there is ``/dev/pwmchipN`` (Linux 6.17).
            min_period_ns: The shortest period that the driver takes.
            max_period_ns: The longest.
        """
        chip = self._next("pwm")
        soc = "" if self.model is None else f"/{self.model.soc}"
        device = f"/sys/devices/platform{soc}/{controller}"
        folder = f"{device}/pwm/pwmchip{chip}"
        self.tree.write(f"{folder}/npwm", f"{channels}\n")
        node = f"/sys/firmware/devicetree/base/soc/pwm@{controller.partition('.')[0]}"
        self.tree.at(node).mkdir(parents=True, exist_ok=True)
        self.tree.link(f"{device}/of_node", node)
        self.tree.link(f"{folder}/device", device)
        self.tree.link(f"/sys/class/pwm/pwmchip{chip}", folder)
        self.shim.cpshim_pwm(chip, chip, channels, min_period_ns, max_period_ns, folder.encode())
        for name, attr in (("export", EXPORT), ("unexport", UNEXPORT)):
            self.add_attribute(f"{folder}/{name}", "", attr=attr, device=chip)
        if character_device:
            self.add_node("pwm", chip, f"/dev/pwmchip{chip}", (253, chip))
        for channel, line in enumerate(lines):
            self.pwm_at[(0, line)] = (chip, channel)
        return chip

    def add_iio(
        self, name: str, inputs: int = 0, outputs: int = 0, *, bits: int = 16, full_v: float = 3.3
    ) -> int:
        """Add a converter in the kernel's IIO subsystem and return its number."""
        number = self._made["attr"]
        self._made["attr"] += 1
        place = f"/sys/devices/platform/{name}/iio:device{number}"
        self.tree.link(f"/sys/bus/iio/devices/iio:device{number}", place)
        scale = full_v * 1000 / ((1 << bits) - 1)
        self.tree.write(f"{place}/name", f"{name}\n")
        for kind, count in (("in", inputs), ("out", outputs)):
            for channel in range(count):
                self.tree.write(f"{place}/{kind}_voltage{channel}_scale", f"{scale:.9f}\n")
                path = f"{place}/{kind}_voltage{channel}_raw"
                if kind == "in":
                    self.tree.write(path, "0\n")
                    continue
                self.add_attribute(path, "0\n", high=(1 << bits) - 1)
                power = f"{place}/out_voltage{channel}_powerdown"
                self.add_attribute(power, "1\n", high=1)
        self._names[f"iio:device{number}"] = (number, bits)
        return number

    def add_uart(
        self,
        name: str,
        device: str,
        alias: str,
        *,
        echo_baud: int | None = None,
        bluetooth: bool = False,
    ) -> Peer:
        """Add a serial port, ``/dev/NAME``, and return what is at its other end.

        Args:
            name: ``"ttyAMA0"``.
            device: Its path in the device tree, ``"/soc/serial@7e201000"``.
            alias: What the device tree calls it, ``"serial0"``.
            echo_baud: The other end sends back what it hears at this rate (`ANY_RATE`: at any);
                None: it only listens.
            bluetooth: Whether a Bluetooth chip hangs on it.
        """
        peer = Peer(echo_baud)
        self.peers.append(peer)
        self.tree.write(f"/dev/{name}")
        target = peer.path.encode()
        minor = self._next("tty") + 64
        if self.shim.cpshim_node(
            KIND["tty"], minor, f"/dev/{name}".encode(), 204, minor, 0, target
        ):
            raise OSError(errno.ENOSPC, "too many nodes", name)
        base = "/sys/firmware/devicetree/base"
        self.tree.write(f"{base}/aliases/{alias}", f"{device}\0")
        self.tree.write(f"{base}{device}/status", "okay\0")
        if bluetooth:
            self.tree.write(f"{base}{device}/bluetooth/compatible", "brcm,bcm43438-bt\0")
        platform = f"/sys/devices/platform{device.replace(':', '.')}"
        self.tree.link(f"{platform}/of_node", f"{base}{device}")
        self.tree.write(f"{platform}/uevent", f"OF_FULLNAME={device}\nOF_ALIAS_0={alias}\n")
        self.tree.link(f"{platform}/tty/{name}/device", platform)
        self.tree.link(f"/sys/class/tty/{name}", f"{platform}/tty/{name}")
        self.tree.link(f"/dev/{alias}", f"/dev/{name}")
        return peer
