"""How the pins of a board lie, for people to look at."""

from __future__ import annotations

import pytest

from cpcompat.board.definition import BoardDefinition
from cpcompat.board.detect import boards, definition
from cpcompat.board.header import rows

pytestmark = [pytest.mark.feature("live view"), pytest.mark.simulated]
NAMED = [name for name in boards() if name != "linux"]


@pytest.mark.parametrize("name", NAMED)
def test_every_board_has_its_header_and_each_pin_once(name: str) -> None:
    """What is no pin is power or ground; what is on no header stands beside it."""
    board = definition(name)
    found = rows(board)
    header = [row for row in found if len(row) == 2]
    beside = [row for row in found if len(row) != 2]
    assert len(header) in (13, 20)
    assert all(len(row) == 1 for row in beside)
    pins = [cell["pin"] for row in found for cell in row if cell["pin"]]
    assert sorted(pins) == sorted(board.pins)
    kinds = {cell["label"]: cell["kind"] for row in header for cell in row if not cell["pin"]}
    assert kinds == {"3V3": "power", "5V": "power", "GND": "ground"}


def test_the_40_pin_header_has_its_pins_where_they_are() -> None:
    """Counted from pin 1, the odd ones on the left."""
    numbered = {
        at * 2 + side + 1: cell["label"]
        for at, row in enumerate(rows(definition("raspberry_pi_4b"))[:20])
        for side, cell in enumerate(row)
    }
    known = {1: "3V3", 2: "5V", 3: "GPIO2", 6: "GND", 8: "GPIO14", 11: "GPIO17", 12: "GPIO18"}
    known |= {19: "GPIO10", 24: "GPIO8", 27: "GPIO0", 28: "GPIO1", 32: "GPIO12", 40: "GPIO21"}
    assert {number: numbered[number] for number in known} == known
    assert len(numbered) == 40


def test_a_board_of_one_s_own_draws_its_own_header() -> None:
    """By the chip's names or its own; without one the pins stand by themselves."""
    table = {
        "name": "Mine",
        "chip": "c",
        "backend": "sim",
        "pins": {"P0": 0, "P1": 1},
        "names": {"D0": "P0"},
    }
    drawn = rows(BoardDefinition("mine", {**table, "header": [["3V3", "GND"], ["D0", "AREF"]]}))
    assert [[cell["kind"] for cell in row] for row in drawn] == [
        ["power", "ground"],
        ["gpio", "power"],
        ["gpio"],
    ]
    assert drawn[1][0] == {"label": "D0", "names": ["D0"], "pin": "P0", "kind": "gpio"}
    for odd in (7, "no-such-header", [1, 2], None):
        alone = rows(BoardDefinition("mine", {**table, "header": odd}))
        assert [[cell["label"] for cell in row] for row in alone] == [["P0"], ["P1"]]
