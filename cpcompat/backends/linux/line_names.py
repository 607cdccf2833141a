"""Asks GPIO chips what they are: label, and each line's name and holder. Nothing is requested."""

from __future__ import annotations

import errno
import os
from fcntl import ioctl
from typing import NamedTuple

from cpcompat.backends.linux import gpio_uapi as uapi


class Line(NamedTuple):
    """A line as the chip describes it.

    Attributes:
        name: The kernel's name of it, "" without one.
        holder: Who uses it, "" if nobody does or says so.
        used: Somebody uses it.
    """

    name: str
    holder: str
    used: bool


class Chip(NamedTuple):
    """A GPIO chip.

    Attributes:
        path: Its node.
        label: What its driver calls it, "" where it cannot be asked.
        lines: Its lines, by their offset.
        fault: The name of the error (``"EACCES"``) with which asking ended, or "".
    """

    path: str
    label: str
    lines: tuple[Line, ...]
    fault: str


def chips(folder: str = "/dev") -> list[Chip]:
    """Return every GPIO chip once, whatever names its node has."""
    found: dict[str, str] = {}
    for name in sorted(_names(folder), key=lambda name: (len(name), name)):
        path = f"{folder}/{name}"
        found.setdefault(os.path.realpath(path), path)  # Pi 5: gpiochip4 is a link to gpiochip0
    return [ask(path) for path in found.values()]


def ask(path: str) -> Chip:
    """Return what one chip says of itself; never an exception for what the node refuses."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except OSError as error:
        return Chip(path, "", (), _error(error))
    try:
        chip = bytearray(uapi.CHIP_INFO.size)
        ioctl(descriptor, uapi.GET_CHIPINFO, chip)
        _, label, count = uapi.CHIP_INFO.unpack(chip)
        return _with_lines(Chip(path, uapi.text(label), (), ""), descriptor, count)
    except OSError as error:
        return Chip(path, "", (), _error(error))
    finally:
        os.close(descriptor)


def _with_lines(chip: Chip, descriptor: int, count: int) -> Chip:
    lines = []
    for offset in range(count):
        line = bytearray(uapi.LINE_INFO.pack(b"", b"", offset, 0, 0))
        try:
            ioctl(descriptor, uapi.GET_LINEINFO, line)
        except OSError as error:  # ENOTTY, EINVAL: a kernel before 5.10
            return chip._replace(fault=_error(error))
        name, holder, _, _, flags = uapi.LINE_INFO.unpack(line)
        lines.append(Line(uapi.text(name), uapi.text(holder), bool(flags & uapi.USED)))
    return chip._replace(lines=tuple(lines))


def _names(folder: str) -> list[str]:
    try:
        return [name for name in os.listdir(folder) if name.startswith("gpiochip")]  # noqa: PTH208
    except OSError:
        return []


def _error(error: OSError) -> str:
    return errno.errorcode.get(error.errno or 0, "EIO")
