"""``cpcompat boards`` shows what the boards' files say."""

from __future__ import annotations

import pytest

from cpcompat.board.detect import boards, definition
from tests.running import cpcompat

pytestmark = pytest.mark.feature("command line")


def test_the_table_has_a_line_for_each_board() -> None:
    """With its id and its name, and a mark at the one that is here."""
    ran = cpcompat("boards")
    assert ran.returncode == 0, ran.stderr
    heading, *lines = ran.stdout.partition("\n\n")[0].splitlines()
    assert heading.split() == ["ID", "NAME", "CHIP", "BACKEND", "PINS"]
    assert len(lines) == len(boards())
    (sim,) = (line for line in lines if "Simulated board" in line)
    assert sim.startswith("*  sim "), "without hardware it is the board here"


def test_a_board_is_shown_with_every_name_of_its_pins() -> None:
    """Each label in board is in the table once, and each bus below it."""
    ran = cpcompat("boards", "sim")
    assert ran.returncode == 0, ran.stderr
    pins, _, buses = ran.stdout.partition("\nBuses\n")
    words = pins.split("CAN BE\n")[1].split()
    for label in definition("sim").names:
        assert label in words
    assert "I2C 1 = board.I2C()" in buses
    assert "SPI 0 = board.SPI()" in buses
    assert "UART 0 = board.UART()" in buses


def test_what_a_pin_can_be_is_said() -> None:
    """A0 of the simulated board converts both ways; LED can be dimmed."""
    lines = {
        line.split()[0]: line for line in cpcompat("boards", "sim").stdout.splitlines() if line
    }
    assert lines["A0"].endswith("analog in, analog out")
    assert lines["LED"].endswith("PWM")


def test_an_unknown_board_is_an_error_that_lists_the_known_ones() -> None:
    """Exit status 2, and the way out."""
    ran = cpcompat("boards", "nosuchboard")
    assert ran.returncode == 2
    assert "unknown board 'nosuchboard'" in ran.stderr
    assert "sim" in ran.stderr.partition("\n")[2]


def test_the_pins_that_a_bus_drives_itself_are_said() -> None:
    """By their names for it, where they have one."""
    said = cpcompat("boards", "raspberry_pi_4b").stdout
    assert "clock at D11, MOSI at D10, MISO at D9; selects by CE0, CE1" in said
    assert "clock at D21, MOSI at D20, MISO at D19; selects by D18, D17, D16" in said
