"""What ``cpcompat.toml`` may say, and what is said when it says something else."""

from __future__ import annotations

from pathlib import Path

import pytest

from cpcompat.board.detect import definition
from cpcompat.errors import DriveError
from cpcompat.hal.safe_states import STATES
from cpcompat.supervisor.process import configuration

pytestmark = [pytest.mark.feature("hardware broker"), pytest.mark.simulated]

BOARD = definition("raspberry_pi_4b")


def read(folder: Path, text: str) -> configuration.Configuration:
    """Write the file and read it."""
    (folder / "cpcompat.toml").write_text(text)
    return configuration.read(folder)


def test_a_drive_without_the_file_declares_nothing(tmp_path: Path) -> None:
    """Every pin is an input while no program uses it."""
    assert configuration.read(tmp_path).pins == {}


@pytest.mark.parametrize("state", STATES)
def test_a_pin_is_declared_by_the_boards_name_or_the_chips(tmp_path: Path, state: str) -> None:
    """The broker gets the chip's name."""
    for name in ("D17", "GPIO17"):
        said = read(tmp_path, f'[pins.{name}]\nsafe = "{state}"\n')
        assert configuration.on_board(said.pins, BOARD) == {"GPIO17": state}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[pins.D17]\nsafe = "off"\n', ("[pins.D17]", "'off'", "'input-pullup'")),
        ("[pins.D17]\nsafe = true\n", ("[pins.D17]", "True", "'low'")),
        ("[pins.D17]\n", ("[pins.D17]", "None", "'low'")),
        ('[pins.D17]\nsave = "low"\n', ("[pins.D17]", "'save'", "safe")),
        ("pins = 3\n", ("pins = 3", "[pins.D17]", 'safe = "low"')),
        ("[pins]\nD17 = 1\n", ("no table of pins", 'safe = "low"')),
        ("[pin.D17]\n", ("'pin'", "[supervisor]", "[pins.D17]")),
    ],
)
def test_a_mistake_is_named_with_its_place_and_what_may_stand_there(
    tmp_path: Path, text: str, words: tuple[str, ...]
) -> None:
    """File, key, value and the legal ones."""
    with pytest.raises(DriveError) as caught:
        read(tmp_path, text)
    said = " ".join((str(caught.value), *caught.value.__notes__))
    for word in ("cpcompat.toml", *words):
        assert word in said


@pytest.mark.parametrize(
    ("pins", "words"),
    [
        ({"D99": "low"}, ("[pins.D99]", "raspberry_pi_4b")),
        ({"D17": "low", "GPIO17": "high"}, ("[pins.GPIO17]", "twice")),
    ],
)
def test_a_pin_that_the_board_does_not_have_once_is_named(
    pins: dict[str, str], words: tuple[str, ...]
) -> None:
    """The board's id says which board that is."""
    with pytest.raises(DriveError) as caught:
        configuration.on_board(pins, BOARD)
    for word in words:
        assert word in str(caught.value)
