"""The supervisor's decisions: what happens on which event in which state, as one table.

Pure: no clock, no file, no process. `step` takes a state, what is remembered and an event, and
says what to do; `cpcompat.supervisor.process.loop` does it. The table is all there is to know, and
the diagram in the documentation is drawn from it.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace
from typing import NamedTuple


class State(enum.Enum):
    """What the board is doing."""

    OFF = "off"
    BOOT = "boot.py runs"
    BOOT_ENDS = "boot.py is cleared away"
    CODE = "code.py runs"
    CODE_ENDS = "code.py is cleared away"
    SETTLING = "waits for writes to settle"
    WAITING = "waits for a key"
    REPL = "REPL runs"
    REPL_ENDS = "REPL is cleared away"
    LEAVING = "the last program is cleared away"
    OVER = "over"


class Event(enum.Enum):
    """What can happen."""

    POWER = "power on"
    ENDED = "user code ended"
    RESET = "microcontroller.reset()"
    REAPED = "its processes are reaped"
    CHANGED = "drive changed"
    SETTLED = "drive quiet"
    CTRL_C = "Ctrl-C"
    CTRL_D = "Ctrl-D"
    KEY = "another key"
    VIEWER = "a terminal connected"
    LEAVE = "leave"


class When(enum.Enum):
    """What a rule may ask of the memory; the first rule that fits is taken."""

    ALWAYS = ""
    HAS_BOOT = "there is a boot.py"
    REPL_FIRST = "the REPL was asked for"
    LEFT_ALL = "all wanted runs are done"
    RESET_WANTED = "a reset is wanted"
    RELOAD_PENDING = "a reload is pending"
    ASKED_RELOAD = "the program asked for a reload"
    RUN_AGAIN = "the next-code options say run again"
    ASKED_EXIT = "it ended by sys.exit()"
    AUTO_RELOAD = "auto-reload is on"
    FIRST_CHANGE = "auto-reload is on and none is pending"


class Action(enum.Enum):
    """What is to be done, in the order of a rule."""

    HEADER = "print the boot header"
    KEEP_BOOT_OUT = "keep boot_out.txt"
    RUN_BOOT = "start boot.py"
    RUN_CODE = "start code.py"
    RUN_REPL = "start the REPL"
    SAY_SOFT_REBOOT = "say «soft reboot»"
    SAY_DONE = "say how it ended"
    SAY_PROMPT = "say how to go on"
    INTERRUPT = "raise KeyboardInterrupt in it"
    STOP_FOR_RELOAD = "raise ReloadException in it, then harder"
    STOP = "end it, then harder"
    FINISH = "let it run its finalisers"
    CLEAR_AWAY = "put the lines back, forget the program"
    NOTE_CHANGE = "remember the change, wait for quiet"
    WAIT_QUIET = "wait for quiet"
    FORGET_CHANGE = "forget the change"
    REASON_REPL = "run reason: REPL"
    REASON_RELOAD = "run reason: supervisor"
    BOOT_ANEW = "power on again"
    QUIT = "end the supervisor"


class Rule(NamedTuple):
    """In ``state``, on ``event``, if ``when`` holds: do ``actions`` and be in ``then``."""

    state: State
    event: Event
    when: When
    then: State
    actions: tuple[Action, ...]


@dataclass(frozen=True, slots=True)
class Memory:
    """What the decisions depend on besides the state.

    Attributes:
        has_boot: The drive has a boot.py or boot.txt.
        repl_first: The REPL comes before the first run of code.py.
        reload_by_default: What auto-reload is after a reset.
        auto_reload: Writes to the drive start the program anew.
        pending: A write has come, and the program has not been started anew since.
        reset_wanted: The program called `microcontroller.reset`.
        how: How user code last ended: a `cpcompat.protocol.Ended.how`, or ``"died"``.
        run_again: The program's next-code options say to run again after such an end.
        runs_left: How many runs of code.py are still wanted; None for no end of them.
    """

    has_boot: bool = False
    repl_first: bool = False
    reload_by_default: bool = True
    auto_reload: bool = True
    pending: bool = False
    reset_wanted: bool = False
    how: str = "done"
    run_again: bool = False
    runs_left: int | None = None


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
