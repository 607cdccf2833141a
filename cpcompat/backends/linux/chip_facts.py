"""What the kernel tells of the processor: its temperature and what makes it different from any other."""

from __future__ import annotations

import os

_ZONES = "/sys/class/thermal"
_MONITORS = "/sys/class/hwmon"
_CPU_ZONES = ("cpu", "soc", "x86_pkg", "package")
_CPU_MONITORS = ("cpu_thermal", "soc_thermal", "coretemp", "k10temp", "zenpower")
_SERIAL = "/proc/device-tree/serial-number"
_MACHINE = "/etc/machine-id"
_UID_BYTES = 8


def temperature_c() -> float | None:
    """Return the processor's temperature in degrees Celsius, None where no sensor tells.

    A thermal zone that names the processor wins (Documentation/driver-api/thermal/sysfs-api.rst),
    then a hardware monitor that does (Documentation/hwmon/sysfs-interface.rst), then the first zone.
    """
    zones = [f"{_ZONES}/{name}" for name in names(_ZONES) if name.startswith("thermal_zone")]
    first = [zone for zone in zones if text(f"{zone}/type").lower().startswith(_CPU_ZONES)]
    monitors = [f"{_MONITORS}/{name}" for name in names(_MONITORS)]
    chosen = [monitor for monitor in monitors if text(f"{monitor}/name") in _CPU_MONITORS]
    sensors = [f"{zone}/temp" for zone in first]
    sensors += [f"{monitor}/temp1_input" for monitor in chosen]
    sensors += [f"{zone}/temp" for zone in zones]
    for sensor in sensors:
        said = text(sensor)
        if said.lstrip("-").isdecimal():
            return int(said) / 1000
    return None


def uid() -> bytes:
    """Return 8 bytes that tell this board from any other.

    The device tree's serial number, which the firmware reads from the chip; where there is none, what
    follows from the system's machine id. The id itself is not to leave the computer (machine-id(5)).
    """
    serial = text(_SERIAL).rstrip("\0")
    try:
        number = bytes.fromhex(serial.rjust(2 * _UID_BYTES, "0"))
    except ValueError:
        number = b""
    if serial and number:
        return number[-_UID_BYTES:]
    import hashlib

    source = serial or text(_MACHINE) or os.uname().nodename
    return hashlib.sha256(f"cpcompat {source}".encode()).digest()[:_UID_BYTES]


def names(folder: str) -> list[str]:
    """Return what is in a folder of the kernel's, thing 2 before thing 10; nothing if it is not there."""
    try:
        return sorted(os.listdir(folder), key=lambda name: (len(name), name))  # noqa: PTH208
    except OSError:
        return []


def text(path: str) -> str:
    """Return what a file of the kernel's says, empty if it is not there or does not want to."""
    try:
        with open(path, "rb") as file:
            return file.read().decode("ascii", "replace").strip()
    except OSError:
        return ""
