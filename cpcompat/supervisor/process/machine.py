"""The supervisor's decisions: what happens on which event in which state, as one table.

Pure: no clock, no file, no process. `step` takes a state, what is remembered and an event, and
says what to do; `cpcompat.supervisor.process.loop` does it. The table is all there is to know, and
the diagram in the documentation is drawn from it.
"""

from __future__ import annotations

from cpcompat.supervisor.process.memory import after, holds
from cpcompat.supervisor.process.states import Action, Event, Memory, Rule, State, When

__all__ = [
    "ALIVE",
    "IDLE",
    "RUNNING",
    "SLEEP",
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
_REBOOT = (_A.SAY_SOFT_REBOOT, _A.RUN_CODE)
_CONSOLE = (_A.CLEAR_LINE, _A.CLEAR_LINE)
_ANEW = (_A.CLEAR_AWAY, _A.BOOT_ANEW)
_CRASH = (_A.CLEAR_AWAY, _A.SAY_CRASH, _A.BOOT_ANEW)


SLEEP = frozenset({State.SLEEPING, State.SLEEP_ENDS, State.WAKING})
"""The states of deep sleep."""
RUNNING = frozenset({State.SAFEMODE, State.BOOT, State.CODE, State.REPL})
"""The states in which user code runs."""
_ENDING = (State.SAFEMODE_ENDS, State.BOOT_ENDS, State.CODE_ENDS, State.REPL_ENDS)
_ALIVE = (*sorted(RUNNING | SLEEP, key=list(State).index), *_ENDING)
ALIVE = frozenset({*_ALIVE, State.HANGING, State.LEAVING})
"""The states in which a program's process exists."""
_IDLE = (_S.OFF, _S.WINDOW, _S.SAFE, _S.WAITING, _S.SETTLING, _S.RESTARTING)
IDLE = frozenset({State.SAFE, State.WAITING, State.RESTARTING, State.SLEEPING, State.HANGING})
"""The states in which a key is for the supervisor: it opens the REPL, or asks why it does not."""
_ASKING = (_E.KEY, _E.CTRL_C, _E.CTRL_D, _E.VIEWER, _E.HARD_RESET)


def _starts(state: State, event: Event, before: tuple[Action, ...]) -> tuple[Rule, ...]:
    """Return the rules for a start in the usual way: boot.py, or what comes after it."""
    head = (*before, _A.HEADER)
    kept = (*head, _A.KEEP_BOOT_OUT)
    return (
        Rule(state, event, _W.HAS_BOOT, _S.BOOT, (*head, _A.RUN_BOOT)),
        Rule(state, event, _W.REPL_FIRST, _S.REPL, (*kept, _A.RUN_REPL)),
        Rule(state, event, _W.ALWAYS, _S.CODE, (*kept, _A.RUN_CODE)),
    )


TABLE: tuple[Rule, ...] = (
    Rule(_S.OFF, _E.POWER, _W.SAFE_COUNTED, _S.OVER, (_A.SAY_PROMPT, _A.QUIT)),
    Rule(_S.OFF, _E.POWER, _W.SAFE_WITH_FILE, _S.SAFEMODE, (*_CONSOLE, _A.RUN_SAFEMODE)),
    Rule(_S.OFF, _E.POWER, _W.IN_SAFE, _S.SAFE, (*_CONSOLE, _A.SAY_PROMPT)),
    Rule(_S.OFF, _E.POWER, _W.HAS_WINDOW, _S.WINDOW, (_A.CLEAR_LINE, _A.WAIT_WINDOW)),
    *_starts(_S.OFF, _E.POWER, _CONSOLE),
    *_starts(_S.WINDOW, _E.WINDOW_OVER, (_A.CLEAR_LINE,)),
    Rule(_S.WINDOW, _E.HARD_RESET, _W.ALWAYS, _S.OFF, (_A.NEXT_SAFE, _A.BOOT_ANEW)),
    # safe mode
    Rule(_S.SAFEMODE, _E.ENDED, _W.ALWAYS, _S.SAFEMODE_ENDS, (_A.FINISH,)),
    Rule(_S.SAFEMODE, _E.RESET, _W.ALWAYS, _S.SAFEMODE_ENDS, ()),
    Rule(_S.SAFEMODE, _E.HARD_RESET, _W.ALWAYS, _S.SAFEMODE_ENDS, (_A.KILL,)),
    Rule(_S.SAFEMODE, _E.CTRL_C, _W.ALWAYS, _S.SAFEMODE, (_A.INTERRUPT,)),
    Rule(_S.SAFEMODE_ENDS, _E.REAPED, _W.RESET_WANTED, _S.OFF, _ANEW),
    Rule(_S.SAFEMODE_ENDS, _E.REAPED, _W.ALWAYS, _S.SAFE, (_A.CLEAR_AWAY, _A.SAY_PROMPT)),
    Rule(_S.SAFE, _E.CTRL_D, _W.ALWAYS, _S.SAFE, (_A.SAY_SOFT_REBOOT, _A.SAY_PROMPT)),
    Rule(_S.SAFE, _E.CTRL_C, _W.ALWAYS, _S.REPL, (_A.RUN_REPL,)),
    Rule(_S.SAFE, _E.KEY, _W.ALWAYS, _S.REPL, (_A.RUN_REPL,)),
    Rule(_S.SAFE, _E.VIEWER, _W.ALWAYS, _S.SAFE, (_A.SAY_PROMPT,)),
    Rule(_S.SAFE, _E.HARD_RESET, _W.ALWAYS, _S.OFF, (_A.BOOT_ANEW,)),
    # boot.py
    Rule(_S.BOOT, _E.ENDED, _W.ALWAYS, _S.BOOT_ENDS, (_A.FINISH,)),
    Rule(_S.BOOT, _E.RESET, _W.ALWAYS, _S.BOOT_ENDS, ()),
    Rule(_S.BOOT, _E.HARD_RESET, _W.ALWAYS, _S.BOOT_ENDS, (_A.KILL,)),
    Rule(_S.BOOT, _E.CTRL_C, _W.ALWAYS, _S.BOOT, (_A.INTERRUPT,)),
    Rule(_S.BOOT, _E.CHANGED, _W.FIRST_CHANGE, _S.BOOT, (_A.NOTE_CHANGE, _A.STOP_FOR_RELOAD)),
    Rule(_S.BOOT, _E.CHANGED, _W.AUTO_RELOAD, _S.BOOT, (_A.NOTE_CHANGE,)),
    Rule(_S.BOOT_ENDS, _E.CHANGED, _W.AUTO_RELOAD, _S.BOOT_ENDS, (_A.NOTE_CHANGE,)),
    Rule(_S.BOOT_ENDS, _E.REAPED, _W.RESET_WANTED, _S.OFF, _ANEW),
    Rule(_S.BOOT_ENDS, _E.REAPED, _W.CRASHED, _S.OFF, _CRASH),
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
    Rule(_S.CODE, _E.HARD_RESET, _W.ALWAYS, _S.CODE_ENDS, (_A.KILL,)),
    Rule(_S.CODE, _E.CTRL_C, _W.ALWAYS, _S.CODE, (_A.INTERRUPT,)),
    Rule(_S.CODE, _E.CHANGED, _W.FIRST_CHANGE, _S.CODE, (_A.NOTE_CHANGE, _A.STOP_FOR_RELOAD)),
    Rule(_S.CODE, _E.CHANGED, _W.AUTO_RELOAD, _S.CODE, (_A.NOTE_CHANGE,)),
    Rule(_S.CODE, _E.RELOAD, _W.ALWAYS, _S.CODE, (_A.NOTE_CHANGE, _A.STOP_FOR_RELOAD)),
    Rule(_S.CODE_ENDS, _E.CHANGED, _W.AUTO_RELOAD, _S.CODE_ENDS, (_A.NOTE_CHANGE,)),
    Rule(_S.CODE_ENDS, _E.REAPED, _W.LEFT_ALL, _S.OVER, (_A.CLEAR_AWAY, _A.QUIT)),
    Rule(_S.CODE_ENDS, _E.REAPED, _W.RESET_WANTED, _S.OFF, _ANEW),
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
        _W.MAY_RESTART,
        _S.RESTARTING,
        (_A.CLEAR_AWAY, _A.WAIT_RETRY),
    ),
    Rule(_S.CODE_ENDS, _E.REAPED, _W.CRASHED, _S.OFF, _ANEW),
    Rule(
        _S.CODE_ENDS,
        _E.REAPED,
        _W.ASKED_RELOAD,
        _S.CODE,
        (_A.CLEAR_AWAY, _A.REASON_RELOAD, *_REBOOT),
    ),
    Rule(
        _S.CODE_ENDS,
        _E.REAPED,
        _W.ASKED_SLEEP,
        _S.SLEEPING,
        (_A.CLEAR_AWAY, _A.SAY_PROMPT, _A.RUN_SLEEP),
    ),
    Rule(_S.CODE_ENDS, _E.REAPED, _W.ASKED_EXIT, _S.REPL, (_A.CLEAR_AWAY, _A.RUN_REPL)),
    Rule(_S.CODE_ENDS, _E.REAPED, _W.RUN_AGAIN, _S.CODE, (_A.CLEAR_AWAY, *_REBOOT)),
    Rule(_S.CODE_ENDS, _E.REAPED, _W.ALWAYS, _S.WAITING, (_A.CLEAR_AWAY, _A.SAY_PROMPT)),
    # between runs
    Rule(_S.SETTLING, _E.CHANGED, _W.AUTO_RELOAD, _S.SETTLING, (_A.NOTE_CHANGE, _A.WAIT_QUIET)),
    Rule(_S.SETTLING, _E.SETTLED, _W.ALWAYS, _S.CODE, (_A.FORGET_CHANGE, *_REBOOT)),
    Rule(_S.SETTLING, _E.HARD_RESET, _W.ALWAYS, _S.OFF, (_A.BOOT_ANEW,)),
    Rule(_S.RESTARTING, _E.RETRY, _W.ALWAYS, _S.CODE, _REBOOT),
    Rule(_S.RESTARTING, _E.CTRL_D, _W.ALWAYS, _S.CODE, (_A.REASON_REPL, *_REBOOT)),
    Rule(_S.RESTARTING, _E.CTRL_C, _W.ALWAYS, _S.REPL, (_A.RUN_REPL,)),
    Rule(_S.RESTARTING, _E.KEY, _W.ALWAYS, _S.REPL, (_A.RUN_REPL,)),
    Rule(_S.RESTARTING, _E.CHANGED, _W.AUTO_RELOAD, _S.SETTLING, (_A.NOTE_CHANGE, _A.WAIT_QUIET)),
    Rule(_S.RESTARTING, _E.HARD_RESET, _W.ALWAYS, _S.OFF, (_A.BOOT_ANEW,)),
    Rule(_S.WAITING, _E.CHANGED, _W.AUTO_RELOAD, _S.SETTLING, (_A.NOTE_CHANGE, _A.WAIT_QUIET)),
    Rule(_S.WAITING, _E.CTRL_D, _W.ALWAYS, _S.CODE, (_A.REASON_REPL, *_REBOOT)),
    Rule(_S.WAITING, _E.CTRL_C, _W.ALWAYS, _S.REPL, (_A.RUN_REPL,)),
    Rule(_S.WAITING, _E.KEY, _W.ALWAYS, _S.REPL, (_A.RUN_REPL,)),
    Rule(_S.WAITING, _E.VIEWER, _W.ALWAYS, _S.WAITING, (_A.SAY_PROMPT,)),
    Rule(_S.WAITING, _E.HARD_RESET, _W.ALWAYS, _S.OFF, (_A.BOOT_ANEW,)),
    # deep sleep: a program of the supervisor's own waits for the alarms
    Rule(_S.SLEEPING, _E.ENDED, _W.ALWAYS, _S.WAKING, (_A.FINISH,)),
    Rule(_S.SLEEPING, _E.CHANGED, _W.AUTO_RELOAD, _S.SLEEP_ENDS, (_A.NOTE_CHANGE, _A.KILL)),
    Rule(_S.SLEEPING, _E.CTRL_D, _W.ALWAYS, _S.SLEEP_ENDS, (_A.KILL,)),
    Rule(_S.SLEEPING, _E.CTRL_C, _W.ALWAYS, _S.SLEEP_ENDS, (_A.WANT_REPL, _A.KILL)),
    Rule(_S.SLEEPING, _E.KEY, _W.ALWAYS, _S.SLEEP_ENDS, (_A.WANT_REPL, _A.KILL)),
    Rule(_S.SLEEPING, _E.HARD_RESET, _W.ALWAYS, _S.SLEEP_ENDS, (_A.KILL,)),
    Rule(_S.SLEEPING, _E.VIEWER, _W.ALWAYS, _S.SLEEPING, (_A.SAY_PROMPT,)),
    Rule(_S.SLEEP_ENDS, _E.REAPED, _W.RESET_WANTED, _S.OFF, _ANEW),
    Rule(_S.SLEEP_ENDS, _E.REAPED, _W.RELOAD_PENDING, _S.SETTLING, (_A.CLEAR_AWAY, _A.WAIT_QUIET)),
    Rule(_S.SLEEP_ENDS, _E.REAPED, _W.REPL_FIRST, _S.REPL, (_A.CLEAR_AWAY, _A.RUN_REPL)),
    Rule(_S.SLEEP_ENDS, _E.REAPED, _W.ALWAYS, _S.CODE, (_A.CLEAR_AWAY, _A.REASON_REPL, *_REBOOT)),
    Rule(_S.WAKING, _E.REAPED, _W.DEEP, _S.OFF, (_A.CLEAR_AWAY, _A.BOOT_BY_ALARM, _A.BOOT_ANEW)),
    Rule(
        _S.WAKING,
        _E.REAPED,
        _W.ALWAYS,
        _S.CODE,
        (_A.CLEAR_AWAY, _A.SAY_WOKEN, _A.REASON_STARTUP, _A.RUN_CODE),
    ),
    # the REPL: auto-reload sleeps, and writes made meanwhile are forgotten
    Rule(_S.REPL, _E.FILE_ENDED, _W.ALWAYS, _S.REPL, (_A.SAY_REPL,)),
    Rule(_S.REPL, _E.RELOAD, _W.ALWAYS, _S.REPL, (_A.STOP_FOR_RELOAD,)),
    Rule(_S.REPL, _E.ENDED, _W.ALWAYS, _S.REPL_ENDS, (_A.FINISH,)),
    Rule(_S.REPL, _E.RESET, _W.ALWAYS, _S.REPL_ENDS, ()),
    Rule(_S.REPL, _E.HARD_RESET, _W.ALWAYS, _S.REPL_ENDS, (_A.KILL,)),
    Rule(_S.REPL, _E.CTRL_C, _W.ALWAYS, _S.REPL, (_A.INTERRUPT,)),
    Rule(_S.REPL_ENDS, _E.REAPED, _W.RESET_WANTED, _S.OFF, _ANEW),
    Rule(_S.REPL_ENDS, _E.REAPED, _W.CRASHED, _S.OFF, _CRASH),
    Rule(
        _S.REPL_ENDS,
        _E.REAPED,
        _W.SWITCHED,
        _S.REPL,
        (_A.CLEAR_AWAY, _A.REASON_REPL, _A.RUN_REPL),
    ),
    Rule(
        _S.REPL_ENDS,
        _E.REAPED,
        _W.RAW,
        _S.REPL,
        (_A.CLEAR_AWAY, _A.REASON_REPL, _A.SAY_SOFT_REBOOT, _A.RUN_REPL),
    ),
    Rule(
        _S.REPL_ENDS,
        _E.REAPED,
        _W.IN_SAFE,
        _S.SAFE,
        (_A.CLEAR_AWAY, _A.REASON_REPL, _A.SAY_SOFT_REBOOT, _A.SAY_PROMPT),
    ),
    Rule(_S.REPL_ENDS, _E.REAPED, _W.ALWAYS, _S.CODE, (_A.CLEAR_AWAY, _A.REASON_REPL, *_REBOOT)),
    # a program that hangs in the kernel is left alone, with its lines, until it has ended
    *(Rule(state, _E.HANGS, _W.LEFT_ALL, _S.OVER, (_A.SAY_HANGS, _A.QUIT)) for state in _ALIVE),
    *(Rule(state, _E.HANGS, _W.ALWAYS, _S.HANGING, (_A.SAY_HANGS,)) for state in _ALIVE),
    *(Rule(_S.HANGING, event, _W.ALWAYS, _S.HANGING, (_A.SAY_HANGS,)) for event in _ASKING),
    Rule(_S.HANGING, _E.CHANGED, _W.AUTO_RELOAD, _S.HANGING, (_A.NOTE_CHANGE,)),
    Rule(_S.HANGING, _E.REAPED, _W.RELOAD_PENDING, _S.SETTLING, (_A.CLEAR_AWAY, _A.WAIT_QUIET)),
    Rule(_S.HANGING, _E.REAPED, _W.ALWAYS, _S.OFF, _ANEW),
    Rule(_S.LEAVING, _E.HANGS, _W.ALWAYS, _S.OVER, (_A.SAY_HANGS, _A.QUIT)),
    Rule(_S.HANGING, _E.LEAVE, _W.ALWAYS, _S.OVER, (_A.QUIT,)),
    # the end
    *(Rule(state, _E.LEAVE, _W.ALWAYS, _S.LEAVING, (_A.STOP,)) for state in _ALIVE),
    Rule(_S.LEAVING, _E.ENDED, _W.ALWAYS, _S.LEAVING, (_A.FINISH,)),
    Rule(_S.LEAVING, _E.REAPED, _W.ALWAYS, _S.OVER, (_A.CLEAR_AWAY, _A.QUIT)),
    *(Rule(state, _E.LEAVE, _W.ALWAYS, _S.OVER, (_A.QUIT,)) for state in _IDLE),
)


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
            return rule.then, after(rule.actions, memory), rule.actions
    return state, memory, ()
