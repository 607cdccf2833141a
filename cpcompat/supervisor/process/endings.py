"""How programs ended, and what of it holds for the next one."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from cpcompat.protocol import Ended
from cpcompat.supervisor.process import next_code
from cpcompat.supervisor.process.deaths import Crashes, Death
from cpcompat.supervisor.process.facts import Facts
from cpcompat.supervisor.process.states import Memory

NOT_RUN = Ended("done", 0, "", "", 0, "")
_STATUS = {"exception": 1, "interrupt": 130, "died": 1, "crashed": 1}
"""The command's exit status, by how the last program ended."""


class Endings:
    """Keeps how the last program ended.

    Args:
        facts: The board's facts.
        restarts: How often within ten minutes a crashed program is started again.
        unwatched: Tells whether nobody sees the console.

    Attributes:
        ended: How user code last ended.
        death: What to say of a program that ended without a word.
        crash_reason: The safe-mode reason of that death.
        oom_kills: What `kernel.oom_kills` said when the program started.
        crashes: How often programs have crashed lately.
        running: The next-code options that hold for the present run of code.py.
    """

    def __init__(self, facts: Facts, restarts: int, unwatched: Callable[[], bool]) -> None:
        self._facts = facts
        self._unwatched = unwatched
        self.ended = NOT_RUN
        self.death = ""
        self.crash_reason = ""
        self.oom_kills = 0
        self.crashes = Crashes(restarts)
        self.running = next_code.NextCode()

    def note_death(self, death: Death) -> None:
        """Note how a program ended that did not say so."""
        self.death, self.crash_reason = death.text, death.reason

    def note_end(self, memory: Memory, stage: str, ended: Ended) -> Memory:
        """Return the memory with how user code ended."""
        self.ended = ended
        if stage == "sleep":
            self._facts.set("wake_alarm", self._alarm(ended))
            return memory
        if stage != "repl":
            self._facts.set("previous_traceback", ended.traceback or None)
        crash = self.crash_reason if ended.how == "crashed" else memory.next_safe
        memory = replace(memory, how=ended.how, next_safe=crash)
        if stage == "safemode" and ended.how != "done" and not memory.reset_wanted:
            return replace(memory, safe="SAFEMODE_PY_ERROR")
        if stage != "code":
            return memory
        again = next_code.runs_again(self.running, ended.how)
        if self._facts.get("next_code_file") is None and next_code.stays(self.running, ended.how):
            self._facts.set("next_code_file", next_code.to_fact(self.running))
        may = ended.how == "crashed" and self.crashes.note(time.monotonic())
        deep = self._unwatched()
        return replace(memory, run_again=again, may_restart=may, deep=deep)

    def _alarm(self, ended: Ended) -> object:
        """Return the alarm that ended a sleep, or None if it was something else."""
        alarms = self._facts.get("alarms")
        if ended.how == "done" and isinstance(alarms, list) and ended.status < len(alarms):
            alarm: object = alarms[ended.status]
            return alarm
        return None

    def exit_status(self, memory: Memory) -> int:
        """Return what the command ends with."""
        if memory.safe and memory.runs_left is not None:
            return 1
        if memory.runs_left != 0:
            return 0
        return self.ended.status if memory.how == "exit" else _STATUS.get(memory.how, 0)
