"""A computer for the tests of facts and of the doctor: a Raspberry Pi 4 as Raspberry Pi OS sets it up."""

from __future__ import annotations

from cpcompat.backends.linux.facts import Node
from cpcompat.backends.linux.line_names import Chip, Line

TREE = "/proc/device-tree"
DEVICES = "/sys/devices/platform/soc"
PWM = "fe20c000.pwm"


class FakeComputer:
    """A `cpcompat.backends.linux.facts.System` whose files are to be changed by hand.

    Attributes:
        files: Texts by path.
        links: Where links lead.
        nodes: Nodes by path.
        found_chips: The GPIO chips.
        release: The kernel's release.
        groups: The groups of the process.
        listed: The groups in which the system lists the user.
    """

    def __init__(self) -> None:
        self.files = {
            f"{TREE}/compatible": "raspberrypi,4-model-b\0brcm,bcm2711\0",
            f"{TREE}/aliases/serial0": "/soc/serial@7e215040\0",
            f"{TREE}/aliases/serial1": "/soc/serial@7e201000\0",
            f"{TREE}/soc/serial@7e201000/bluetooth/status": "okay\0",
            "/proc/cmdline": "console=tty1 root=/dev/mmcblk0p2",
            "/usr/bin/raspi-config": "",
            "/boot/firmware/config.txt": "",
            "/sys/class/tty/tty1/active": "",
        }
        self.links: dict[str, str] = {}
        self.nodes: dict[str, Node] = {}
        self.found_chips = [chip("pinctrl-bcm2711")]
        self.release = "6.12.25+rpt-rpi-v8"
        self.groups = frozenset({"alice", "gpio", "i2c", "spi", "dialout"})
        self.listed = self.groups - {"alice"}
        self.add_node("/dev/gpiochip0", "gpio")
        self.add_node("/dev/gpiomem", "gpio")
        self.add_tty("ttyS0", "fe215040.serial", "/soc/serial@7e215040")
        self.add_tty("ttyAMA0", "fe201000.serial", "/soc/serial@7e201000")

    def add_node(self, path: str, group: str, *, usable: bool = True) -> None:
        """Put a node there, for its group."""
        self.nodes[path] = Node(path, usable, group, for_group=group != "root")

    def add_tty(self, name: str, device: str, described: str) -> None:
        """Put a serial port there, with a device in between as since Linux 6.5."""
        self.add_node(f"/dev/{name}", "dialout")
        self.files[f"/sys/class/tty/{name}/dev"] = ""
        self.files[f"{DEVICES}/{device}/of_node/name"] = "serial"
        self.links[f"/sys/class/tty/{name}/device"] = f"{DEVICES}/{device}/{device}:0/{device}:0.0"
        self.links[f"{DEVICES}/{device}/of_node"] = f"/sys/firmware/devicetree/base{described}"

    def add_pwm(self, *, usable: bool = True) -> None:
        """Switch the modulators on."""
        path = "/sys/class/pwm/pwmchip0"
        self.add_node(f"{path}/export", "gpio", usable=usable)
        self.links[f"{path}/device"] = f"{DEVICES}/{PWM}"

    def names(self, folder: str) -> list[str]:
        """See `System.names`."""
        start = f"{folder}/"
        paths = [*self.files, *self.nodes]
        return sorted({p[len(start) :].partition("/")[0] for p in paths if p.startswith(start)})

    def text(self, path: str) -> str:
        """See `System.text`."""
        return self.files.get(path, "")

    def real(self, path: str) -> str:
        """See `System.real`."""
        return self.links.get(path, path)

    def node(self, path: str) -> Node | None:
        """See `System.node`."""
        if path in self.files:
            return Node(path, True, "root", for_group=False)
        return self.nodes.get(path)

    def chips(self) -> list[Chip]:
        """See `System.chips`."""
        return self.found_chips

    def kernel(self) -> str:
        """See `System.kernel`."""
        return self.release

    def user(self) -> tuple[str, frozenset[str], frozenset[str]]:
        """See `System.user`."""
        return "alice", self.groups, self.listed


def chip(label: str, *, path: str = "/dev/gpiochip0", fault: str = "", **holders: str) -> Chip:
    """Return a chip of 58 lines named as a Pi's are.

    Args:
        label: Its label.
        path: Its node.
        fault: The error with which asking it ended.
        holders: Who uses a line, by the line's name.
    """
    names = ["ID_SDA", "ID_SCL", *(f"GPIO{number}" for number in range(2, 58))]
    lines = tuple(Line(name, holders.get(name, ""), name in holders) for name in names)
    return Chip(path, label, lines, fault)
