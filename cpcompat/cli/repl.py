"""``cpcompat repl``: the prompt of a board, before any program of its drive has run."""

from __future__ import annotations

import argparse

from cpcompat.cli.run import add_arguments, run


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "repl",
        help="the prompt of a board",
        description="Start a drive's board at the REPL; Ctrl-D runs its code.py.",
    )
    add_arguments(parser)
    parser.set_defaults(run=run, repl=True)
