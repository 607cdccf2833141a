"""The ``cpcompat`` command: the only place that prints for people and ends the process."""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from typing import Protocol

from cpcompat import __version__
from cpcompat.errors import CpcompatError

UNUSABLE = 2
"""Exit status for what the command cannot make sense of or cannot do."""
_COMMANDS = (
    "run",
    "repl",
    "new",
    "boards",
    "doctor",
    "selftest",
    "safe_pins",
    "circuit",
    "control",
    "web",
    "usb",
    "enable",
    "disable",
)


class Command(Protocol):
    """What the module of a subcommand has."""

    def run(self, arguments: argparse.Namespace) -> int:
        """Do it; return the exit status."""
        ...


def parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    top = argparse.ArgumentParser(
        prog="cpcompat",
        description="A CircuitPython-compatible runtime for Linux single-board computers.",
    )
    top.add_argument("--version", action="version", version=f"cpcompat {__version__}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name in _COMMANDS:
        import_module(f"cpcompat.cli.{name}").add_parser(commands)
    return top


def main(words: list[str] | None = None) -> int:
    """Run the command line.

    Args:
        words: The words after the command's name; None takes the process's own.

    Returns:
        The exit status.
    """
    arguments = parser().parse_args(words)
    try:
        status: int = arguments.run(arguments)
    except CpcompatError as error:
        print(f"cpcompat: {error}", file=sys.stderr)
        for note in getattr(error, "__notes__", ()):
            print(f"  {note}", file=sys.stderr)
        return UNUSABLE
    return status
