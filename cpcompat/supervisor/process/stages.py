"""Does what the machine says: starts the stages of a board's life and clears them away."""

from __future__ import annotations

import importlib
import signal
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeAlias, cast

from cpcompat.protocol import Begin, Continue, Link, pair
from cpcompat.storage.drive.files import first_file
from cpcompat.storage.drive.names import (
    BOOT_NAMES,
    CODE_NAMES,
    REPL_NAMES,
    SAFEMODE_NAMES,
)
from cpcompat.supervisor.process import kernel, next_code, suspend, wording
from cpcompat.supervisor.process.announcer import Announcer
from cpcompat.supervisor.process.boot_header import BootHeader
from cpcompat.supervisor.process.drive_keeper import DriveKeeper
from cpcompat.supervisor.process.endings import NOT_RUN, Endings
from cpcompat.supervisor.process.machine import Action, Event
from cpcompat.supervisor.process.program import (
    KILL_LADDER,
    RELOAD_LADDER,
    STOP_LADDER,
    Program,
)
from cpcompat.supervisor.process.reset_button import ResetButton
from cpcompat.supervisor.process.status_light import StatusLight, lamp

if TYPE_CHECKING:
    from cpcompat.hal.backend import BackendModule, Broker
    from cpcompat.supervisor.process.loop import Supervisor

Deeds: TypeAlias = dict[Action, Callable[[], Awaitable[None] | None]]
_AFTER_OUTPUT = frozenset({Action.SAY_DONE, Action.SAY_REPL, Action.FINISH, Action.CLEAR_AWAY})
"""What is said of what a program has printed, so it comes after that."""
_IN_MEMORY = frozenset(
    {Action.NEXT_SAFE, Action.WANT_REPL, Action.NOTE_CHANGE, Action.FORGET_CHANGE, Action.QUIT}
)
"""What is done by the machine's memory alone."""


class Stages:
    """The doing side of the supervisor.

    Args:
        supervisor: Whose stages these are.

    Attributes:
        program: The program that lives now.
        endings: How programs ended.
        light: The status light.
        reset_reason: What the next boot is due to, a name of ``microcontroller.ResetReason``.
        window_s: How long the safe-mode window of this boot is.
        drive: Sees to the drive as a whole.
        says: The supervisor's voice.
        console_path: The kernel's name of the console's PTY, empty without one.
    """

    def __init__(self, supervisor: Supervisor) -> None:
        self._up = supervisor
        self.program: Program | None = None
        self.reset_reason = "SOFTWARE"
        self.window_s = 0.0
        self.drive = DriveKeeper(supervisor)
        self.says = Announcer(supervisor.console, supervisor.facts)
        self.endings = Endings(
            supervisor.facts, supervisor.options.restarts, lambda: not supervisor.console.connected
        )
        self.console_path = ""
        self._header = BootHeader(supervisor.console, supervisor.options)
        board = supervisor.options.board
        self._backend_name = supervisor.options.backend_module
        backend = cast("BackendModule", importlib.import_module(self._backend_name))
        self._broker: Broker = backend.broker(
            board, supervisor.options.backend, supervisor.launcher.launch
        )
        self.light = StatusLight(lamp(supervisor.options.status_led, board, self._broker))
        supervisor.facts.has_light(self.light.usual_brightness)
        self._button = ResetButton(
            self._broker,
            supervisor.options.reset_button,
            lambda: supervisor.hard_reset("RESET_PIN", "USER"),
        )
        supervisor.launcher.keep(lambda: (self._backend_name, self._broker.spare()))
        self._deeds = {**self._starts(), **self._ends(), **self._notes()}

    def _starts(self) -> Deeds:
        """What starts something, or waits for it."""
        return {
            Action.CLEAR_LINE: self.says.clear_line,
            Action.WAIT_WINDOW: self._wait_window,
            Action.HEADER: lambda: self._header.say(self._broker.uid()),
            Action.KEEP_BOOT_OUT: self._header.keep,
            Action.RUN_SAFEMODE: lambda: self._run_first("safemode", SAFEMODE_NAMES),
            Action.RUN_BOOT: lambda: self._run_first("boot", BOOT_NAMES),
            Action.RUN_CODE: self._run_code,
            Action.RUN_REPL: self._run_repl,
            Action.RUN_SLEEP: self._run_sleep,
            Action.WAIT_RETRY: self._wait_retry,
            Action.WAIT_QUIET: self._up.quiet.wait,
            Action.BOOT_ANEW: self._boot_anew,
        }

    def _ends(self) -> Deeds:
        """What ends a program, and what is said of it."""
        return {
            Action.SAY_WOKEN: lambda: self.says.say(wording.WOKEN),
            Action.SAY_SOFT_REBOOT: lambda: self.says.say(wording.SOFT_REBOOT),
            Action.SAY_DONE: self._say_done,
            Action.SAY_HANGS: lambda: self.says.say(wording.hangs(self._up.launcher.program)),
            Action.SAY_REPL: self._say_repl,
            Action.SAY_CRASH: lambda: self.says.say(self.endings.death),
            Action.SAY_PROMPT: lambda: self.says.prompt(self._up.memory),
            Action.INTERRUPT: lambda: self._signal(signal.SIGINT),
            Action.STOP_FOR_RELOAD: lambda: self._climb(RELOAD_LADDER),
            Action.STOP: lambda: self._climb(STOP_LADDER),
            Action.KILL: lambda: self._climb(KILL_LADDER),
            Action.FINISH: self._finish,
            Action.CLEAR_AWAY: self._clear_away,
        }

    def _notes(self) -> Deeds:
        """What only notes something for later."""
        return {
            Action.REASON_STARTUP: lambda: self._up.facts.set("run_reason", "STARTUP"),
            Action.BOOT_BY_ALARM: self._boot_by_alarm,
            Action.REASON_REPL: lambda: self._up.facts.set("run_reason", "REPL_RELOAD"),
            Action.REASON_RELOAD: lambda: self._up.facts.set("run_reason", "SUPERVISOR_RELOAD"),
        }

    async def do(self, action: Action) -> None:
        """Do one thing that the machine said."""
        if action in _AFTER_OUTPUT:
            # Whatever the program has printed comes before what is said of it.
            await self._up.console.caught_up()
        if action not in _IN_MEMORY:
            waiting = self._deeds[action]()
            if waiting is not None:
                await waiting

    def _say_done(self) -> None:
        self.says.done(
            self.endings.ended, self.endings.running.found, self.endings.death, self._up.memory
        )

    def _wait_window(self) -> None:
        self._button.watch(self.window_s, lambda: self._up.post(Event.WINDOW_OVER))

    def _wait_retry(self) -> None:
        delay_s = self.endings.crashes.delay_s
        self.says.say(wording.restarting(delay_s))
        self._up.post_later(Event.RETRY, delay_s)

    # Starting.

    def _run_first(self, stage: str, names: tuple[str, ...]) -> None:
        name = first_file(self._up.options.drive, names)
        if name is None:
            self._nothing_to_run()
            return
        self.says.output_of(name)
        self._start(stage, name)

    def _run_code(self) -> None:
        drive = self._up.options.drive
        wanted = next_code.from_fact(self._up.facts.get("next_code_file"))
        name = None
        if wanted.file:
            name = next_code.found(drive, wanted)
            if name is None:
                self.says.say(wording.not_found(wanted.file))
        if name is None:
            name = first_file(drive, CODE_NAMES)
        self.endings.running = wanted._replace(found=name or "")
        self._up.facts.set("next_code_file", None)
        if name is None:
            self._nothing_to_run()
            return
        self.says.output_of(name)
        self.says.show_title(name)
        self._start("code", name, wanted.working_directory)

    def _run_repl(self) -> None:
        memory = self._up.memory
        name = None if memory.safe else first_file(self._up.options.drive, REPL_NAMES)
        self.says.hushed = memory.raw
        if name is not None:
            self.says.output_of(name)
        self.says.show_title(name or "REPL")
        self._start("repl", name or "", raw=memory.raw)

    def _say_repl(self) -> None:
        self.says.show_title("Done")
        self.says.show_title("REPL")
        if self.program is not None:
            self.program.send(Continue())

    def _run_sleep(self) -> None:
        if not self._up.memory.deep:
            self.says.say(wording.SLEEPING)
        else:
            suspend.before_sleep(self._up.options.suspend, self._up.facts)
        self._start("sleep", "")

    def _boot_by_alarm(self) -> None:
        self.reset_reason = "DEEP_SLEEP_ALARM"

    def _nothing_to_run(self) -> None:
        self._up.inbox.program_ended(None, NOT_RUN)
        self._up.post(Event.REAPED)

    def _start(
        self, stage: str, file: str, working_directory: str = "", *, raw: bool = False
    ) -> None:
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
            raw=raw,
        )
        self.endings.oom_kills = kernel.oom_kills()
        slave = self._up.console.slave_for_program()
        handle = self._up.launcher.start_program(
            self._up.options.memory_limit, [slave, theirs.detach(), *granted]
        )
        inbox = self._up.inbox
        self.program = Program(begin, Link(ours), handle, inbox.received, inbox.hangs)
        self._up.keyboard.armed = bool(file)
        if stage in ("code", "repl"):
            self._up.facts.set("wake_alarm", None)

    # Ending.

    def _signal(self, number: int) -> None:
        if self.program is not None:
            self.program.signal(number)

    def _climb(self, ladder: tuple[tuple[float, int], ...]) -> None:
        if self.program is not None:
            self.program.climb(ladder)

    def _finish(self) -> None:
        if self.program is None:
            return
        if self.program.begin.stage == "repl":
            self.says.show_title("Done")
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

    async def _boot_anew(self) -> None:
        self.says.hushed = False
        self._button.stop()
        self._up.watchdog.off()
        await self.drive.before_boot()
        memory, alarm = self._up.memory, self._up.facts.get("wake_alarm")
        self._up.facts.power_on(memory.auto_reload, self.reset_reason, memory.safe)
        if self.reset_reason == "DEEP_SLEEP_ALARM":
            self._up.facts.set("wake_alarm", alarm)
        self.reset_reason = "SOFTWARE"
        self._up.facts.set("serial_connected", self._up.console.connected)
        self._up.post(Event.POWER)

    def look(self) -> int | None:
        """Return a connection that tells of the hardware, None where there is none; see `Broker`."""
        look = getattr(self._broker, "look", None)
        return None if look is None else int(look())

    def close(self) -> None:
        """Let the hardware go."""
        if self.program is not None:
            self.program.close()
        self.light.close()
        self._broker.close()
