"""``cpcompat safe-pins``: makes pins safe that a killed supervisor has left driven."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from cpcompat.errors import CpcompatError

if TYPE_CHECKING:
    from cpcompat.backends.linux.ledger import Told

_LEFT = 1
"""Exit status when somebody holds a line that was to be made safe."""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "safe-pins",
        help="make pins safe that a killed supervisor has left driven",
        description=(
            "Bring the pins that programs had into their safe states, when the supervisor, its"
            " zygote and its broker were all killed. For systemd: ExecStopPost=cpcompat safe-pins"
        ),
    )
    parser.add_argument(
        "drive", nargs="?", metavar="DRIVE", help="the drive's folder (default: every drive)"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Make safe what the ledgers tell of."""
    from cpcompat.storage.drive.place import run_folder, run_folders

    folders = (
        run_folders() if arguments.drive is None else [run_folder(Path(arguments.drive).resolve())]
    )
    results = [_make_safe(folder) for folder in folders]
    return max(results, default=0)


def _make_safe(folder: Path) -> int:
    from cpcompat.backends.linux import ledger, safing

    try:
        descriptor = os.open(folder / ledger.NAME, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return 0
    try:
        told = ledger.read(descriptor)
        if told is None or _is_run(told):
            return 0
        _, held = safing.by_ledger(descriptor)
    finally:
        os.close(descriptor)
    return _say(told, held)


def _is_run(told: Told) -> bool:
    """Tell whether a supervisor has the drive: then the lines are its own affair."""
    from cpcompat.storage.drive.place import DriveLock

    try:
        DriveLock(Path(told.drive)).close()
    except CpcompatError as error:
        print(f"cpcompat: {error}", file=sys.stderr)
        return True
    return False


def _say(told: Told, held: dict[int, str]) -> int:
    from cpcompat.board.detect import definition
    from cpcompat.hal.safe_states import INPUT

    names = {pin.id: pin.name for pin in definition(told.board).pins.values()}
    for offset in dict.fromkeys((*told.lines, *told.states)):
        if offset not in held:
            print(f"{names[offset]}: {told.states.get(offset, INPUT)}")
    for offset, holder in held.items():
        by = repr(holder) if holder else "somebody"
        print(f"cpcompat: {names[offset]} is held by {by}; end that first.", file=sys.stderr)
    return _LEFT if held else 0
