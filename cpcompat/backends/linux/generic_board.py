"""Makes a board of what the kernel tells of any Linux computer: its lines' names and its bus nodes. Pure."""

from __future__ import annotations

from keyword import iskeyword
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cpcompat.backends.linux.line_names import Chip

_NOT_CONNECTED = frozenset({"NC", "nc"})
_NO_LINE = -1
"""The number of a pin that is not on the GPIO chip, or of which nobody knows where it is."""


def choose(chips: Iterable[Chip]) -> Chip | None:
    """Return the chip with the most lines that have a name to use, or None where none has."""
    found = max(chips, key=lambda chip: len(pins(chip)), default=None)
    return found if found is not None and pins(found) else None


def pins(chip: Chip) -> dict[str, int]:
    """Return a chip's lines that a program can name, with their offsets.

    A name must be one in Python too, and stand for one line alone.
    """
    names = [line.name for line in chip.lines]
    return {
        name: offset
        for offset, name in enumerate(names)
        if name.isidentifier()
        and not iskeyword(name)
        and not name.startswith("_")
        and name not in _NOT_CONNECTED
        and names.count(name) == 1
    }


def table(chip: Chip, i2c: Iterable[int], spi: Mapping[int, int]) -> dict[str, Any]:
    """Return the board, as a board's file would say it.

    The kernel does not tell at which lines a bus comes out. Its pins have names of their own, and
    no number: ``SCL`` and ``SDA`` are those of the first I2C bus, ``I2C3_SCL`` those of the third.

    Args:
        chip: The chip whose lines are the pins.
        i2c: The numbers of the I2C buses.
        spi: The SPI buses' numbers, and of each how many parts its controller selects.
    """
    buses = _Buses(pins(chip))
    rows = {
        "i2c": [buses.i2c(number, first=not at) for at, number in enumerate(sorted(i2c))],
        "spi": [
            buses.spi(number, spi[number], first=not at) for at, number in enumerate(sorted(spi))
        ],
    }
    return {
        "chip": chip.label,
        "pins": buses.pins,
        "names": buses.names,
        **rows,
        "default": {kind: found[0]["bus"] for kind, found in rows.items() if found},
        "linux": {"gpiochips": [chip.label]},
    }


class _Buses:
    """Adds the pins of buses to those of lines."""

    def __init__(self, lines: dict[str, int]) -> None:
        self.pins = dict(lines)
        self.names = {name: name for name in lines}

    def i2c(self, number: int, *, first: bool) -> dict[str, Any]:
        scl = self._pin(f"I2C{number}_SCL", "SCL" if first else None)
        sda = self._pin(f"I2C{number}_SDA", "SDA" if first else None)
        return {"bus": number, "scl": scl, "sda": sda}

    def spi(self, number: int, selects: int, *, first: bool) -> dict[str, Any]:
        start = f"SPI{number}_"
        row: dict[str, Any] = {"bus": number}
        for wire, name in (("clock", "SCK"), ("mosi", "MOSI"), ("miso", "MISO")):
            row[wire] = self._pin(start + name, name if first else None)
        row["chip_selects"] = [
            self._pin(f"{start}CE{select}", f"CE{select}" if first else None)
            for select in range(selects)
        ]
        return row

    def _pin(self, name: str, short: str | None) -> str:
        """Add a pin and its names; a line of that name gives way, as nobody knows what it is."""
        self.pins[name] = _NO_LINE
        self.names = {label: pin for label, pin in self.names.items() if label != name}
        if short is not None:
            self.names[short] = name
        self.names[name] = name
        return name
