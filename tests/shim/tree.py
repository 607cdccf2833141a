"""The files of a world: device nodes, sysfs and the device tree, below its ``root`` folder."""

from __future__ import annotations

import os
import struct
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path


class Model(NamedTuple):
    """A Raspberry Pi, as its kernel shows it.

    Attributes:
        model: The device tree's ``model``.
        compatible: Its ``compatible`` strings, the most special first.
        revision: The board's revision code.
        chip: The label of the GPIO chip that the header is on.
        lines: How many lines that chip has.
        others: Labels and sizes of other GPIO chips.
        pwm: The PWM controller's device name and its number of channels.
        pwm_lines: Which line each channel comes out at.
        soc: The folder of the chip's devices below ``/sys/devices/platform``.
        uart: The node of the header's UART, and its path in the device tree.
        bluetooth: The node of the UART that Bluetooth has, and its path; None without.
    """

    model: str
    compatible: tuple[str, ...]
    revision: int
    chip: str
    lines: int
    others: tuple[tuple[str, int], ...]
    pwm: tuple[str, int]
    pwm_lines: tuple[int, ...]
    soc: str
    uart: tuple[str, str]
    bluetooth: tuple[str, str] | None


MODELS = {
    "rpi4": Model(
        "Raspberry Pi 4 Model B Rev 1.4",
        ("raspberrypi,4-model-b", "brcm,bcm2711"),
        0xC03114,
        "pinctrl-bcm2711",
        58,
        (("raspberrypi-exp-gpio", 8),),
        ("fe20c000.pwm", 2),
        (12, 13),
        "soc",
        ("ttyS0", "/soc/serial@7e215040"),
        ("ttyAMA0", "/soc/serial@7e201000"),
    ),
    "rpi5": Model(
        "Raspberry Pi 5 Model B Rev 1.0",
        ("raspberrypi,5-model-b", "brcm,bcm2712"),
        0xC04170,
        "pinctrl-rp1",
        54,
        (("gpio-brcmstb@107d508500", 32),),
        ("1f00098000.pwm", 4),
        (12, 13, 18, 19),
        "axi/1000120000.pcie",
        ("ttyAMA0", "/axi/pcie@1000120000/rp1/serial@30000"),
        None,
    ),
}


class Tree:
    """Writes files below a world's root.

    Args:
        root: The folder that stands for ``/``.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def at(self, path: str) -> Path:
        """Return where a path of the world is in truth."""
        return self.root / path.lstrip("/")

    def write(self, path: str, content: str | bytes = b"") -> Path:
        """Write a file; its folders are made."""
        file = self.at(path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return file

    def link(self, path: str, target: str) -> None:
        """Make a symbolic link to another path of the world; it may dangle."""
        file = self.at(path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.symlink_to(os.path.relpath(self.at(target), file.parent))

    def device_tree(self, model: Model) -> None:
        """Write what programs look at to find out which board this is."""
        base = "/sys/firmware/devicetree/base"
        self.write(f"{base}/model", model.model + "\0")
        self.write(f"{base}/compatible", "\0".join(model.compatible) + "\0")
        self.write(f"{base}/serial-number", "10000000abcdef01\0")
        self.write(f"{base}/system/linux,revision", struct.pack(">I", model.revision))
        self.link("/proc/device-tree", base)
        self.write(
            "/proc/cpuinfo",
            "processor\t: 0\nHardware\t: BCM2835\n"
            f"Revision\t: {model.revision:x}\nSerial\t\t: 10000000abcdef01\n"
            f"Model\t\t: {model.model}\n",
        )

    def character_device(self, node: str, subsystem: str, major: int, minor: int) -> None:
        """Write the sysfs entries by which programs learn what a node is."""
        name = node.rpartition("/")[2]
        self.at(f"/sys/bus/{subsystem}/devices").mkdir(parents=True, exist_ok=True)
        self.write(f"/sys/devices/virtual/{name}/dev", f"{major}:{minor}\n")
        self.write(f"/sys/devices/virtual/{name}/uevent", f"DEVNAME={name}\n")
        self.link(f"/sys/devices/virtual/{name}/subsystem", f"/sys/bus/{subsystem}")
        self.link(f"/sys/dev/char/{major}:{minor}", f"/sys/devices/virtual/{name}")
        self.link(f"/sys/bus/{subsystem}/devices/{name}", f"/sys/devices/virtual/{name}")
