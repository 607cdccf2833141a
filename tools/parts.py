"""Makes docs/parts.md from the classes of the simulated parts."""

from __future__ import annotations

import importlib
import inspect
from typing import TYPE_CHECKING

from cpcompat.backends.sim.part import Channel, I2cPart, Part, SpiPart
from cpcompat.backends.sim.parts import PARTS

if TYPE_CHECKING:
    from pathlib import Path

INTRODUCTION = """\
# Simulated parts

The parts that come with the simulated board, as `sim.toml` names them. This page is made by `make docs`
from the parts themselves; a test fails when it is out of date. [Adding a part](adding-a-part.md) says how
to make your own.

Each is made from its data sheet, which its file names, and each is driven in tests by the unmodified
Adafruit driver from PyPI. A *channel* is a quantity of the world around the part: a value for `sim.toml`
and a knob to turn while the program runs. An *option* is how the part is built or wired.
"""


def make(root: Path) -> str:
    """Return the page; a maker of `tools.docs`."""
    return "\n".join([INTRODUCTION, *(_section(name, part) for name, part in classes().items())])


def classes() -> dict[str, type[Part]]:
    """Return the class of each part by its name in a circuit file."""
    found: dict[str, type[Part]] = {}
    for name, place in PARTS.items():
        module, _, class_name = place.partition(":")
        found[name] = getattr(importlib.import_module(module), class_name)
    return found


def _section(name: str, part: type[Part]) -> str:
    rows = [f"## {name}", "", f"{part.__name__}: {part.about}. {_bus(part)}", ""]
    details = inspect.cleandoc(part.__doc__ or "").partition("\n\nArgs:")[0].split("\n\n")[1:]
    rows += [line for text in details for line in (" ".join(text.split()), "")]
    channels = part.channels()
    if channels:
        rows += ["| channel | value | at first | what it is |", "|---|---|---|---|"]
        rows += [_channel_row(channel) for channel in channels.values()] + [""]
    options = _options(part)
    if options:
        rows += ["| option | at first | what it is |", "|---|---|---|"]
        rows += [f"| `{key}` | {default} | {about} |" for key, default, about in options] + [""]
    return "\n".join(rows)


def _bus(part: type[Part]) -> str:
    if issubclass(part, I2cPart):
        *others, last = (f"0x{address:02x}" for address in part.addresses)
        many = f"{', '.join(others)} or {last}" if others else last
        return f"I2C, address {many}."
    if issubclass(part, SpiPart):
        modes = " and ".join(map(str, part.modes))
        return f"SPI, mode {modes}, up to {part.max_hz / 1e6:g} MHz."
    return "UART."


def _channel_row(channel: Channel) -> str:
    return f"| `{channel.name}` | {channel.legal()} | {_shown(channel.default)} | {channel.about} |"


def _options(part: type[Part]) -> list[tuple[str, str, str]]:
    """Return name, default and description of what a part's ``__init__`` takes."""
    about = _described(inspect.cleandoc(part.__doc__ or ""))
    parameters = list(inspect.signature(part.__init__).parameters.values())[1:]
    return [(p.name, _shown(p.default), about[p.name]) for p in parameters]


def _described(docstring: str) -> dict[str, str]:
    """Return the descriptions in the ``Args:`` of a docstring."""
    found: dict[str, str] = {}
    name = ""
    for line in docstring.partition("\nArgs:\n")[2].splitlines():
        key, colon, text = line.strip().partition(": ")
        if line.startswith("    ") and not line.startswith("     ") and colon:
            name = key
            found[name] = text
        elif name:
            found[name] += f" {line.strip()}"
    return found


def _shown(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"'
    return f"{value}"
