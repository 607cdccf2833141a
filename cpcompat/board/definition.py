"""What a board's file says: its pins, their names, and the buses they make."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from cpcompat.hal.pin import Pin

if TYPE_CHECKING:
    from collections.abc import Mapping


class I2cPins(NamedTuple):
    """An I2C bus of the board and the pins it comes out at."""

    bus: int
    scl: Pin
    sda: Pin


class SpiPins(NamedTuple):
    """An SPI bus of the board and the pins it comes out at.

    Attributes:
        bus: Its number.
        clock: The pin of the clock.
        mosi: The pin of what the board sends.
        miso: The pin of what it receives.
        chip_selects: The pins that the bus's own controller drives to select a part, the
            kernel's first one first.
    """

    bus: int
    clock: Pin
    mosi: Pin
    miso: Pin
    chip_selects: tuple[Pin, ...] = ()


class UartPins(NamedTuple):
    """A serial port of the board and the pins it comes out at."""

    port: int
    tx: Pin
    rx: Pin


class BoardDefinition:
    """One board. Each pin is one `Pin` object, whatever names it goes by.

    Args:
        board_id: The name of the board's file, ``"sim"``.
        table: What the file says, as TOML gives it.

    Attributes:
        id: The board's id, as ``board.board_id`` tells it.
        name: The board's name for people.
        chip: The chip's name.
        backend: The name of the backend that drives it.
        frequency_hz: The processor's clock, or None where the file does not say.
        pins: The chip's pins by their names, in the file's order.
        names: The same pins by the board's names of them, in the file's order.
        i2c: The I2C buses, the default one first.
        spi: The SPI buses, the default one first.
        uart: The serial ports, the default one first.
        analog_inputs: Pins with a converter to digital.
        analog_outputs: Pins with a converter from digital.
        analog_reference_v: The voltage that reads as full scale.
        pwm: Pins with a pulse-width modulator.
        header: The pins as people see them: the name of a usual header, or its rows; see
            `cpcompat.board.header`.
        detect: What the device tree calls such a board (``compatible`` strings).
        for_backend: What the file says to its backend alone: the table of the backend's name.
    """

    def __init__(self, board_id: str, table: Mapping[str, Any]) -> None:
        self.id = board_id
        self.name: str = table["name"]
        self.chip: str = table["chip"]
        self.backend: str = table["backend"]
        self.frequency_hz: int | None = table.get("frequency_hz")
        self.header: object = table.get("header", "")
        self.detect: tuple[str, ...] = tuple(table.get("detect", ()))
        self.for_backend: Mapping[str, Any] = table.get(self.backend, {})
        labels: dict[str, list[str]] = {name: [] for name in table["pins"]}
        for label, name in table["names"].items():
            labels[name].append(label)
        self.pins: dict[str, Pin] = {
            name: Pin.make(name, number, tuple(labels[name]))
            for name, number in table["pins"].items()
        }
        self.names: dict[str, Pin] = {
            label: self.pins[name] for label, name in table["names"].items()
        }
        self._set_buses(table)
        self._set_converters(table)

    def _set_buses(self, table: Mapping[str, Any]) -> None:
        pin = self.pins.__getitem__
        default = table.get("default", {})

        def ordered(kind: str, key: str) -> list[Mapping[str, Any]]:
            return sorted(table.get(kind, ()), key=lambda row: row[key] != default.get(kind))

        self.i2c = tuple(
            I2cPins(row["bus"], pin(row["scl"]), pin(row["sda"])) for row in ordered("i2c", "bus")
        )
        self.spi = tuple(
            SpiPins(
                row["bus"],
                pin(row["clock"]),
                pin(row["mosi"]),
                pin(row["miso"]),
                tuple(map(pin, row.get("chip_selects", ()))),
            )
            for row in ordered("spi", "bus")
        )
        self.uart = tuple(
            UartPins(row["port"], pin(row["tx"]), pin(row["rx"])) for row in ordered("uart", "port")
        )

    def _set_converters(self, table: Mapping[str, Any]) -> None:
        analog = table.get("analog", {})
        self.analog_inputs = tuple(self.pins[name] for name in analog.get("inputs", ()))
        self.analog_outputs = tuple(self.pins[name] for name in analog.get("outputs", ()))
        self.analog_reference_v: float = analog.get("reference_v", 0.0)
        self.pwm = tuple(self.pins[name] for name in table.get("pwm", {}).get("pins", ()))

    def __repr__(self) -> str:
        return f"<board {self.id}: {self.name} with {self.chip}>"
