"""The commands that cure what `cpcompat.backends.linux.diagnosis` finds. Pure.

Commands for the Raspberry Pi: raspberrypi.com/documentation (raspi-config, config.txt) and the
firmware's ``overlays/README``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cpcompat.backends.linux.facts import Facts, Node
    from cpcompat.board.definition import BoardDefinition, SpiPins

REBOOT = "sudo reboot"
_RASPI_CONFIG = {"i2c": "do_i2c 0", "spi": "do_spi 0", "uart": "do_serial_hw 0"}
_RULE = 'SUBSYSTEM=="gpio|i2c-dev|spidev", KERNEL=="gpiochip*|i2c-*|spidev*", GROUP="{group}", MODE="0660"'
_RULES_FILE = "/etc/udev/rules.d/60-cpcompat.rules"
OWN_GROUP = "cpcompat"

NO_REGISTERS: tuple[str, ...] = ("Use the kernel of Raspberry Pi OS, which has it.",)


def is_raspberry_pi(facts: Facts) -> bool:
    """Return whether Raspberry Pi's firmware and its files are here."""
    return any(name.startswith("raspberrypi,") for name in facts.compatible)


def permission(node: Node, facts: Facts) -> tuple[str, tuple[str, ...]]:
    """Return why a node may not be used, and what to do about it."""
    group, user = node.group, facts.user
    if node.for_group and group != "root":
        if group in facts.listed:
            return (
                f"{node.path} is for the group «{group}», which you are in, but this session is not",
                ("Log out and in again.",),
            )
        return (
            f"{node.path} is for the group «{group}», and {user} is not in it",
            (f"sudo usermod -aG {group} {user}", "Then log out and in again."),
        )
    rule = _RULE.format(group=OWN_GROUP)
    return (
        f"{node.path} is for root alone",
        (
            f"sudo groupadd -f {OWN_GROUP} && sudo usermod -aG {OWN_GROUP} {user}",
            f"echo '{rule}' | sudo tee {_RULES_FILE}",
            "sudo udevadm control --reload && sudo udevadm trigger",
            "Then log out and in again.",
        ),
    )


def bus_off(kind: str, number: int, board: BoardDefinition, facts: Facts) -> tuple[str, ...]:
    """Return what switches a bus on.

    Args:
        kind: ``"i2c"``, ``"spi"`` or ``"uart"``.
        number: The bus, as the board's file numbers it.
        board: The board.
        facts: The computer.
    """
    if facts.container:
        return ("Hand the node to the container: docker run --device …, podman run --device ….",)
    if not is_raspberry_pi(facts):
        driver = {"i2c": "sudo modprobe i2c-dev", "spi": "sudo modprobe spidev"}.get(kind)
        manual = "The board's manual says how its device tree switches it on."
        return (driver, manual) if driver else (manual,)
    if kind in _RASPI_CONFIG and number == _of_header(kind, board):
        if facts.raspi_config:
            return (f"sudo raspi-config nonint {_RASPI_CONFIG[kind]}", REBOOT)
        return (*_config(_parameter(kind, board), facts), REBOOT)
    if kind == "i2c" and number in (0, 1):
        return (*_config("dtparam=i2c_vc=on", facts), REBOOT)
    return (*_config(f"dtoverlay={_overlay(kind, number, board)}", facts), REBOOT)


def modulator_off(board: BoardDefinition, facts: Facts) -> tuple[str, ...]:
    """Return what switches the header's pulse-width modulators on."""
    if not is_raspberry_pi(facts):
        return ("The board's manual says how its device tree switches it on.",)
    if _is_rp1(board):
        return (*_config("dtoverlay=pwm-2chan", facts), REBOOT)
    if any(pin.id == 12 for pin in board.pwm):
        pins = "dtoverlay=pwm-2chan,pin=12,func=4,pin2=13,func2=4"
        return (f"For D12 and D13: {_config(pins, facts)[0]}", REBOOT)
    return (*_config("dtoverlay=pwm", facts), REBOOT)


def console_on(facts: Facts) -> tuple[str, ...]:
    """Return what takes the system's console off the serial port."""
    if facts.raspi_config:
        return ("sudo raspi-config nonint do_serial_cons 1", REBOOT)
    return ("Take the «console=» of that port out of the kernel's command line and reboot.",)


def _of_header(kind: str, board: BoardDefinition) -> int:
    if kind == "i2c":
        return board.i2c[0].bus
    return board.spi[0].bus if kind == "spi" else board.uart[0].port


def _parameter(kind: str, board: BoardDefinition) -> str:
    if kind == "uart":
        return "dtparam=uart0=on" if _is_rp1(board) else "enable_uart=1"
    return {"i2c": "dtparam=i2c_arm=on", "spi": "dtparam=spi=on"}[kind]


def _overlay(kind: str, number: int, board: BoardDefinition) -> str:
    """Return the overlay of a bus that is not the header's own."""
    five = "-pi5" if _is_rp1(board) else ""
    if kind == "spi":
        bus: SpiPins = next(bus for bus in board.spi if bus.bus == number)
        selects = min(len(bus.chip_selects), 1 if number > 2 else 3)
        return f"spi{number}-{selects}cs{five if number > 1 else ''}"
    return f"{kind}{number}{five}"


def _is_rp1(board: BoardDefinition) -> bool:
    return "pinctrl-rp1" in board.for_backend.get("gpiochips", ())


def _config(line: str, facts: Facts) -> tuple[str]:
    file = facts.config_file or "/boot/firmware/config.txt"
    return (f"echo '{line}' | sudo tee -a {file}",)
