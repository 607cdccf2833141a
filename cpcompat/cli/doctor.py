"""``cpcompat doctor``: what works here, what does not, and what cures it."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from cpcompat import __version__
from cpcompat.board import detect
from cpcompat.errors import CpcompatError
from cpcompat.hal.finding import Finding

if TYPE_CHECKING:
    from cpcompat.board.definition import BoardDefinition

_SIGNS = {"ok": "✔", "off": "–", "note": "•", "broken": "✘"}
_COLOURS = {"ok": "32", "off": "2", "note": "33", "broken": "31"}


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "doctor",
        help="say what works here and what cures the rest",
        description="Say what of the board works here, what does not, and the commands that cure it. "
        "Nothing is changed. Exit status 1 when something is broken.",
    )
    parser.add_argument("--board", metavar="ID", help="the board, if not the one that is detected")
    parser.add_argument("--json", action="store_true", help="for programs to read")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Look, and print what was found."""
    from cpcompat.vm import clashes

    board, findings = examine(arguments.board)
    findings += clashes.findings(Path.cwd())
    if arguments.json:
        print(json.dumps(_as_json(board, findings), indent=1, ensure_ascii=False))
    else:
        _print(board, findings)
    return 1 if any(finding.level == "broken" for finding in findings) else 0


def examine(board_id: str | None) -> tuple[BoardDefinition | None, list[Finding]]:
    """Return the board, if there is one, and what its backend finds.

    Args:
        board_id: The board; None finds it.
    """
    try:
        found = board_id or detect.detect()
        board = detect.definition(found)
        backend = detect.backend_module(board)
    except CpcompatError as error:
        notes = tuple(getattr(error, "__notes__", ()))
        return None, [Finding("broken", "board", str(error), notes)]
    return board, [_how_found(board, board_id), *backend_findings(backend, board)]


def backend_findings(backend: object, board: BoardDefinition) -> list[Finding]:
    """Return what a backend says of a board; a backend may have nothing to say."""
    diagnose = getattr(backend, "diagnose", None)
    return [] if diagnose is None else list(diagnose(board))


def _how_found(board: BoardDefinition, chosen: str | None) -> Finding:
    if board.backend == "sim":
        if chosen or os.environ.get("CPCOMPAT_BOARD"):
            return Finding("ok", "board", "simulated, as chosen: no real pin is touched")
        return Finding(
            "note",
            "board",
            "simulated: no board is detected here, and no real pin is touched",
            ("«cpcompat boards» lists the boards; --board or CPCOMPAT_BOARD chooses one.",),
        )
    if chosen:
        return Finding("ok", "board", "as chosen by --board")
    if os.environ.get("CPCOMPAT_BOARD"):
        return Finding("ok", "board", "as chosen by CPCOMPAT_BOARD")
    return Finding("ok", "board", "found by the device tree")


def _as_json(board: BoardDefinition | None, findings: list[Finding]) -> dict[str, object]:
    return {
        "cpcompat": __version__,
        "board": board and board.id,
        "backend": board and board.backend,
        "kernel": platform.release(),
        "machine": platform.machine(),
        "python": platform.python_version(),
        "findings": [finding._asdict() for finding in findings],
    }


def _print(board: BoardDefinition | None, findings: list[Finding]) -> None:
    what = f"{board.name} ({board.id}) with {board.chip}" if board else "no known board"
    print(f"cpcompat {__version__} on {what}")
    print(f"Linux {platform.release()} {platform.machine()}, Python {platform.python_version()}\n")
    width = max(len(finding.topic) for finding in findings)
    for finding in findings:
        print(f"  {_sign(finding)} {finding.topic.ljust(width)}  {finding.said}")
        for line in finding.cure:
            print(f"    {'':{width}}    {_dimmed(line)}")
    print(f"\n{_sum(findings)}")


def _sum(findings: list[Finding]) -> str:
    broken = sum(finding.level == "broken" for finding in findings)
    if broken:
        return f"{broken} {'thing is' if broken == 1 else 'things are'} broken (✘)."
    if any(finding.level == "off" for finding in findings):
        return "All well. What is switched off (–) can stay so unless a program needs it."
    return "All well."


def _sign(finding: Finding) -> str:
    return _coloured(_SIGNS[finding.level], _COLOURS[finding.level])


def _dimmed(line: str) -> str:
    return _coloured(line, "36")


def _coloured(text: str, colour: str) -> str:
    if not sys.stdout.isatty() or os.environ.get("NO_COLOR"):
        return text
    return f"\x1b[{colour}m{text}\x1b[0m"
