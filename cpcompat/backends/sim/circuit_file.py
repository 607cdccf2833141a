"""Circuit files (``sim.toml``): what is wired to the simulated board, in TOML.

::

    [[i2c]]                     # also bus = 1, name = "indoors"
    part = "bme280"             # or "my_part.py:MyPart", a file beside this one
    address = 0x77
    temperature = 23.5          # a channel of the part; options go the same way

    [[spi]]                     # also bus, name
    part = "mcp3008"
    cs = "CE0"

    [[uart]]                    # also port, name
    part = "gps"

    [[pixels]]                  # also name
    part = "ws2812"
    pin = "D10"
    count = 8

    [[input]]
    pin = "BUTTON"              # times in ns on the circuit's clock; levels: true, false, "float"
    events = [[1_000_000_000, false], [1_200_000_000, true]]
    pull = "up"                 # a resistor; "level = true" instead of events is a constant

    [[wire]]
    pins = ["D5", "D6"]

    [[analog]]
    pin = "A0"
    volts = 1.65                # or value = 0 to 65535

    [cpu]
    temperature = 41.5          # in degrees Celsius
    voltage = 3.3               # both may be left out; then the supply is not known
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from cpcompat.backends.sim.circuit_table import CircuitTable
from cpcompat.backends.sim.outside import TRACE
from cpcompat.backends.sim.part import I2cPart, Part, PixelPart, SpiPart, UartPart
from cpcompat.backends.sim.part_class import PartClasses, build, option_parameters
from cpcompat.backends.sim.toml_lines import TomlLines
from cpcompat.errors import CircuitError
from cpcompat.hal.gpio import Pull

if TYPE_CHECKING:
    from cpcompat.backends.sim.circuit import Circuit

_PartT = TypeVar("_PartT", bound=Part)
_PULLS = {"none": Pull.NONE, "up": Pull.UP, "down": Pull.DOWN}
_LEVELS: dict[object, bool | None] = {True: True, False: False, "float": None}
_TABLES = ("wire", "input", "analog", "cpu", "i2c", "spi", "uart", "pixels")
"""In the order in which they are built: parts come last, when their wires are there."""


def load(circuit: Circuit, path: Path) -> None:
    """Build what a circuit file says onto a circuit.

    Args:
        circuit: The circuit.
        path: The file. A user's parts are looked for beside it.

    Raises:
        CircuitError: The file cannot be read or says something that cannot be built. The message
            names file and line, the note the legal values.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise CircuitError(f"cannot read circuit file {str(path)!r}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise CircuitError(f"circuit file {str(path)!r} is not UTF-8: {error.reason}") from error
    build_text(circuit, text, str(path), path.parent)


def build_text(circuit: Circuit, text: str, file: str, folder: Path) -> None:
    """Build what the text of a circuit file says.

    Args:
        circuit: The circuit.
        text: The text.
        file: What errors call it.
        folder: Where a user's parts are looked for.

    Raises:
        CircuitError: See `load`.
    """
    try:
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"\s*\(at line (\d+), column \d+\)", str(error))
        where, what = file, str(error)
        if place:
            where, what = f"{file}:{place[1]}", what.replace(place[0], "")
        raise CircuitError(f"{where}: not TOML: {what}") from error
    _Builder(circuit, PartClasses(folder), folder).build(_tables(said, file, TomlLines(text)))


def _tables(said: dict[str, Any], file: str, lines: TomlLines) -> list[CircuitTable]:
    found: list[CircuitTable] = []
    for kind, rows in said.items():
        if kind not in _TABLES:
            line = lines.line(kind, 0) or lines.line("", 0, kind)
            where = file if line is None else f"{file}:{line}"
            names = ", ".join("[cpu]" if name == "cpu" else f"[[{name}]]" for name in _TABLES)
            raise CircuitError(f"{where}: {kind!r} is not a known table", f"Known: {names}.")
        listed = rows if isinstance(rows, list) else [rows]
        for index, row in enumerate(listed):
            if not isinstance(row, dict):
                table = CircuitTable(file, lines, kind, index, {})
                raise table.error(f"{row!r} is not a table", f"Begin it with [[{kind}]].")
            found.append(CircuitTable(file, lines, kind, index, row))
    return sorted(found, key=lambda table: _TABLES.index(table.kind))


class _Builder:
    """Puts tables onto a circuit, one method a kind."""

    def __init__(self, circuit: Circuit, classes: PartClasses, folder: Path) -> None:
        self._circuit = circuit
        self._classes = classes
        self._folder = folder

    def build(self, tables: list[CircuitTable]) -> None:
        for table in tables:
            getattr(self, f"_{table.kind}")(table)

    # -- the world -------------------------------------------------------------------------

    def _pin(self, table: CircuitTable, key: str, name: str) -> str:
        try:
            return self._circuit.terminal(name).name
        except CircuitError as error:
            note = getattr(error, "__notes__", [None])[0]
            raise table.error("names a pin that the board has not", note, key) from None

    def _wire(self, table: CircuitTable) -> None:
        table.only(("pins",))
        pins = table.need("pins", list)
        if len(pins) < 2 or not all(isinstance(pin, str) for pin in pins):
            raise table.error("is not a list of two pins or more", key="pins")
        self._circuit.wire(*(self._pin(table, "pins", pin) for pin in pins))

    def _input(self, table: CircuitTable) -> None:
        table.only(("pin", "events", "level", "pull"))
        pin = self._pin(table, "pin", table.need("pin", str))
        if not {"events", "level", "pull"} & set(table.values):
            raise table.error("says nothing about the pin", "Give it events, level or pull.")
        pull = table.get("pull", str)
        if pull is not None:
            if pull not in _PULLS:
                raise table.error("is not a resistor", 'It is "up", "down" or "none".', "pull")
            self._circuit.pull(pin, _PULLS[pull])
        level = table.get("level", bool)
        if level is not None:
            self._circuit.drive(pin, level, TRACE)
        steps = [self._event(table, event) for event in table.get("events", list) or ()]
        self._circuit.input_trace({pin: steps})

    def _event(self, table: CircuitTable, event: object) -> tuple[int, bool | None]:
        legal = 'An event is [ns, level]: a time from 0 on, and true, false, 0, 1 or "float".'
        if isinstance(event, list) and len(event) == 2:
            time_ns, level = event
            whole = type(time_ns) is int or (type(time_ns) is float and time_ns.is_integer())
            known = isinstance(level, bool | int | str) and level in _LEVELS
            if whole and time_ns >= 0 and known:
                return int(time_ns), _LEVELS[level]
        raise table.error(f"has the event {event!r}, which is none", legal, "events")

    def _analog(self, table: CircuitTable) -> None:
        table.only(("pin", "volts", "value"))
        pin = self._pin(table, "pin", table.need("pin", str))
        volts, value = table.get("volts", float), table.get("value", int)
        if (volts is None) == (value is None):
            raise table.error("needs volts or value, one of them")
        legal = [p.label for p in self._circuit.board.analog_inputs]
        if self._circuit.terminal(pin).name not in {
            p.name for p in self._circuit.board.analog_inputs
        }:
            raise table.error("is not an analog input", f"Inputs: {', '.join(legal)}.", "pin")
        if volts is not None:
            self._circuit.set_volts(pin, volts)
        elif value is not None and 0 <= value <= 65535:
            self._circuit.set_analog(pin, value)
        else:
            raise table.error("is not from 0 to 65535", key="value")

    def _cpu(self, table: CircuitTable) -> None:
        table.only(("temperature", "voltage"))
        temperature, voltage = table.get("temperature", float), table.get("voltage", float)
        if temperature is not None:
            self._circuit.cpu_temperature_c = temperature
        if voltage is not None:
            self._circuit.cpu_voltage_v = voltage

    # -- the parts -------------------------------------------------------------------------

    def _i2c(self, table: CircuitTable) -> None:
        part = self._part(table, I2cPart, ("address", "bus"))
        address, bus = table.get("address", int), table.get("bus", int)
        try:
            self._circuit.add_i2c(part, address, bus, self._name(table))
        except CircuitError as error:
            raise table.located(error, _blamed(error, table)) from error

    def _spi(self, table: CircuitTable) -> None:
        part = self._part(table, SpiPart, ("cs", "bus"))
        cs, bus = self._pin(table, "cs", table.need("cs", str)), table.get("bus", int)
        try:
            self._circuit.add_spi(part, cs, bus, self._name(table))
        except CircuitError as error:
            raise table.located(error, _blamed(error, table)) from error

    def _uart(self, table: CircuitTable) -> None:
        part = self._part(table, UartPart, ("port",))
        port = table.get("port", int)
        try:
            self._circuit.add_uart(part, port, self._name(table))
        except CircuitError as error:
            raise table.located(error, _blamed(error, table)) from error

    def _pixels(self, table: CircuitTable) -> None:
        part = self._part(table, PixelPart, ("pin",))
        pin = self._pin(table, "pin", table.need("pin", str))
        try:
            self._circuit.add_pixels(part, pin, self._name(table))
        except CircuitError as error:
            raise table.located(error, _blamed(error, table)) from error

    def _name(self, table: CircuitTable) -> str:
        name = table.get("name", str)
        part = table.need("part", str)
        return name or part.rpartition(":")[2]

    def _part(self, table: CircuitTable, wanted: type[_PartT], keys: tuple[str, ...]) -> _PartT:
        """Make a table's part, with its options and its channels."""
        name = table.need("part", str)
        try:
            found = self._classes.find(name, wanted)
        except CircuitError as error:
            note = getattr(error, "__notes__", [None])[0]
            raise table.error(str(error), note, "part") from error
        options, channels = option_parameters(found), found.channels()
        table.only(("part", "name", *keys, *channels, *options))
        given = {key: table.values[key] for key in options if key in table.values}
        if isinstance(given.get("file"), str):
            given["file"] = str(self._folder / given["file"])
        try:
            part = build(found, given)
            for key in channels:
                if key in table.values:
                    part.values[key] = channels[key].checked(table.values[key])
        except CircuitError as error:
            raise table.located(error, _blamed(error, table)) from error
        return part


def _blamed(error: CircuitError, table: CircuitTable) -> str | None:
    """Return the key that an error from further down speaks of: its name, or its value."""
    text = str(error)
    for key in table.values:
        if text.startswith((f"{key} ", f"{key!r} ")):
            return key
    for key, value in table.values.items():
        if isinstance(value, str) and key != "part" and repr(value) in text:
            return key
    return None
