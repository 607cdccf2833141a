"""Reads what `cpcompat.backends.linux.generic_board` makes a board of."""

from __future__ import annotations

import os
from typing import Any

from cpcompat.backends.linux import generic_board, line_names
from cpcompat.hal.errors import Fault, HalError

_DEVICES = "/dev"


def make() -> dict[str, Any]:
    """Return the board that this computer's GPIO lines and bus nodes make.

    Raises:
        HalError: There is no GPIO chip with named lines, or it may not be asked.
    """
    chips = line_names.chips(_DEVICES)
    chip = generic_board.choose(chips)
    if chip is None:
        raise _no_chip(chips)
    nodes = os.listdir(_DEVICES)  # noqa: PTH208
    i2c = {int(name[4:]) for name in nodes if name.startswith("i2c-") and name[4:].isdecimal()}
    spi: dict[int, int] = {}
    for name in nodes:
        bus, dot, select = name.removeprefix("spidev").partition(".")
        if name.startswith("spidev") and dot and bus.isdecimal() and select.isdecimal():
            spi[int(bus)] = max(spi.get(int(bus), 0), int(select) + 1)
    return generic_board.table(chip, i2c, spi)


def _no_chip(chips: list[line_names.Chip]) -> HalError:
    if not chips:
        cure = "The kernel offers no GPIO chip. «--board sim» is the simulated board."
        return HalError(Fault.ABSENT, f"{_DEVICES}/gpiochip*", cure)
    for chip in chips:
        if chip.fault in ("EACCES", "EPERM"):
            cure = "«cpcompat doctor --board linux» says what gives this user the right."
            return HalError(Fault.DENIED, chip.path, cure)
    where = ", ".join(chip.path for chip in chips)
    return HalError(
        Fault.ABSENT,
        f"{where}: names of lines",
        "The kernel has no names for these lines, so a file must: docs/adding-a-board.md says how.",
    )
