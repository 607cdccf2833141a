"""What `cpcompat.backends.linux.diagnosis` has to know of this computer, read without changing anything."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple, Protocol

from cpcompat.backends.linux import line_names

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cpcompat.backends.linux.line_names import Chip

_TREE = "/proc/device-tree"
_CONFIG_FILES = ("/boot/firmware/config.txt", "/boot/config.txt")
_CONTAINER_MARKS = ("/.dockerenv", "/run/.containerenv")


class Node(NamedTuple):
    """A file through which hardware is used.

    Attributes:
        path: Where it is.
        usable: This process may read and write it.
        group: The group it belongs to.
        for_group: That group may read and write it.
    """

    path: str
    usable: bool
    group: str
    for_group: bool


class Port(NamedTuple):
    """A serial port of the device tree.

    Attributes:
        tty: The node's name, ``"ttyS0"``, or "" while the port is switched off.
        bluetooth: The board's Bluetooth chip is on it.
    """

    tty: str
    bluetooth: bool


class Facts(NamedTuple):
    """This computer.

    Attributes:
        kernel: The kernel's release, ``"6.12.25+rpt-rpi-v8"``.
        compatible: The device tree's names of the board.
        container: This is a container.
        user: Who runs this.
        groups: The groups this process is in.
        listed: The groups in which the system's files list the user.
        chips: The GPIO chips.
        nodes: Nodes of GPIO, I2C buses, SPI parts and serial ports, by path.
        ports: The device tree's serial ports, by alias.
        pwm: What exports a channel, by the name of the controller.
        consoles: Where the kernel's console is, as its command line names it.
        supply_low: The firmware reports under-voltage now; None where it reports nothing.
        raspi_config: There is a ``raspi-config``.
        config_file: The firmware's configuration, "" where there is none.
    """

    kernel: str
    compatible: tuple[str, ...]
    container: bool
    user: str
    groups: frozenset[str]
    listed: frozenset[str]
    chips: tuple[Chip, ...]
    nodes: Mapping[str, Node]
    ports: Mapping[str, Port]
    pwm: Mapping[str, Node]
    consoles: tuple[str, ...]
    supply_low: bool | None
    raspi_config: bool
    config_file: str


class System(Protocol):
    """The computer as this file reads it; a test has one of its own."""

    def names(self, folder: str) -> list[str]:
        """Return what is in a folder, sorted; nothing where there is none."""
        ...

    def text(self, path: str) -> str:
        """Return a file's text, "" where there is none."""
        ...

    def real(self, path: str) -> str:
        """Return where a path leads, links followed."""
        ...

    def node(self, path: str) -> Node | None:
        """Return what a node is, None where there is none."""
        ...

    def chips(self) -> list[Chip]:
        """Return the GPIO chips."""
        ...

    def kernel(self) -> str:
        """Return the kernel's release."""
        ...

    def user(self) -> tuple[str, frozenset[str], frozenset[str]]:
        """Return who runs this, the process's groups, and those in which the user is listed."""
        ...


class ThisComputer:
    """The `System` that this process runs on."""

    def names(self, folder: str) -> list[str]:
        """See `System.names`."""
        try:
            return sorted(os.listdir(folder))  # noqa: PTH208
        except OSError:
            return []

    def text(self, path: str) -> str:
        """See `System.text`."""
        try:
            with open(path, "rb") as file:
                return file.read().decode("utf-8", "replace")
        except OSError:
            return ""

    def real(self, path: str) -> str:
        """See `System.real`."""
        return os.path.realpath(path)

    def node(self, path: str) -> Node | None:
        """See `System.node`."""
        import grp

        try:
            status = os.stat(path)  # noqa: PTH116
        except OSError:
            return None
        try:
            group = grp.getgrgid(status.st_gid).gr_name
        except KeyError:
            group = str(status.st_gid)
        wanted = 0o020 if status.st_mode & 0o170000 == 0o100000 else 0o060
        usable = os.access(path, os.W_OK if wanted == 0o020 else os.R_OK | os.W_OK)
        return Node(path, usable, group, status.st_mode & wanted == wanted)

    def chips(self) -> list[Chip]:
        """See `System.chips`."""
        return line_names.chips()

    def kernel(self) -> str:
        """See `System.kernel`."""
        return os.uname().release

    def user(self) -> tuple[str, frozenset[str], frozenset[str]]:
        """See `System.user`."""
        import grp
        import pwd

        try:
            name = pwd.getpwuid(os.geteuid()).pw_name
        except KeyError:
            name = str(os.geteuid())
        own = {*os.getgroups(), os.getegid()}
        everybody = grp.getgrall()
        return (
            name,
            frozenset(group.gr_name for group in everybody if group.gr_gid in own),
            frozenset(group.gr_name for group in everybody if name in group.gr_mem),
        )


def read(system: System) -> Facts:
    """Return the facts of a computer."""
    user, groups, listed = system.user()
    return Facts(
        kernel=system.kernel(),
        compatible=tuple(system.text(f"{_TREE}/compatible").rstrip("\0").split("\0")),
        container=_is_container(system),
        user=user,
        groups=groups,
        listed=listed,
        chips=tuple(system.chips()),
        nodes=_nodes(system),
        ports=_ports(system),
        pwm=_pwm(system),
        consoles=tuple(
            word.removeprefix("console=").partition(",")[0]
            for word in system.text("/proc/cmdline").split()
            if word.startswith("console=")
        ),
        supply_low=_supply_low(system),
        raspi_config="raspi-config" in system.names("/usr/bin"),
        config_file=next((path for path in _CONFIG_FILES if system.node(path)), ""),
    )


def _is_container(system: System) -> bool:
    marked = any(system.node(path) for path in _CONTAINER_MARKS)
    return marked or "container=" in system.text("/proc/1/environ")


def _nodes(system: System) -> dict[str, Node]:
    wanted = (
        "gpiochip",
        "gpiomem",
        "i2c-",
        "spidev",
        "ttyAMA",
        "ttyS",
        "ttyTHS",
        "ttymxc",
        "ttySTM",
        "ttyO",
    )
    found = (
        system.node(f"/dev/{name}") for name in system.names("/dev") if name.startswith(wanted)
    )
    return {node.path: node for node in found if node is not None}


def _ports(system: System) -> dict[str, Port]:
    """Return the serial ports that the device tree has aliases for."""
    ttys: dict[str, str] = {}
    for tty in system.names("/sys/class/tty"):
        place = system.real(f"/sys/class/tty/{tty}/device")
        # Since Linux 6.5 a port's device stands between the tty and what the device tree describes.
        while place.startswith("/sys/devices/") and "of_node" not in system.names(place):
            place = place.rpartition("/")[0]
        ttys[system.real(f"{place}/of_node").rpartition("/devicetree/base")[2]] = tty
    ports = {}
    for alias in system.names(f"{_TREE}/aliases"):
        if alias.startswith(("serial", "uart")):
            path = system.text(f"{_TREE}/aliases/{alias}").rstrip("\0")
            bluetooth = "bluetooth" in system.names(f"{_TREE}{path}")
            ports[alias] = Port(ttys.get(path, ""), bluetooth)
    return ports


def _pwm(system: System) -> dict[str, Node]:
    found = {}
    for chip in system.names("/sys/class/pwm"):
        node = system.node(f"/sys/class/pwm/{chip}/export")
        if node is not None:
            controller = system.real(f"/sys/class/pwm/{chip}/device").rpartition("/")[2]
            found[controller] = node
    return found


def _supply_low(system: System) -> bool | None:
    """See the kernel's drivers/hwmon/raspberrypi-hwmon.c, which asks the firmware every two seconds."""
    for sensor in system.names("/sys/class/hwmon"):
        if system.text(f"/sys/class/hwmon/{sensor}/name").strip() == "rpi_volt":
            return system.text(f"/sys/class/hwmon/{sensor}/in0_lcrit_alarm").strip() == "1"
    return None
