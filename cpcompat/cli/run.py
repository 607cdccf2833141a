"""``cpcompat run``: a drive's programs, on the board that is here or the simulated one."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from cpcompat.cli import usb, web
from cpcompat.errors import CpcompatError

if TYPE_CHECKING:
    from cpcompat.board.definition import BoardDefinition
    from cpcompat.protocol import Link
    from cpcompat.supervisor.process.options import Options
    from cpcompat.workflows.web.plan import Plan

_CONSOLES = ("stdio", "pty", "uart", "none")


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "run",
        help="run a drive",
        description="Run a drive: boot.py, then code.py, again each time a file is saved.",
    )
    add_arguments(parser)
    parser.add_argument(
        "--runs",
        type=_positive,
        metavar="N",
        help="leave after N runs of code.py; the exit status tells how the last one ended",
    )
    parser.set_defaults(run=run, repl=False)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that ``run`` and ``repl`` share."""
    parser.add_argument("drive", nargs="?", default=".", metavar="DRIVE", help="the drive's folder")
    parser.add_argument("--board", metavar="ID", help="the board; «cpcompat boards» lists them")
    parser.add_argument(
        "--sim", metavar="FILE", help="the simulated circuit (default: sim.toml on the drive)"
    )
    parser.add_argument(
        "--console",
        type=_console,
        default=("stdio", None),
        metavar="WHERE",
        help="stdio, pty, pty:PATH (a link of that name), uart:DEVICE or none",
    )
    parser.add_argument("--trace", metavar="FILE.vcd", help="write every signal of the circuit")
    parser.add_argument("--screen", metavar="FILE.png", help="write what the display shows")
    parser.add_argument(
        "--virtual-time", action="store_true", help="sleeping costs nothing in the simulation"
    )
    parser.add_argument(
        "--web", metavar="[HOST:]PORT", help="serve the web workflow there (default host: loopback)"
    )
    parser.add_argument("--no-reload", action="store_true", help="do not reload on save")


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number from 1")
    return number


def _console(text: str) -> tuple[str, Path | None]:
    kind, colon, path = text.partition(":")
    takes_path = kind in ("pty", "uart")
    if kind not in _CONSOLES or (colon and not (takes_path and path)) or text == "uart":
        raise argparse.ArgumentTypeError(
            f"{text!r} is none of stdio, pty, pty:PATH, uart:DEV, none"
        )
    return kind, Path(path).absolute() if path else None


def run(arguments: argparse.Namespace) -> int:
    """Supervise the drive until it is left."""
    from cpcompat.storage.drive.place import DriveLock

    options = _options(arguments)
    plan = _plan(arguments.web, options.drive)
    lock = DriveLock(options.drive)
    try:
        status, number = _watched(options, plan, arguments.web)
    finally:
        lock.close()
    if number:
        # Ends as the signal would have ended it, so that whoever sent it sees that.
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
    return status


def _options(arguments: argparse.Namespace) -> Options:
    from cpcompat.board.detect import backend_module
    from cpcompat.storage.drive.place import checked, run_folder
    from cpcompat.supervisor.process import configuration
    from cpcompat.supervisor.process.options import Options

    drive = checked(arguments.drive)
    said = configuration.read(drive)
    kind, link = arguments.console
    board = _board(arguments.board)
    return Options(
        drive=drive,
        board=board,
        backend_module=vars(backend_module(board))["__name__"],
        console=kind,
        console_link=link,
        runs=getattr(arguments, "runs", None),
        auto_reload=not arguments.no_reload,
        repl=arguments.repl,
        memory_limit=said.memory_limit,
        restarts=said.restarts,
        status_led=said.status_led,
        sd_card=said.sd_card,
        suspend=said.suspend,
        hardware_watchdog=said.hardware_watchdog,
        reset_button=(
            configuration.line(said.reset_button, f"reset_button = {said.reset_button!r}", board)
            if said.reset_button
            else None
        ),
        backend={
            "circuit": _circuit(arguments.sim, drive),
            "trace": _absolute(arguments.trace),
            "screen": _absolute(arguments.screen),
            "virtual": arguments.virtual_time,
            "socket": str(run_folder(drive) / "circuit"),
            "drive": str(drive),
            "folder": str(run_folder(drive)),
            "safe": configuration.on_board(said.pins, board),
        },
    )


def _absolute(path: str | None) -> str | None:
    return None if path is None else str(Path(path).absolute())


def _circuit(given: str | None, drive: Path) -> str | None:
    if given is None:
        usual = drive / "sim.toml"
        return str(usual) if usual.is_file() else None
    path = Path(given).absolute()
    if not path.is_file():
        raise CpcompatError(f"no circuit file {given!r}", "--sim takes the path of a TOML file.")
    return str(path)


def _board(given: str | None) -> BoardDefinition:
    from cpcompat.board import detect

    board_id = given or detect.detect()
    if given is None and board_id == "sim":
        print("cpcompat: no board is detected here; the board is «sim».", file=sys.stderr)
    return detect.definition(board_id)


def _plan(given: str | None, drive: Path) -> Plan | None:
    """Return how the web workflow is to run; what settings ask for in vain does not stop a board."""
    try:
        return web.planned(drive, given)
    except CpcompatError as error:
        if given is not None:
            raise
        print(f"cpcompat: {error}; there is no web workflow.", file=sys.stderr)
        for note in error.__notes__:
            print(f"  {note}", file=sys.stderr)
        return None


def _watched(options: Options, plan: Plan | None, given: str | None) -> tuple[int, int]:
    """Supervise, and leave a note for the next start if that itself fails."""
    from dataclasses import replace

    from cpcompat.storage.drive.place import run_folder
    from cpcompat.supervisor.process import zygote
    from cpcompat.supervisor.process.own_failure import OwnFailure

    first = zygote.start()  # before the handler of crashes is there, which is not for programs
    failure = OwnFailure(run_folder(options.drive))
    if failure.before:
        print(f"cpcompat: the supervisor failed: {failure.before}", file=sys.stderr)
    try:
        return _supervise(replace(options, failure=failure.reason), plan, given, *first)
    except CpcompatError:
        raise
    except Exception as error:
        failure.note(error)
        raise
    finally:
        failure.close()


def _supervise(
    options: Options, plan: Plan | None, given: str | None, link: Link, pid: int
) -> tuple[int, int]:
    import asyncio

    from cpcompat.supervisor.process import feeder, kernel, service_manager, terminal, wording
    from cpcompat.supervisor.process.launcher import Launcher
    from cpcompat.supervisor.process.loop import Supervisor

    is_terminal = options.console == "stdio" and os.isatty(1) and terminal.is_ours(0)
    if is_terminal:
        where = f"{options.drive} on {options.board.name} ({options.board.id})"
        print(f"cpcompat: {where}. {wording.KEYS}.", file=sys.stderr)
    kernel.become_subreaper()
    before = terminal.make_raw(0) if is_terminal else None

    async def live() -> tuple[int, int]:
        supervisor = Supervisor(options, lambda reaped: Launcher(link, pid, reaped), is_terminal)
        if before is not None:
            supervisor.launcher.keep_terminal(0, terminal.to_json(before))
        with service_manager.beside(supervisor), feeder.beside(supervisor):
            async with usb.beside(supervisor), web.beside(supervisor, plan, given):
                return await supervisor.run()

    try:
        return asyncio.run(live())
    finally:
        if before is not None:
            terminal.put_back(0, before)
