"""Runs a command in the emulated Raspberry Pi, for whoever wants to look: ``tests/lab/run COMMAND``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tests.lab import cache
from tests.lab.machine import Pi, Setup
from tests.lab.qmp import LabError


def _wire(text: str) -> tuple[int, int]:
    start, _, end = text.partition(":")
    return int(start), int(end)


def _property(text: str) -> tuple[str, int]:
    name, _, value = text.partition("=")
    return name, int(value, 0)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tests/lab/run",
        description="Run a command with bash in an emulated Raspberry Pi 3B. Its output and exit "
        "status become this one's.",
    )
    add = parser.add_argument
    add("command", help="the command; /job is its directory")
    add("--put", action="append", default=[], type=Path, help="copy a file or folder into /job")
    add("--get", action="append", default=[], help="copy this path under /job back here")
    add("--wire", action="append", default=[], type=_wire, metavar="OUT:IN", help="a jumper wire")
    add("--set", action="append", default=[], type=_property, metavar="PART.PROPERTY=VALUE")
    add("--echo", action="store_true", help="/dev/ttyAMA0's other end sends back what it hears")
    add("--append", default="", metavar="ARGUMENTS", help="for the kernel; boots afresh")
    add("--console", action="store_true", help="show the kernel's console; boots afresh")
    add("--timeout", type=float, default=600, metavar="S", help="end it after so many seconds")
    return parser


def main(arguments: list[str]) -> int:
    """Run the command and return its exit status; 125 when the machine failed."""
    given = _parser().parse_args(arguments)
    if (reason := cache.missing()) is not None:
        print(reason, file=sys.stderr)
        return 125
    setup = Setup(
        wires=tuple(given.wire),
        properties=dict(given.set),
        echo=given.echo,
        append=given.append,
        console=given.console,
    )
    try:
        with Pi(setup, given.timeout) as pi:
            ended = pi.run(given.command, {path.name: path for path in given.put}, given.get)
            if given.console:
                sys.stderr.write((pi.work / "console").read_text("utf-8", errors="replace"))
    except LabError as error:
        print(error, file=sys.stderr)
        return 125
    sys.stdout.write(ended.out)
    sys.stderr.write(ended.err)
    for name, content in ended.files.items():
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return ended.status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
