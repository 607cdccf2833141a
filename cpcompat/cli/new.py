"""``cpcompat new``: makes a drive with a first program."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from cpcompat.errors import DriveError

CODE = """\
# This program runs when the board starts, and again each time you save it.
import time

import board
import digitalio

led = digitalio.DigitalInOut(board.LED)
led.switch_to_output()

while True:
    led.value = not led.value
    print("LED", "on" if led.value else "off")
    time.sleep(0.5)
"""
SETTINGS = """\
# Settings that programs read: os.getenv("GREETING") in code.py. Texts in double quotes, and whole
# numbers.
# GREETING = "Hello"
"""
CIRCUIT = """\
# What is wired to the simulated board; a real board does not read this file.
# Take away a «#» to have the part. docs/running.md lists the parts and what each can be told.

# A weather sensor. Change a value and save: the program reads the new one.
# [[i2c]]
# part = "bme280"
# address = 0x77
# temperature = 23.5

# Somebody presses the button two seconds after the start, for 0.2 s. Times are in nanoseconds.
# [[input]]
# pin = "BUTTON"
# events = [[0, 1], [2_000_000_000, 0], [2_200_000_000, 1]]

# A wire between two pins.
# [[wire]]
# pins = ["D5", "D6"]
"""
FILES = {"code.py": CODE, "settings.toml": SETTINGS, "sim.toml": CIRCUIT}


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "new",
        help="make a drive",
        description="Make a drive: a folder with a first code.py. Files that are there stay as they are.",
    )
    parser.add_argument("drive", metavar="DRIVE", help="the folder to make")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Make the drive and say what is in it."""
    drive = Path(arguments.drive)
    for name, made in make(drive):
        print(f"{'made' if made else 'kept'}  {drive / name}")
    print(f"Run it: cpcompat run {drive}", file=sys.stderr)
    return 0


def make(drive: Path) -> list[tuple[str, bool]]:
    """Put what is missing into a drive's folder.

    Args:
        drive: The folder; made if need be.

    Returns:
        Each name and whether it was made now.

    Raises:
        DriveError: The folder cannot be made or written, or must not be a drive.
    """
    from cpcompat.storage.drive.place import refuse_harmful

    refuse_harmful(drive.resolve())
    try:
        (drive / "lib").mkdir(parents=True, exist_ok=True)
        return [(name, _write_new(drive / name, text)) for name, text in FILES.items()]
    except OSError as error:
        where = error.filename or str(drive)
        raise DriveError(
            f"cannot make the drive: {error.strerror}: {where!r}", "Choose another folder."
        ) from error


def _write_new(path: Path, text: str) -> bool:
    """Write a file unless there is one; return whether it was written."""
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        return False
    return True
