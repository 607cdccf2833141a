"""What programs tell the supervisor, and what their deaths tell: turned into events."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cpcompat.protocol import (
    Announced,
    Armed,
    Ended,
    EraseWanted,
    Fact,
    FileEnded,
    Message,
    ResetWanted,
)
from cpcompat.supervisor.process import deaths, kernel
from cpcompat.supervisor.process.states import Event

if TYPE_CHECKING:
    from cpcompat.supervisor.process.loop import Supervisor
    from cpcompat.supervisor.process.program import Program


class Inbox:
    """Takes what comes from programs.

    Args:
        supervisor: Whose inbox this is.
    """

    def __init__(self, supervisor: Supervisor) -> None:
        self._up = supervisor

    def received(self, program: Program, message: Message) -> None:
        """Take a message of the program."""
        if program is not self._up.program or program.ended:
            return
        if isinstance(message, Announced):
            self._up.changes.announce(message.kind, message.path)
        elif isinstance(message, Armed):
            self._up.keyboard.armed = message.on
        elif isinstance(message, Fact):
            self._change_fact(message)
        elif isinstance(message, FileEnded):
            self._up.post(Event.FILE_ENDED)
        elif isinstance(message, ResetWanted):
            program.ended = True
            safe = "PROGRAMMATIC" if self._up.facts.get("next_run_mode") == "SAFE_MODE" else ""
            self._up.post(
                Event.RESET, lambda memory: replace(memory, reset_wanted=True, next_safe=safe)
            )
        elif isinstance(message, EraseWanted):
            program.ended = True
            self._up.stages.drive.erase_wanted = True
            self._up.post(Event.RESET, lambda memory: replace(memory, reset_wanted=True))
        elif isinstance(message, Ended):
            self.program_ended(program, message)

    def _change_fact(self, fact: Fact) -> None:
        up = self._up
        if not up.facts.change(fact.name, fact.value):
            return
        if fact.name == "autoreload":
            on = bool(fact.value)
            pending = up.memory.pending and not on
            up.memory = replace(up.memory, auto_reload=on, pending=pending)
        elif fact.name == "status_bar_console":
            up.stages.says.status_bar_switched()
        elif fact.name == "rgb_status_brightness":
            up.stages.light.brightness = int(str(fact.value))
        elif fact.name == "watchdog":
            up.watchdog.set(fact.value)
        elif fact.name == "drive_label":
            up.stages.drive.keep_label(str(fact.value))
        elif fact.name in ("drive_access", "usb_drive_enabled"):
            for listener in up.stages.drive.asked:
                listener()

    def program_ended(self, program: Program | None, ended: Ended) -> None:
        """Note how user code ended, by its own message or by what its death tells."""
        if program is not None:
            program.ended = True
        self._up.keyboard.armed = False
        self._up.watchdog.program_ended(ended.how)
        if not self._up.watchdog.mode:
            self._up.facts.set("watchdog", None)
        stage = "code" if self._up.program is None else self._up.program.begin.stage
        endings = self._up.stages.endings
        self._up.post(Event.ENDED, lambda memory: endings.note_end(memory, stage, ended))

    def hangs(self, program: Program) -> None:
        """Take the news that a program cannot be ended."""
        if program is self._up.program:
            self._up.post(Event.HANGS, lambda memory: replace(memory, how="died"))

    def reaped(self, pid: int, status: int) -> None:
        """Take the news that a program and all that it left have ended."""
        program, memory = self._up.program, self._up.memory
        if program is None:
            return
        program.read()
        program.reaped = True
        if not program.ended:
            death = deaths.of(status, kernel.oom_kills() != self._up.stages.endings.oom_kills)
            if program.forced:
                death = death._replace(how="reload" if memory.pending else "died")
            self._up.stages.endings.note_death(death)
            self.program_ended(program, Ended(death.how, 0, "", "", 0, ""))
        self._up.post(Event.REAPED)
