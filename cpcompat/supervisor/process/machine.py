"""The supervisor's decisions: what happens on which event in which state, as one table.

Pure: no clock, no file, no process. `step` takes a state, what is remembered and an event, and
says what to do; `cpcompat.supervisor.process.loop` does it. The table is all there is to know, and
the diagram in the documentation is drawn from it.
"""

from __future__ import annotations

from dataclasses import replace

from cpcompat.supervisor.process.states import Action, Event, Memory, Rule, State, When

__all__ = [
    "ALIVE",
    "RUNNING",
    "TABLE",
    "Action",
    "Event",
    "Memory",
    "State",
    "When",
    "holds",
    "step",
]

_S, _E, _W, _A = State, Event, When, Action
_START_CODE = (_A.RUN_CODE,)
_REBOOT = (_A.SAY_SOFT_REBOOT, _A.RUN_CODE)

TABLE: tuple[Rule, ...] = (
    Rule(_S.OFF, _E.POWER, _W.HAS_BOOT, _S.BOOT, (_A.HEADER, _A.RUN_BOOT)),
    Rule(_S.OFF, _E.POWER, _W.REPL_FIRST, _S.REPL, (_A.HEADER, _A.KEEP_BOOT_OUT, _A.RUN_REPL)),
    Rule(_S.OFF, _E.POWER, _W.ALWAYS, _S.CODE, (_A.HEADER, _A.KEEP_BOOT_OUT, _A.RUN_CODE)),
    # boot.py
    Rule(_S.BOOT, _E.ENDED, _W.ALWAYS, _S.BOOT_ENDS, (_A.FINISH,)),
    Rule(_S.BOOT, _E.RESET, _W.ALWAYS, _S.BOOT_ENDS, ()),
    Rule(_S.BOOT, _E.CTRL_C, _W.ALWAYS, _S.BOOT, (_A.INTERRUPT,)),
    Rule(_S.BOOT, _E.CHANGED, _W.FIRST_CHANGE, _S.BOOT, (_A.NOTE_CHANGE, _A.STOP_FOR_RELOAD)),
    Rule(_S.BOOT, _E.CHANGED, _W.AUTO_RELOAD, _S.BOOT, (_A.NOTE_CHANGE,)),
    Rule(_S.BOOT_ENDS, _E.CHANGED, _W.AUTO_RELOAD, _S.BOOT_ENDS, (_A.NOTE_CHANGE,)),
    Rule(_S.BOOT_ENDS, _E.REAPED, _W.RESET_WANTED, _S.OFF, (_A.CLEAR_AWAY, _A.BOOT_ANEW)),
    Rule(
        _S.BOOT_ENDS,
        _E.REAPED,
        _W.REPL_FIRST,
        _S.REPL,
        (_A.CLEAR_AWAY, _A.KEEP_BOOT_OUT, _A.RUN_REPL),
    ),
    Rule(
        _S.BOOT_ENDS,
        _E.REAPED,
        _W.RELOAD_PENDING,
        _S.SETTLING,
        (_A.CLEAR_AWAY, _A.KEEP_BOOT_OUT, _A.WAIT_QUIET),
    ),
    Rule(
        _S.BOOT_ENDS,
        _E.REAPED,
        _W.ALWAYS,
        _S.CODE,
        (_A.CLEAR_AWAY, _A.KEEP_BOOT_OUT, _A.RUN_CODE),
    ),
    # code.py
    Rule(_S.CODE, _E.ENDED, _W.ALWAYS, _S.CODE_ENDS, (_A.SAY_DONE, _A.FINISH)),
    Rule(_S.CODE, _E.RESET, _W.ALWAYS, _S.CODE_ENDS, ()),
    Rule(_S.CODE, _E.CTRL_C, _W.ALWAYS, _S.CODE, (_A.INTERRUPT,)),
    Rule(_S.CODE, _E.CHANGED, _W.FIRST_CHANGE, _S.CODE, (_A.NOTE_CHANGE, _A.STOP_FOR_RELOAD)),
    Rule(_S.CODE, _E.CHANGED, _W.AUTO_RELOAD, _S.CODE, (_A.NOTE_CHANGE,)),
    Rule(_S.CODE_ENDS, _E.CHANGED, _W.AUTO_RELOAD, _S.CODE_ENDS, (_A.NOTE_CHANGE,)),
    Rule(_S.CODE_ENDS, _E.REAPED, _W.LEFT_ALL, _S.OVER, (_A.CLEAR_AWAY, _A.QUIT)),
    Rule(_S.CODE_ENDS, _E.REAPED, _W.RESET_WANTED, _S.OFF, (_A.CLEAR_AWAY, _A.BOOT_ANEW)),
    Rule(
        _S.CODE_ENDS,
        _E.REAPED,
        _W.RELOAD_PENDING,
        _S.SETTLING,
        (_A.CLEAR_AWAY, _A.WAIT_QUIET),
    ),
    Rule(
        _S.CODE_ENDS,
        _E.REAPED,
        _W.ASKED_RELOAD,
        _S.CODE,
        (_A.CLEAR_AWAY, _A.REASON_RELOAD, *_REBOOT),
    ),
    Rule(_S.CODE_ENDS, _E.REAPED, _W.ASKED_EXIT, _S.REPL, (_A.CLEAR_AWAY, _A.RUN_REPL)),
    Rule(_S.CODE_ENDS, _E.REAPED, _W.RUN_AGAIN, _S.CODE, (_A.CLEAR_AWAY, *_REBOOT)),
    Rule(_S.CODE_ENDS, _E.REAPED, _W.ALWAYS, _S.WAITING, (_A.CLEAR_AWAY, _A.SAY_PROMPT)),
    # between runs
    Rule(_S.SETTLING, _E.CHANGED, _W.AUTO_RELOAD, _S.SETTLING, (_A.NOTE_CHANGE, _A.WAIT_QUIET)),
    Rule(_S.SETTLING, _E.SETTLED, _W.ALWAYS, _S.CODE, (_A.FORGET_CHANGE, *_REBOOT)),
    Rule(_S.WAITING, _E.CHANGED, _W.AUTO_RELOAD, _S.SETTLING, (_A.NOTE_CHANGE, _A.WAIT_QUIET)),
    Rule(_S.WAITING, _E.CTRL_D, _W.ALWAYS, _S.CODE, (_A.REASON_REPL, *_REBOOT)),
    Rule(_S.WAITING, _E.CTRL_C, _W.ALWAYS, _S.REPL, (_A.RUN_REPL,)),
    Rule(_S.WAITING, _E.KEY, _W.ALWAYS, _S.REPL, (_A.RUN_REPL,)),
    Rule(_S.WAITING, _E.VIEWER, _W.ALWAYS, _S.WAITING, (_A.SAY_PROMPT,)),
    # the REPL: auto-reload sleeps, and writes made meanwhile are forgotten
    Rule(_S.REPL, _E.ENDED, _W.ALWAYS, _S.REPL_ENDS, (_A.FINISH,)),
    Rule(_S.REPL, _E.RESET, _W.ALWAYS, _S.REPL_ENDS, ()),
    Rule(_S.REPL, _E.CTRL_C, _W.ALWAYS, _S.REPL, (_A.INTERRUPT,)),
    Rule(_S.REPL_ENDS, _E.REAPED, _W.RESET_WANTED, _S.OFF, (_A.CLEAR_AWAY, _A.BOOT_ANEW)),
    Rule(_S.REPL_ENDS, _E.REAPED, _W.ALWAYS, _S.CODE, (_A.CLEAR_AWAY, _A.REASON_REPL, *_REBOOT)),
    # the end
    Rule(_S.BOOT, _E.LEAVE, _W.ALWAYS, _S.LEAVING, (_A.STOP,)),
    Rule(_S.CODE, _E.LEAVE, _W.ALWAYS, _S.LEAVING, (_A.STOP,)),
    Rule(_S.REPL, _E.LEAVE, _W.ALWAYS, _S.LEAVING, (_A.STOP,)),
    Rule(_S.BOOT_ENDS, _E.LEAVE, _W.ALWAYS, _S.LEAVING, (_A.STOP,)),
    Rule(_S.CODE_ENDS, _E.LEAVE, _W.ALWAYS, _S.LEAVING, (_A.STOP,)),
    Rule(_S.REPL_ENDS, _E.LEAVE, _W.ALWAYS, _S.LEAVING, (_A.STOP,)),
    Rule(_S.LEAVING, _E.ENDED, _W.ALWAYS, _S.LEAVING, (_A.FINISH,)),
    Rule(_S.LEAVING, _E.REAPED, _W.ALWAYS, _S.OVER, (_A.CLEAR_AWAY, _A.QUIT)),
    Rule(_S.OFF, _E.LEAVE, _W.ALWAYS, _S.OVER, (_A.QUIT,)),
    Rule(_S.WAITING, _E.LEAVE, _W.ALWAYS, _S.OVER, (_A.QUIT,)),
    Rule(_S.SETTLING, _E.LEAVE, _W.ALWAYS, _S.OVER, (_A.QUIT,)),
)

RUNNING = frozenset({State.BOOT, State.CODE, State.REPL})
"""The states in which user code runs."""
ALIVE = RUNNING | {State.BOOT_ENDS, State.CODE_ENDS, State.REPL_ENDS, State.LEAVING}
"""The states in which a program's process exists."""


def holds(when: When, memory: Memory) -> bool:
    """Tell whether a rule's condition holds."""
    return {
        When.ALWAYS: True,
        When.HAS_BOOT: memory.has_boot,
        When.REPL_FIRST: memory.repl_first,
        When.LEFT_ALL: memory.runs_left == 0,
        When.RESET_WANTED: memory.reset_wanted,
        When.RELOAD_PENDING: memory.pending,
        When.ASKED_RELOAD: memory.how == "reload",
        When.RUN_AGAIN: memory.run_again,
        When.ASKED_EXIT: memory.how == "exit",
        When.AUTO_RELOAD: memory.auto_reload,
        When.FIRST_CHANGE: memory.auto_reload and not memory.pending,
    }[when]


def step(state: State, memory: Memory, event: Event) -> tuple[State, Memory, tuple[Action, ...]]:
    """Decide.

    Args:
        state: What the board is doing.
        memory: What is remembered, with what the event brought already noted.
        event: What has happened.

    Returns:
        The new state, the new memory, and what to do in this order. An event that no rule speaks
        of changes nothing.
    """
    for rule in TABLE:
        if rule.state is state and rule.event is event and holds(rule.when, memory):
            return rule.then, _after(rule.actions, memory), rule.actions
    return state, memory, ()


def _after(actions: tuple[Action, ...], memory: Memory) -> Memory:
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
        memory = replace(memory, how="done", repl_first=False)
    if Action.BOOT_ANEW in actions:
        # A hard reset: nothing but the count of runs outlives it.
        memory = replace(memory, pending=False, auto_reload=memory.reload_by_default)
    if Action.CLEAR_AWAY in actions:
        memory = replace(memory, reset_wanted=False)
    return memory
