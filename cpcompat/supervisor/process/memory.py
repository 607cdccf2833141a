"""What the supervisor's table asks of the memory, and what its actions leave in it. Pure."""

from __future__ import annotations

from dataclasses import replace

from cpcompat.supervisor.process.states import Action, Memory, When


def holds(when: When, memory: Memory) -> bool:
    """Tell whether a rule's condition holds."""
    return {
        When.ALWAYS: True,
        When.SAFE_COUNTED: bool(memory.safe) and memory.runs_left is not None,
        When.SAFE_WITH_FILE: memory.safe not in ("", "USER") and memory.has_safemode,
        When.IN_SAFE: bool(memory.safe),
        When.HAS_WINDOW: memory.window,
        When.HAS_BOOT: memory.has_boot,
        When.REPL_FIRST: memory.repl_first,
        When.LEFT_ALL: memory.runs_left == 0,
        When.RESET_WANTED: memory.reset_wanted,
        When.RELOAD_PENDING: memory.pending,
        When.MAY_RESTART: memory.how == "crashed" and memory.may_restart,
        When.CRASHED: memory.how == "crashed",
        When.ASKED_RELOAD: memory.how == "reload",
        When.ASKED_SLEEP: memory.how == "sleep",
        When.DEEP: memory.deep,
        When.RUN_AGAIN: memory.run_again,
        When.ASKED_EXIT: memory.how == "exit",
        When.SWITCHED: memory.how in ("raw", "friendly"),
        When.RAW: memory.raw,
        When.AUTO_RELOAD: memory.auto_reload,
        When.FIRST_CHANGE: memory.auto_reload and not memory.pending,
    }[when]


def after(actions: tuple[Action, ...], memory: Memory) -> Memory:
    """Return the memory after a rule's actions."""
    if Action.NOTE_CHANGE in actions:
        memory = replace(memory, pending=True)
    if Action.FORGET_CHANGE in actions:
        memory = replace(memory, pending=False)
    if Action.RUN_CODE in actions:
        left = memory.runs_left
        memory = replace(
            memory, how="done", run_again=False, runs_left=left if left is None else left - 1
        )
    if Action.RUN_REPL in actions:
        raw = memory.how == "raw" if holds(When.SWITCHED, memory) else memory.raw
        memory = replace(memory, how="done", repl_first=False, raw=raw)
    if Action.WANT_REPL in actions:
        memory = replace(memory, repl_first=True)
    if Action.NEXT_SAFE in actions:
        memory = replace(memory, next_safe="USER")
    if Action.WAIT_RETRY in actions:
        memory = replace(memory, how="done", next_safe="")
    if Action.BOOT_ANEW in actions:
        # A hard reset: nothing outlives it but the count of runs, and why safe mode is next.
        memory = replace(
            memory,
            how="done",
            pending=False,
            reset_wanted=False,
            raw=False,
            safe=memory.next_safe,
            next_safe="",
            auto_reload=memory.reload_by_default and not memory.next_safe,
        )
    if Action.CLEAR_AWAY in actions:
        memory = replace(memory, reset_wanted=False)
    return memory
