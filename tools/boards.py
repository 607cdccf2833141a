"""Makes docs/boards.md from the boards' files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cpcompat.board.definition import BoardDefinition
from hatch_build import read_boards

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

INTRODUCTION = """\
# Boards

The boards that come with cpcompat, one file each in `cpcompat/board/data/`. This page is made by
`make docs` from the files; a test fails when it is out of date. [Adding a board](adding-a-board.md)
says how to make your own; [tried boards](tried-boards.md) lists those that somebody has seen working.

Ids of Raspberry Pis are those that Adafruit's PlatformDetect has, in lower case.
Buses are those that come out at pins; which of them are switched on says `cpcompat doctor`. The first
of a kind is that of `board.I2C()`, `board.SPI()` and `board.UART()`.

| id | board | chip | pins | I2C | SPI | UART | PWM | found by |
|---|---|---|--:|---|---|---|---|---|
"""
GENERIC = """
`linux` is no board of its own: with `--board linux` or `CPCOMPAT_BOARD=linux` pins are the lines of
the GPIO chip by the kernel's names of them, and buses are those with a node in `/dev`. It is never
chosen by itself: on a PC the I2C buses are those of the memory modules and the screen.
"""


def make(root: Path) -> str:
    """Return the page; a maker of `tools.docs`."""
    tables = {board_id: says for board_id, (_, _, says) in read_boards(root).items()}
    boards = [
        BoardDefinition(board_id, says)
        for board_id, says in tables.items()
        if not says.get("from_backend")
    ]
    rows = [_row(board, tables[board.id].get("models", ())) for board in boards]
    return INTRODUCTION + "\n".join(rows) + "\n" + GENERIC


def _row(board: BoardDefinition, models: Iterable[str]) -> str:
    pins = set(board.names.values())
    cells = [
        f"`{board.id}`",
        board.name,
        board.chip,
        str(len(pins)),
        _numbers(bus.bus for bus in board.i2c),
        _numbers(bus.bus for bus in board.spi),
        _numbers(port.port for port in board.uart),
        ", ".join(pin.label for pin in board.pwm),
        "<br>".join([f"`{name}`" for name in board.detect] + [f"«{name}»" for name in models]),
    ]
    return f"| {' | '.join(cells)} |"


def _numbers(numbers: Iterable[int]) -> str:
    return ", ".join(map(str, numbers))
