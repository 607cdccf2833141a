"""Does what the machine says: starts the stages of a board's life and clears them away."""

from __future__ import annotations

import importlib
import logging
import signal
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from cpcompat.protocol import Begin, Ended, Link, pair
from cpcompat.storage.drive.files import first_file, write_durably
from cpcompat.storage.drive.names import BOOT_NAMES, BOOT_OUT_NAME, CODE_NAMES, DOUBLED
from cpcompat.supervisor.process import next_code, wording
from cpcompat.supervisor.process.boot_out import BootOut
from cpcompat.supervisor.process.machine import Action, Event, Memory
from cpcompat.supervisor.process.program import RELOAD_LADDER, STOP_LADDER, Program

if TYPE_CHECKING:
    from cpcompat.hal.backend import BackendModule, Broker
    from cpcompat.supervisor.process.loop import Supervisor

_log = logging.getLogger(__name__)
_NOT_RUN = Ended("done", 0, "", "", 0, "")
_LONGEST_FILE = 32


class Stages:
    """The doing side of the supervisor.

    Args:
        supervisor: Whose stages these are.

    Attributes:
        program: The program that lives now.
        ended: How user code last ended.
        death: What to say of a program that ended without a word.
        console_path: The kernel's name of the console's PTY, empty without one.
    """

    def __init__(self, supervisor: Supervisor) -> None:
        self._up = supervisor
        self.program: Program | None = None
        self.ended = _NOT_RUN
        self.death = ""
        self.console_path = ""
        self._running = next_code.NextCode()
        self._title = "Done"
        self._capture: BootOut | None = None
        board = supervisor.options.board
        self._backend_name = f"cpcompat.backends.{board.backend}"
        backend = cast("BackendModule", importlib.import_module(self._backend_name))
        self._broker: Broker = backend.broker(
            board, supervisor.options.backend, supervisor.launcher.launch
        )
        supervisor.launcher.keep(lambda: (self._backend_name, self._broker.spare()))
        self._deeds: dict[Action, Callable[[], None]] = {
            Action.HEADER: self._header,
            Action.KEEP_BOOT_OUT: self._keep_boot_out,
            Action.RUN_BOOT: self._run_boot,
            Action.RUN_CODE: self._run_code,
            Action.RUN_REPL: self._run_repl,
            Action.SAY_SOFT_REBOOT: lambda: self._say(wording.SOFT_REBOOT),
            Action.SAY_DONE: self._say_done,
            Action.SAY_PROMPT: self._say_prompt,
            Action.INTERRUPT: lambda: self._signal(signal.SIGINT),
            Action.STOP_FOR_RELOAD: lambda: self._climb(RELOAD_LADDER),
            Action.STOP: self._stop,
            Action.FINISH: self._finish,
            Action.CLEAR_AWAY: self._clear_away,
            Action.NOTE_CHANGE: lambda: None,
            Action.FORGET_CHANGE: lambda: None,
            Action.WAIT_QUIET: supervisor.wait_quiet,
            Action.REASON_REPL: lambda: supervisor.facts.set("run_reason", "REPL_RELOAD"),
            Action.REASON_RELOAD: lambda: supervisor.facts.set("run_reason", "SUPERVISOR_RELOAD"),
            Action.BOOT_ANEW: self._boot_anew,
            Action.QUIT: lambda: None,
        }

    async def do(self, action: Action) -> None:
        """Do one thing that the machine said."""
        if action in (Action.SAY_DONE, Action.FINISH, Action.CLEAR_AWAY):
            # Whatever the program has printed comes before what is said of it.
            await self._up.console.caught_up()
        self._deeds[action]()

    # Saying.

    def _say(self, text: str) -> None:
        self._up.console.say(text)

    def _show_title(self, field: str) -> None:
        self._title = field
        if self._up.facts.get("status_bar_console"):
            self._up.console.say_control(wording.title(field))

    def status_bar_switched(self) -> None:
        """The program switched the status bar: clear it and, if it is on, draw it again."""
        self._up.console.say_control(wording.NO_TITLE)
        self._show_title(self._title)

    def _header(self) -> None:
        board = self._up.options.board
        self._up.console.say_control(wording.CLEAR_LINE * 2)
        self._capture = self._up.console.capture = BootOut()
        uid = self._broker.uid()
        self._say(wording.header(board.name, board.chip, board.id, uid))

    def _keep_boot_out(self) -> None:
        capture, self._up.console.capture = self._capture, None
        path = self._up.options.drive / BOOT_OUT_NAME
        if capture is None:
            return
        self._capture = None
        try:
            if not path.is_file() or path.read_bytes() != capture.text():
                write_durably(path, capture.text())
        except OSError as error:
            _log.warning("%s cannot be written: %s", BOOT_OUT_NAME, error)

    def _say_done(self) -> None:
        ended = self.ended
        summary = ended.how in ("exception", "interrupt")
        field = f"{ended.line}@{ended.file[:_LONGEST_FILE]} {ended.error}" if summary else "Done"
        self._show_title(field)
        if self._running.found in DOUBLED:
            self._say(wording.TWO_EXTENSIONS)
        if ended.how == "died":
            self._say(self.death)
        stopped = ended.how == "reload" and self._up.memory.pending
        self._say(wording.STOPPED_BY_RELOAD if stopped else wording.DONE)

    def _say_prompt(self) -> None:
        self._up.console.say_control(wording.CLEAR_LINE)
        on = self._up.memory.auto_reload
        self._say(wording.AUTO_RELOAD_ON if on else wording.AUTO_RELOAD_OFF)
        self._say(wording.PRESS_ANY_KEY)

    # Starting.

    def _run_boot(self) -> None:
        name = first_file(self._up.options.drive, BOOT_NAMES)
        if name is None:
            self._nothing_to_run()
            return
        self._up.console.say_control(wording.CLEAR_LINE)
        self._say(wording.output_of(name))
        self._start("boot", name)

    def _run_code(self) -> None:
        drive = self._up.options.drive
        wanted = next_code.from_fact(self._up.facts.get("next_code_file"))
        name = None
        if wanted.file:
            name = next_code.found(drive, wanted)
            if name is None:
                self._say(wording.not_found(wanted.file))
        if name is None:
            name = first_file(drive, CODE_NAMES)
        self._running = wanted._replace(found=name or "")
        self._up.facts.set("next_code_file", None)
        if name is None:
            self._nothing_to_run()
            return
        self._up.console.say_control(wording.CLEAR_LINE)
        self._say(wording.output_of(name))
        self._show_title(name)
        self._start("code", name, wanted.working_directory)

    def _run_repl(self) -> None:
        self._show_title("REPL")
        self._start("repl", "")

    def _nothing_to_run(self) -> None:
        self._up.program_ended(None, _NOT_RUN)
        self._up.post(Event.REAPED)

    def _start(self, stage: str, file: str, working_directory: str = "") -> None:
        self._up.changes.forget()
        self._up.facts.set("serial_connected", self._up.console.connected)
        grant, granted = self._broker.grant()
        ours, theirs = pair()
        board = self._up.options.board
        begin = Begin(
            stage=stage,
            file=file,
            drive=str(self._up.options.drive),
            board=board.id,
            grant=grant,
            facts=self._up.facts.all(),
            working_directory=working_directory,
        )
        slave = self._up.console.slave_for_program()
        handle = self._up.launcher.start_program(
            self._up.options.memory_limit, [slave, theirs.detach(), *granted]
        )
        self.program = Program(begin, Link(ours), handle, self._up.received)
        self._up.keyboard.armed = stage != "repl"

    # Ending.

    def note_end(self, memory: Memory, ended: Ended) -> Memory:
        """Return the memory with how user code ended."""
        self.ended = ended
        stage = self.program.begin.stage if self.program is not None else "code"
        if stage != "repl":
            self._up.facts.set("previous_traceback", ended.traceback or None)
        if stage != "code":
            return replace(memory, how=ended.how)
        again = next_code.runs_again(self._running, ended.how)
        if self._up.facts.get("next_code_file") is None and next_code.stays(
            self._running, ended.how
        ):
            self._up.facts.set("next_code_file", next_code.to_fact(self._running))
        return replace(memory, how=ended.how, run_again=again)

    def _signal(self, number: int) -> None:
        if self.program is not None:
            self.program.signal(number)

    def _climb(self, ladder: tuple[tuple[float, int], ...]) -> None:
        if self.program is not None:
            self.program.climb(ladder)

    def _stop(self) -> None:
        self._climb(STOP_LADDER)
        self._up.leave_soon()

    def _finish(self) -> None:
        if self.program is None:
            return
        if self.program.begin.stage == "repl":
            self._show_title("Done")
            if self._up.ends_with_input():
                self._up.post(Event.LEAVE)
        self.program.finish()

    def _clear_away(self) -> None:
        console, keyboard = self._up.console, self._up.keyboard
        keyboard.armed = False
        keyboard.queue[:0] = console.take_back_input()
        if self.program is not None:
            self.program.close()
            self.program = None
        self._broker.safe()

    def _boot_anew(self) -> None:
        self._up.facts.power_on(self._up.options.auto_reload, "SOFTWARE")
        self._up.facts.set("serial_connected", self._up.console.connected)
        self._up.post(Event.POWER)

    def close(self) -> None:
        """Let the hardware go."""
        if self.program is not None:
            self.program.close()
        self._broker.close()
