"""The package's board files: every one is whole, and says what the kernel's device trees say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cpcompat.board import files
from cpcompat.board.definition import BoardDefinition
from cpcompat.board.detect import boards, definition
from cpcompat.board.matching import index
from cpcompat.errors import UnknownBoardError

pytestmark = [pytest.mark.feature("board files"), pytest.mark.simulated]

PIS = [name for name in boards() if name.startswith("raspberry_pi_")]
FIRST = {"raspberry_pi_a", "raspberry_pi_b_rev1", "raspberry_pi_b_rev2"}
BLINKA_40 = (
    {f"D{number}": number for number in range(28)}
    | {"SDA": 2, "SCL": 3, "CE1": 7, "CE0": 8, "MISO": 9, "MOSI": 10, "SCLK": 11, "SCK": 11}
    | {"TXD": 14, "RXD": 15, "TX": 14, "RX": 15}
    | {"MISO_1": 19, "MOSI_1": 20, "SCLK_1": 21, "SCK_1": 21}
)
"""The names of ``board`` with Adafruit Blinka 10 on a Raspberry Pi of 40 pins."""
PWM = {12: 0, 13: 1, 18: 0, 19: 1}
PWM_RP1 = {12: 0, 13: 1, 14: 2, 15: 3, 18: 2, 19: 3}
CHIPS = {
    "BCM2835": ("pinctrl-bcm2835", "2020c000.pwm", PWM),
    "BCM2836": ("pinctrl-bcm2835", "3f20c000.pwm", PWM),
    "BCM2837": ("pinctrl-bcm2835", "3f20c000.pwm", PWM),
    "BCM2711": ("pinctrl-bcm2711", "fe20c000.pwm", PWM),
    "BCM2712": ("pinctrl-rp1", "1f00098000.pwm", PWM_RP1),
}
"""By chip: the label of its GPIO lines, its PWM controller, and the channels of the header's pins."""


def test_every_raspberry_pi_from_the_first_to_the_5_has_a_file() -> None:
    """One for each header and chip that a program can be on."""
    assert {name.removeprefix("raspberry_pi_") for name in PIS} == {
        *("a", "a_plus", "b_rev1", "b_rev2", "b_plus", "zero", "zero_w", "zero_2_w"),
        *("2b", "3a_plus", "3b", "3b_plus", "4b", "400", "5", "500"),
        *("cm0", "cm1", "cm2", "cm3", "cm3_plus", "cm4", "cm4s", "cm5"),
    }


@pytest.mark.parametrize("name", PIS)
def test_the_lines_and_modulators_of_a_pi_are_those_of_its_chip(name: str) -> None:
    """Chips by label and never by number; channels as the chip's manual routes them."""
    board = definition(name)
    label, controller, channels = CHIPS[board.chip]
    assert board.backend == "linux"
    assert board.for_backend["gpiochips"] == [label]
    assert all(pin.name == f"GPIO{pin.id}" for pin in board.pins.values())
    said = {
        int(pin.removeprefix("GPIO")): (row["controller"], row["channel"])
        for pin, row in board.for_backend["pwm"].items()
    }
    known = {pin: (controller, channel) for pin, channel in channels.items()}
    if name in FIRST:
        known = {18: known[18]}
    elif name in {f"raspberry_pi_{module}" for module in ("cm1", "cm2", "cm3", "cm3_plus")}:
        known |= {40: (controller, 0), 41: (controller, 1), 45: (controller, 1)}
    assert said == known
    assert sorted(pin.id for pin in board.pwm) == sorted(known)


@pytest.mark.parametrize("name", sorted(set(PIS) - FIRST))
def test_a_pi_of_40_pins_has_the_names_that_blinka_gives_them(name: str) -> None:
    """Existing programs run."""
    names = definition(name).names
    assert {label: names[label].id for label in BLINKA_40} == BLINKA_40
    more = set(names) - set(BLINKA_40)
    if name in {f"raspberry_pi_{module}" for module in ("cm1", "cm2", "cm3", "cm3_plus", "cm4s")}:
        more -= {f"D{number}" for number in range(28, 46)}
        more -= {"MISO_2", "MOSI_2", "SCLK_2", "SCK_2"}
    assert more == set()


@pytest.mark.parametrize(
    ("name", "sda", "has", "lacks"),
    [
        ("raspberry_pi_b_rev1", 0, {0, 1, 21}, {2, 3, 27}),
        ("raspberry_pi_b_rev2", 2, {2, 3, 27}, {0, 1, 21}),
        ("raspberry_pi_a", 2, {2, 3, 27}, {0, 1, 21}),
    ],
)
def test_a_pi_of_26_pins_has_the_lines_of_its_revision(
    name: str, sda: int, has: set[int], lacks: set[int]
) -> None:
    """Two pairs of lines and the bus on one of them changed with revision 2."""
    board = definition(name)
    numbers = {pin.id for pin in board.pins.values()}
    assert len(numbers) == 17
    assert has <= numbers
    assert not lacks & numbers
    assert board.i2c[0].sda is board.names["SDA"]
    assert board.i2c[0].sda.id == sda
    assert board.i2c[0].bus == (0 if sda == 0 else 1)


@pytest.mark.parametrize("name", PIS)
def test_the_default_buses_of_a_pi_are_the_header_s(name: str) -> None:
    """As board.I2C(), board.SPI() and board.UART() give them."""
    board = definition(name)
    names = board.names
    assert (board.i2c[0].scl, board.i2c[0].sda) == (names["SCL"], names["SDA"])
    spi, uart = board.spi[0], board.uart[0]
    assert (spi.bus, spi.clock, spi.mosi, spi.miso) == (
        0,
        *(names[label] for label in ("SCK", "MOSI", "MISO")),
    )
    assert spi.chip_selects == (names["CE0"], names["CE1"])
    assert (uart.port, uart.tx, uart.rx) == (0, names["TX"], names["RX"])


@pytest.mark.parametrize("name", PIS)
def test_each_serial_port_of_a_pi_has_aliases_to_look_it_up_by(name: str) -> None:
    """A port is found in the device tree: /dev/serial0 may be anything."""
    board = definition(name)
    aliases = board.for_backend["uart"]
    assert sorted(aliases) == sorted(str(port.port) for port in board.uart)
    for names in aliases.values():
        assert names
        assert all(re.fullmatch(r"(serial|uart)\d+", alias) for alias in names)


def everything(board: BoardDefinition) -> list[tuple[str, tuple[object, ...]]]:
    """Return each bus of a board with its pins."""
    buses: list[tuple[str, tuple[object, ...]]] = []
    buses += [(f"i2c{row.bus}", (row.scl, row.sda)) for row in board.i2c]
    buses += [(f"spi{row.bus}", (row.clock, row.mosi, row.miso)) for row in board.spi]
    buses += [(f"uart{row.port}", (row.tx, row.rx)) for row in board.uart]
    return buses


@pytest.mark.parametrize("name", [*PIS, "sim"])
def test_no_bus_hides_another(name: str) -> None:
    """Each number once a kind, and no two buses of a kind at the same pins: each can be asked for."""
    buses = everything(definition(name))
    assert len({number for number, _ in buses}) == len(buses)
    places = [(number.rstrip("0123456789"), pins) for number, pins in buses]
    assert len(set(places)) == len(places)
    for _, pins in buses:
        assert len(set(pins)) == len(pins)


def test_no_two_boards_say_the_same_of_themselves() -> None:
    """A device tree means one board."""
    found = index({name: files.table(name)[0] for name in boards()})
    assert found["raspberrypi,4-model-b"] == {"": "raspberry_pi_4b"}
    with pytest.raises(ValueError, match="'a' and 'b' are both 'x,y'"):
        index({"a": {"detect": ["x,y"]}, "b": {"detect": ["x,y"]}})


def test_a_shared_file_is_no_board() -> None:
    """It is neither listed nor found."""
    shared = {path.stem for path in Path(files.DATA).glob("_*.toml")}
    assert len(shared) == 9
    assert not shared & set(boards())
    with pytest.raises(UnknownBoardError, match="unknown board '_raspberry-pi-40'"):
        definition("_raspberry-pi-40")
