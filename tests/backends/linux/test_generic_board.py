"""The board that is made of the kernel's names of lines."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpcompat.backends.linux import board_maker, generic_board, line_names
from cpcompat.backends.linux.line_names import Chip, Line
from cpcompat.board import detect
from cpcompat.board.definition import BoardDefinition
from cpcompat.errors import UnknownBoardError
from cpcompat.hal import Fault, HalError

pytestmark = [pytest.mark.feature("generic board"), pytest.mark.simulated]


def of(*names: str, label: str = "soc") -> Chip:
    """Return a chip with lines of these names."""
    return Chip("/dev/gpiochip0", label, tuple(Line(name, "", False) for name in names), "")


def built(chip: Chip, *i2c: int, **spi: int) -> BoardDefinition:
    """Return the board of a chip, its I2C buses, and its SPI buses with their parts: ``spi0=2``."""
    selects = {int(name[3:]): count for name, count in spi.items()}
    table = {"name": "L", "backend": "linux", **generic_board.table(chip, i2c, selects)}
    return BoardDefinition("linux", table)


def test_pins_have_the_names_of_their_lines() -> None:
    """Only those that Python can name, and that mean one line."""
    board = built(of("PA0", "", "NC", "GPIO-3", "class", "TWIN", "TWIN", "_x", "2PINS", "LED"))
    assert {name: pin.id for name, pin in board.names.items()} == {"PA0": 0, "LED": 9}
    assert board.for_backend == {"gpiochips": ["soc"]}
    assert board.chip == "soc"


def test_a_bus_has_pins_of_its_own_whose_place_nobody_knows() -> None:
    """The first of a kind has the usual names."""
    board = built(of("PA0"), 1, 4, spi0=2)
    assert [bus.bus for bus in board.i2c] == [1, 4]
    assert board.i2c[0].scl is board.names["SCL"] is board.names["I2C1_SCL"]
    assert board.i2c[1].sda is board.names["I2C4_SDA"]
    assert board.spi[0].clock is board.names["SCK"]
    assert board.spi[0].chip_selects == (board.names["CE0"], board.names["CE1"])
    assert board.names["SCL"].id == -1
    assert board.names["SCL"].label == "SCL"


def test_a_line_named_like_a_bus_gives_way() -> None:
    """board.SCL is what board.I2C() is made of."""
    board = built(of("SCL", "SDA", "I2C0_SCL"), 0)
    assert board.i2c[0].scl is board.names["SCL"]
    assert board.names["I2C0_SCL"].id == -1


def test_the_chip_with_the_most_names_is_the_board_s() -> None:
    """Not the port expander beside it."""
    expander, main = of("BT_ON", label="exp"), of("A", "B", "", label="soc")
    assert generic_board.choose([expander, main]) is main
    assert generic_board.choose([of("", "NC")]) is None
    assert generic_board.choose([]) is None


@given(
    st.lists(st.one_of(st.sampled_from(["A", "SCL", "SCK", "NC", "", "I2C0_SCL"]), st.text())),
    st.sets(st.integers(0, 30)),
    st.dictionaries(st.integers(0, 9), st.integers(1, 4)),
)
def test_every_chip_and_bus_makes_a_board(
    names: list[str], i2c: set[int], spi: dict[int, int]
) -> None:
    """Whatever lines are called; each bus is there."""
    table = generic_board.table(of(*names), i2c, spi)
    board = BoardDefinition("linux", {"name": "L", "backend": "linux", **table})
    assert [bus.bus for bus in board.i2c] == sorted(i2c)
    assert {bus.bus: len(bus.chip_selects) for bus in board.spi} == spi
    assert all(name.isidentifier() for name in board.names)


def test_the_board_is_made_when_it_is_chosen_and_never_detected(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its file has no name of a device tree."""
    monkeypatch.setattr(line_names, "chips", lambda folder: [of("LED1")])
    monkeypatch.setattr(os, "listdir", lambda folder: ["i2c-2", "spidev1.0", "i2c-x"])
    board = detect.definition("linux")
    assert next(iter(board.names)) == "LED1"
    assert (board.i2c[0].bus, board.spi[0].bus) == (2, 1)
    assert board.detect == ()


@pytest.mark.parametrize(
    ("chips", "fault", "said"),
    [
        ([], Fault.ABSENT, "offers no GPIO chip"),
        ([of("", "")], Fault.ABSENT, "has no names for these lines"),
        ([Chip("/dev/gpiochip0", "", (), "EACCES")], Fault.DENIED, "cpcompat doctor --board linux"),
    ],
)
def test_without_lines_to_name_there_is_no_such_board(
    monkeypatch: pytest.MonkeyPatch, chips: list[Chip], fault: Fault, said: str
) -> None:
    """The reason and the way out are those of the backend."""
    monkeypatch.setattr(line_names, "chips", lambda folder: chips)
    with pytest.raises(HalError) as raised:
        board_maker.make()
    assert raised.value.fault is fault
    with pytest.raises(UnknownBoardError, match="no board 'linux' here: ") as caught:
        detect.definition("linux")
    assert said in caught.value.__notes__[0]


def test_a_backend_that_makes_no_boards_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A file asks for what the simulated board's backend does not do."""
    folder = tmp_path_factory.mktemp("boards")
    (folder / "odd.toml").write_text('backend = "sim"\nfrom_backend = true\n')
    monkeypatch.setenv("CPCOMPAT_BOARDS", str(folder))
    with pytest.raises(UnknownBoardError, match="'sim' of the board 'odd' makes no boards"):
        detect.definition("odd")
