"""``cpcompat selftest``: tries the board's hardware, and writes a report of it."""

from __future__ import annotations

import argparse
import json
import platform
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from cpcompat import __version__
from cpcompat.board import detect
from cpcompat.errors import CpcompatError

if TYPE_CHECKING:
    from cpcompat.testing.selftest import Check

_SIGNS = {"passed": "✔", "failed": "✘", "skipped": "–"}


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "selftest",
        help="try this board's hardware and write a report",
        description="Try this board's hardware and write a report. No pin is touched that is not "
        "named here. Exit status 1 when something does not do what it should.",
    )
    parser.add_argument("--board", metavar="ID", help="the board, if not the one that is detected")
    parser.add_argument(
        "--loop", metavar="PIN:PIN", help="two pins that are wired together: D17:D27"
    )
    parser.add_argument("--i2c", type=int, metavar="N", help="ask who is on this I2C bus")
    parser.add_argument("--spi", type=int, metavar="N", help="an SPI bus, MOSI wired to MISO")
    parser.add_argument("--uart", type=int, metavar="N", help="a serial port, TX wired to RX")
    parser.add_argument("--report", metavar="FILE.json", help="where to write the report")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Say what is going to be done, do it, and write it down."""
    from cpcompat.testing.selftest import plan, report
    from cpcompat.testing.selftest import run as try_all

    machine = detect.connect(arguments.board)
    try:
        board = machine.board
        planned = plan.make(board, arguments.loop, arguments.i2c, arguments.spi, arguments.uart)
        print(f"{board.name} ({board.id}), Linux {platform.release()}\n")
        for sentence in planned.sentences():
            print(f"  {sentence}")
        print()
        checks = try_all(machine, planned, _show)
    finally:
        machine.backend.close()
    made = report.make(board, planned, checks, _system())
    path = Path(arguments.report or report.file_name(made))
    _write(path, made)
    failed = sum(check.outcome == "failed" for check in checks)
    _sum_up(checks, failed, path)
    if board.backend != "sim":
        print("Please send it: docs/tried-boards.md says how.")
    return 1 if failed else 0


def _show(check: Check) -> None:
    said = f": {check.said}" if check.said else ""
    print(f"  {_SIGNS[check.outcome]} {check.topic:5}  {check.name}{said}", flush=True)


def _system() -> dict[str, str]:
    return {
        "cpcompat": __version__,
        "day": date.today().isoformat(),
        "model": detect.model(),
        "kernel": platform.release(),
        "machine": platform.machine(),
        "python": platform.python_version(),
    }


def _write(path: Path, report: dict[str, object]) -> None:
    try:
        path.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", "utf-8")
    except OSError as error:
        raise CpcompatError(
            f"cannot write {str(path)!r}: {error.strerror}", "--report names another file."
        ) from error


def _sum_up(checks: list[Check], failed: int, path: Path) -> None:
    tried = sum(check.outcome == "passed" for check in checks)
    print(f"\n{tried} passed, {failed} failed, {len(checks) - tried - failed} not tried.")
    print(f"The report is {path}.")
