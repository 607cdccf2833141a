"""``cpcompat circuit``: looks at the circuit of a running drive and turns its knobs."""

from __future__ import annotations

import argparse
import base64
import json
from pathlib import Path
from typing import Any

from cpcompat.backends.sim.looking import ask
from cpcompat.errors import CpcompatError
from cpcompat.storage.drive.place import run_folder

_USE = """\
show                     pins, parts and their channels, as JSON
set PART.CHANNEL=VALUE   turn a knob: set bme280.temperature=30
drive PIN high|low|off   what the world does to a pin; off lets go
image PART FILE.png      what a display shows
"""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "circuit",
        help="look at the simulated circuit of a running drive",
        description="Look at the circuit of a drive that runs, and turn its knobs.",
        epilog=_USE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("drive", metavar="DRIVE", help="the drive's folder")
    parser.add_argument("order", choices=("show", "set", "drive", "image"), help="see below")
    parser.add_argument("words", nargs="*", help="see below")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Ask the circuit; print what it shows."""
    path = run_folder(Path(arguments.drive).resolve()) / "circuit"
    order, words = arguments.order, arguments.words
    try:
        if order == "show":
            print(json.dumps(ask(path, "show"), indent=1, ensure_ascii=False))
        elif order == "set":
            (word,) = words
            place, _, value = word.partition("=")
            part, _, channel = place.rpartition(".")
            ask(path, "set", part, channel, _value(value))
        elif order == "drive":
            pin, level = words
            ask(path, "drive", pin, {"high": True, "low": False, "off": None}[level])
        else:
            part, file = words
            Path(file).write_bytes(base64.b64decode(ask(path, "image", part)))
    except (ValueError, KeyError) as error:
        raise CpcompatError(f"{order} does not take {' '.join(words)!r}", _USE) from error
    return 0


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
