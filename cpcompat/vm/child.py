"""One VM: what a freshly forked process does from its first order to its end."""

from __future__ import annotations

import gc
import os
import signal
import sys
import traceback
from pathlib import Path
from types import FrameType
from typing import NoReturn, TextIO, cast

from cpcompat import hal
from cpcompat.alarm import sleep
from cpcompat.board.detect import backend_module, definition
from cpcompat.hal.mounts import Access
from cpcompat.identity import banner
from cpcompat.protocol import Begin, Ended, Link, shortened
from cpcompat.vm import announce, card, for_tools, report
from cpcompat.vm.claim_sheet import ClaimSheet
from cpcompat.vm.console import ConsoleInput
from cpcompat.vm.console_output import ConsoleOutput
from cpcompat.vm.drive_world import DriveWorld, Ending
from cpcompat.vm.exceptions import ReloadException
from cpcompat.vm.host import LinkHost
from cpcompat.vm.raw_repl import RawRepl
from cpcompat.vm.repl import Repl
from cpcompat.vm.seat import Seat
from cpcompat.watchdog import WatchDogTimeout

RELOAD_SIGNAL = signal.SIGRTMIN + 3
"""The supervisor's word for «end by ReloadException»."""
WATCHDOG_SIGNAL = signal.SIGRTMIN + 4
"""And for «the watchdog was not fed»."""


class Interrupts:
    """The exceptions that come from outside, as long as user code runs.

    Attributes:
        armed: User code runs, or a REPL waits for a command.
        by_key: Ctrl-C is one of them; at a prompt it is a key.
    """

    def __init__(self) -> None:
        self.armed = False
        self.by_key = True
        signal.signal(signal.SIGINT, self._interrupt)
        signal.signal(RELOAD_SIGNAL, self._reload)
        signal.signal(WATCHDOG_SIGNAL, self._bite)

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        if self.armed and self.by_key:
            raise KeyboardInterrupt

    def _bite(self, number: int, frame: FrameType | None) -> None:
        if self.armed:
            raise WatchDogTimeout

    def _reload(self, number: int, frame: FrameType | None) -> None:
        if self.armed:
            raise ReloadException


def main(link: Link, granted: list[int]) -> NoReturn:
    """Run one stage and exit. The standard streams are the console's by now.

    Args:
        link: The link to the supervisor, whose first message says what to do.
        granted: The descriptors of the hardware's grant.
    """
    arrived = link.receive()
    if arrived is None or not isinstance(arrived[0], Begin):
        os._exit(0)
    begin = arrived[0]
    host = LinkHost(link, begin.facts)
    _open_streams()
    try:
        world = _build(begin, host, granted)
    except Exception:
        # No user code has run: this is a fault of the board or of this package, told as it is.
        text = shortened(traceback.format_exc())
        sys.stdout.write(text)
        sys.stdout.flush()
        host.tell(Ended("exception", 0, "Error", begin.file, 0, text))
        os._exit(1)
    _run(begin, host, world)
    os._exit(0)


def _open_streams() -> None:
    """Make the console the program's streams: nothing is read ahead, each line is out at once."""
    sys.stdin = cast("TextIO", ConsoleInput(0))
    sys.stdout = ConsoleOutput(1)
    sys.stderr = sys.stdout


def _build(begin: Begin, host: LinkHost, granted: list[int]) -> DriveWorld:
    board = definition(begin.board)
    backend = backend_module(board).attach(board, begin.grant, granted)
    machine = hal.Machine(board, backend)
    machine.claims.told = ClaimSheet(str(begin.facts["claims_path"]), board).note
    hal.set_machine(machine)
    hal.set_host(host)
    root = Path(begin.drive)
    world = DriveWorld(
        root,
        machine.backend.clock,
        machine=f"{board.name} with {board.chip}",
        announce=host.announce,
        rtc=(host.get("rtc_base_ns"), lambda base_ns: host.set("rtc_base_ns", base_ns)),
    )
    world.root.access = Access.from_fact(begin.facts["drive_access"], bypass=begin.stage == "boot")
    world.install()
    announce.install(root, host.announce)
    if begin.stage != "sleep":
        sys.stdout.write(card.put_in(root, str(host.get("sd_card"))))
    return world


def _run(begin: Begin, host: LinkHost, world: DriveWorld) -> None:
    interrupts = Interrupts()
    if begin.stage == "sleep":
        host.tell(Ended("done", _sleep(host), "", "", 0, ""))
        return
    if begin.stage == "repl":
        ending = _run_repl(begin, host, world, interrupts)
        host.arm(world.atexit_waits)
    else:
        ending = _run_file(begin, world, interrupts)
        _say_end(ending)
    _run_atexit(world, interrupts)
    sys.stdout.flush()
    host.tell(_ended(ending))
    host.wait_to_finish()
    # Another __main__ in its place lets the program's objects go, and their finalisers run.
    world.new_main("")
    gc.collect()
    sys.stdout.flush()


def _run_atexit(world: DriveWorld, interrupts: Interrupts) -> None:
    """Call what the program registered; an exception from outside ends one call, not the rest."""
    while True:
        try:
            world.atexit_run()
            interrupts.armed = False
            return
        except (KeyboardInterrupt, ReloadException, WatchDogTimeout):
            continue  # it came between two calls


def _sleep(host: LinkHost) -> int:
    """Wait for the alarms that the last program set; return the number of the one that went off."""
    return sleep.wait([sleep.from_description(alarm) for alarm in host.alarms()])


def _run_file(begin: Begin, world: DriveWorld, interrupts: Interrupts) -> Ending:
    interrupts.armed = True
    try:
        if begin.working_directory:
            world.modules["os"].chdir(begin.working_directory)
        return world.run_file(begin.file)
    except KeyboardInterrupt as error:
        # It came between the program's last instruction and this one.
        return Ending("interrupt", error)
    except ReloadException as error:
        return Ending("reload", error)


def _run_repl(begin: Begin, host: LinkHost, world: DriveWorld, interrupts: Interrupts) -> Ending:
    def armed(on: bool) -> None:
        interrupts.by_key = on
        host.arm(on)

    if begin.file:
        _say_end(_run_file(begin, world, interrupts))
        _run_atexit(world, interrupts)
        armed(False)
        sys.stdout.flush()
        host.wait_to_continue()
    else:
        world.new_main("")
    if begin.raw:
        for_tools.offer(world)
    interrupts.by_key = False
    interrupts.armed = True
    seat = Seat(lambda: os.read(0, 1), lambda data: os.write(1, data), armed)
    board = definition(begin.board)
    try:
        repl = (
            RawRepl(world, seat) if begin.raw else Repl(world, seat, banner(board.name, board.chip))
        )
        left = repl.run()
    except (KeyboardInterrupt, ReloadException) as error:
        return Ending("done", error)
    finally:
        interrupts.by_key = True
    return Ending(left if left in ("raw", "friendly") else "done")


def _say_end(ending: Ending) -> None:
    """Print what CircuitPython prints of the exception that ended a file."""
    if ending.error is None:
        return
    if ending.kind in ("exception", "interrupt"):
        sys.stdout.write(report.format_exception(ending.error, notes=True))
    elif ending.message:
        sys.stdout.write(ending.message + "\n")


def _ended(ending: Ending) -> Ended:
    error = ending.error
    if error is None:
        return Ended(ending.kind, 0, "", "", 0, "")
    line, file = report.innermost(error)
    text = "" if ending.kind == "reload" else report.format_exception(error, notes=False)
    return Ended(
        ending.kind,
        _status(error),
        type(error).__name__,
        file,
        line,
        shortened(text),
    )


def _status(error: BaseException) -> int:
    if not isinstance(error, SystemExit) or error.code is None:
        return 0
    return error.code & 0xFF if isinstance(error.code, int) else 1
