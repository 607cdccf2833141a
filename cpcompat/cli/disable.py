"""``cpcompat disable``: takes back what ``cpcompat enable`` did."""

from __future__ import annotations

import argparse

from cpcompat.vm import opt_in


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "disable",
        help="undo enable",
        description="Take away the .pth file that «cpcompat enable» added.",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Do it and say which file is gone; nothing to undo is no error."""
    gone = opt_in.disable()
    print(f"removed {gone}" if gone else "it was not enabled")
    return 0
