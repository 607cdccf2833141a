"""Which nodes and files a program may have opened: those of what its board's file names."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from cpcompat.backends.linux.facts import Port
    from cpcompat.board.definition import BoardDefinition

FLAGS = os.O_ACCMODE | os.O_NONBLOCK | os.O_NOCTTY
"""What a program may say about how a node is opened; never create or truncate."""
_PWM = "/sys/class/pwm/"
_IIO = "/sys/bus/iio/devices/"
_PWM_FILES = frozenset({"export", "unexport", "npwm"})
_CHANNEL_FILES = frozenset({"period", "duty_cycle", "enable", "polarity"})


def allowed(board: BoardDefinition, path: str, ports: Mapping[str, Port]) -> bool:
    """Return whether the board's file names what a path belongs to.

    Args:
        board: The board.
        path: The path; ``..`` and links in it are refused.
        ports: The device tree's serial ports, by alias.
    """
    if os.path.normpath(path) != path:
        return False
    if path.startswith((_PWM, "/dev/pwmchip")):
        return _is_pwm(board.for_backend.get("pwm", {}), path)
    if path.startswith(_IIO):
        return _is_converter(path)
    return path in _bus_nodes(board) or path in _ttys(board, ports)


def _bus_nodes(board: BoardDefinition) -> set[str]:
    i2c = {f"/dev/i2c-{bus.bus}" for bus in board.i2c}
    selects = {bus.bus: max(len(bus.chip_selects), 1) for bus in board.spi}
    return i2c | {
        f"/dev/spidev{bus}.{select}" for bus, count in selects.items() for select in range(count)
    }


def _ttys(board: BoardDefinition, ports: Mapping[str, Port]) -> set[str]:
    aliases = (alias for names in board.for_backend.get("uart", {}).values() for alias in names)
    found = (ports[alias] for alias in aliases if alias in ports)
    return {f"/dev/{port.tty}" for port in found if port.tty and not port.bluetooth}


def _is_pwm(pins: Mapping[str, Mapping[str, Any]], path: str) -> bool:
    chip, _, file = path.removeprefix(_PWM).removeprefix("/dev/").partition("/")
    controller = os.path.basename(os.path.realpath(f"{_PWM}{chip}/device"))  # noqa: PTH119
    channels = {row["channel"] for row in pins.values() if row["controller"] == controller}
    if not channels:
        return False
    if path.startswith("/dev/"):
        return not file
    channel, _, attribute = file.partition("/")
    own = channel.removeprefix("pwm")
    if attribute:
        return own.isdecimal() and int(own) in channels and attribute in _CHANNEL_FILES
    return file in _PWM_FILES


def _is_converter(path: str) -> bool:
    """Every converter of the computer is the board's: IIO has no other harm in it than a reading."""
    device, _, file = path.removeprefix(_IIO).partition("/")
    return device.startswith("iio:device") and "/" not in file
