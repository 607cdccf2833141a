"""``cpcompat status``, ``reload``, ``reset`` and ``console``: they speak to a drive that runs."""

from __future__ import annotations

import argparse
import json
import os
import select
import socket
import sys
from pathlib import Path
from typing import Any

from cpcompat import unix_socket
from cpcompat.errors import CpcompatError

_LEAVE_KEY = b"\x1d"
_ANSWER_S = 10.0
_LONGEST = 65536


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommands."""
    for name, about, function in (
        ("status", "say what a running drive is doing", _status),
        ("reload", "run code.py of a running drive again", _reload),
        ("reset", "press the reset button of a running drive", _reset),
        ("console", "sit down at the console of a running drive; Ctrl-] leaves", _console),
    ):
        parser = commands.add_parser(
            name, help=about, description=about[0].upper() + about[1:] + "."
        )
        parser.add_argument("drive", nargs="?", default=".", metavar="DRIVE", help="the drive")
        parser.set_defaults(run=function)
        if name == "status":
            parser.add_argument("--json", action="store_true", help="for programs to read")
        if name == "reset":
            parser.add_argument("--safe", action="store_true", help="boot into safe mode")


def _status(arguments: argparse.Namespace) -> int:
    """Print what the drive is doing."""
    said = _ask(arguments.drive, {"order": "status"})
    if arguments.json:
        print(json.dumps(said))
        return 0
    for name, value in said.items():
        if value not in ("", None):
            print(f"{name.replace('_', ' '):12} {value}")
    return 0


def _reload(arguments: argparse.Namespace) -> int:
    _ask(arguments.drive, {"order": "reload"})
    return 0


def _reset(arguments: argparse.Namespace) -> int:
    _ask(arguments.drive, {"order": "reset", "safe": arguments.safe})
    return 0


def _ask(drive: str, order: dict[str, Any]) -> dict[str, Any]:
    """Send an order; return the answer."""
    with _connected(drive) as there:
        return _answered(there, order)


def ask_if_running(drive: str, order: dict[str, Any]) -> dict[str, Any] | None:
    """Send an order to a drive's supervisor; return the answer, or None where none runs.

    Args:
        drive: The drive.
        order: The order.

    Raises:
        CpcompatError: The supervisor refused.
    """
    try:
        there = _connected(drive)
    except CpcompatError:
        return None
    with there:
        return _answered(there, order)


def _connected(drive: str) -> socket.socket:
    from cpcompat.storage.drive.place import run_folder
    from cpcompat.supervisor.process.control import NAME

    try:
        return unix_socket.connect(run_folder(Path(drive).resolve()) / NAME, _ANSWER_S)
    except OSError as error:
        raise CpcompatError(
            f"the drive {drive!r} is not running", f"Start it with «cpcompat run {drive}»."
        ) from error


def _answered(there: socket.socket, order: dict[str, Any]) -> dict[str, Any]:
    there.sendall(json.dumps(order).encode("ascii") + b"\n")
    line = b""
    # Byte by byte: behind the line comes the console's output.
    while not line.endswith(b"\n") and len(line) < _LONGEST:
        byte = there.recv(1)
        if not byte:
            raise CpcompatError("the supervisor hung up", "Only who started it may speak to it.")
        line += byte
    said: dict[str, Any] = json.loads(line)
    if "error" in said:
        raise CpcompatError(f"the supervisor refused: {said['error']}")
    return said


def _console(arguments: argparse.Namespace) -> int:
    """Be a terminal, until Ctrl-] or the end of the other side."""
    from cpcompat.supervisor.process import terminal

    with _connected(arguments.drive) as there:
        _answered(there, {"order": "console"})
        there.settimeout(None)
        is_terminal = terminal.is_ours(0)
        if is_terminal:
            print("cpcompat: Ctrl-] leaves.", file=sys.stderr)
        before = terminal.make_raw(0) if is_terminal else None
        try:
            _pass_on(there)
        finally:
            if before is not None:
                terminal.put_back(0, before)
    return 0


def _pass_on(there: socket.socket) -> None:
    """Carry bytes both ways."""
    sides = [there.fileno(), 0]
    while True:
        ready, _, _ = select.select(sides, [], [])
        if 0 in ready:
            typed = os.read(0, _LONGEST)
            before, left, _ = typed.partition(_LEAVE_KEY)
            there.sendall(before)
            if left:
                return
            if not typed:
                sides.remove(0)
        if there.fileno() in ready:
            shown = there.recv(_LONGEST)
            if not shown:
                return
            _write_all(shown)


def _write_all(data: bytes) -> None:
    while data:
        data = data[os.write(1, data) :]
