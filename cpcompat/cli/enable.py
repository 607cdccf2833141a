"""``cpcompat enable``: every program of a virtual environment finds our modules by itself."""

from __future__ import annotations

import argparse

from cpcompat.vm import opt_in


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "enable",
        help="let every program of this virtual environment import board, …",
        description="Let every program of this virtual environment find board, digitalio, … here. "
        "It adds one .pth file, which «cpcompat disable» takes away.",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Do it and say which file does it."""
    print(f"enabled by {opt_in.enable()}")
    return 0
