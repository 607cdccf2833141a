"""``cpcompat boards``: which boards are known, and what one of them has."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from cpcompat.board.detect import boards, definition, detect
from cpcompat.board.files import table
from cpcompat.errors import UnknownBoardError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cpcompat.board.definition import BoardDefinition
    from cpcompat.hal.pin import Pin


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "boards",
        help="list boards, or the pins of one",
        description="List the boards that are known, or the pins and buses of one.",
    )
    parser.add_argument("board", nargs="?", metavar="ID", help="a board's id")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the table that was asked for."""
    if arguments.board is None:
        _print_boards()
    else:
        _print_board(definition(arguments.board))
    return 0


def _print_boards() -> None:
    here = _here()
    rows = [("", "ID", "NAME", "CHIP", "BACKEND", "PINS")]
    for board_id in boards():
        mark = "*" if board_id == here else ""
        rows.append((mark, board_id, *_row(board_id)))
    _print_table(rows)
    if here:
        print(f"\n* is the board here. Its pins: cpcompat boards {here}")


def _row(board_id: str) -> tuple[str, str, str, str]:
    says, _ = table(board_id)
    if says.get("from_backend"):  # made when it is chosen; here there may be nothing to make it of
        return says["name"], says["chip"], says["backend"], "?"
    board = definition(board_id)
    return board.name, board.chip, board.backend, str(len(board.names))


def _here() -> str | None:
    """Return the id of the board that `cpcompat run` would take, if there is one."""
    try:
        return detect()
    except UnknownBoardError:
        return None


def _print_board(board: BoardDefinition) -> None:
    print(f"{board.name} ({board.id}) with {board.chip}, by the backend {board.backend!r}\n")
    rows = [("PIN", "ALSO", "CHIP", "CAN BE")]
    for pin in board.pins.values():
        if pin.labels:
            rows.append(
                (pin.label, " ".join(pin.labels[1:]), pin.name, ", ".join(_uses(board, pin)))
            )
    _print_table(rows)
    print("\nBuses")
    _print_table(list(_buses(board)))


def _uses(board: BoardDefinition, pin: Pin) -> Iterator[str]:
    """Yield what a pin can be besides a digital one."""
    if pin in board.analog_inputs:
        yield "analog in"
    if pin in board.analog_outputs:
        yield "analog out"
    if pin in board.pwm:
        yield "PWM"


def _buses(board: BoardDefinition) -> Iterator[tuple[str, str]]:
    """Yield each bus with its pins; the first of a kind is the one that board.I2C() means."""
    for i2c in board.i2c:
        default = " = board.I2C()" if i2c is board.i2c[0] else ""
        yield f"I2C {i2c.bus}{default}", _at(SCL=i2c.scl, SDA=i2c.sda)
    for spi in board.spi:
        default = " = board.SPI()" if spi is board.spi[0] else ""
        wires = _at(clock=spi.clock, MOSI=spi.mosi, MISO=spi.miso)
        yield f"SPI {spi.bus}{default}", wires + _selecting(spi.chip_selects)
    for uart in board.uart:
        default = " = board.UART()" if uart is board.uart[0] else ""
        yield f"UART {uart.port}{default}", _at(TX=uart.tx, RX=uart.rx)


def _at(**pins: Pin) -> str:
    """Say at which pin of the board each wire of a bus comes out."""
    return ", ".join(f"{wire} at {pin.label}" for wire, pin in pins.items())


def _selecting(pins: Iterable[Pin]) -> str:
    """Say which pins a bus's controller drives itself: their names for it, CE0, where they have one."""
    names = [next((n for n in pin.labels if n.startswith("CE")), pin.label) for pin in pins]
    return f"; selects by {', '.join(names)}" if names else ""


def _print_table(rows: Iterable[tuple[str, ...]]) -> None:
    """Print rows in columns as wide as their widest cell."""
    table = list(rows)
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for row in table:
        print(
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        )
