"""What the supervisor's table speaks of: the board's states, events, conditions, deeds, memory. Pure."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import NamedTuple


class State(enum.Enum):
    """What the board is doing."""

    OFF = "off"
    WINDOW = "safe-mode window"
    SAFEMODE = "safemode.py runs"
    SAFEMODE_ENDS = "safemode.py is cleared away"
    SAFE = "waits in safe mode"
    BOOT = "boot.py runs"
    BOOT_ENDS = "boot.py is cleared away"
    CODE = "code.py runs"
    CODE_ENDS = "code.py is cleared away"
    SETTLING = "waits for writes to settle"
    RESTARTING = "waits to restart after a crash"
    WAITING = "waits for a key"
    SLEEPING = "sleeps until an alarm"
    SLEEP_ENDS = "sleep is cleared away"
    WAKING = "an alarm went off"
    REPL = "REPL runs"
    REPL_ENDS = "REPL is cleared away"
    HANGING = "a program hangs in the kernel"
    LEAVING = "the last program is cleared away"
    OVER = "over"


class Event(enum.Enum):
    """What can happen."""

    POWER = "power on"
    FILE_ENDED = "repl.py ended"
    ENDED = "user code ended"
    RESET = "microcontroller.reset()"
    HARD_RESET = "reset pressed, or the watchdog bit"
    WINDOW_OVER = "window over"
    RELOAD = "cpcompat reload"
    RETRY = "restart due"
    REAPED = "its processes are reaped"
    HANGS = "not even SIGKILL has ended it"
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
    SAFE_COUNTED = "in safe mode, and runs were counted"
    SAFE_WITH_FILE = "in safe mode (not the user's), there is a safemode.py"
    IN_SAFE = "in safe mode"
    HAS_WINDOW = "a safe-mode window is wanted"
    HAS_BOOT = "there is a boot.py"
    REPL_FIRST = "the REPL was asked for"
    LEFT_ALL = "all wanted runs are done"
    RESET_WANTED = "a reset is wanted"
    RELOAD_PENDING = "a reload is pending"
    MAY_RESTART = "it crashed and may be restarted"
    CRASHED = "it crashed"
    ASKED_RELOAD = "the program asked for a reload"
    RUN_AGAIN = "the next-code options say run again"
    ASKED_SLEEP = "the program asked for deep sleep"
    DEEP = "nobody watched the sleep"
    ASKED_EXIT = "it ended by sys.exit()"
    SWITCHED = "the other REPL was asked for"
    RAW = "it was the raw REPL"
    AUTO_RELOAD = "auto-reload is on"
    FIRST_CHANGE = "auto-reload is on and none is pending"


class Action(enum.Enum):
    """What is to be done, in the order of a rule."""

    CLEAR_LINE = "clear the console's line"
    WAIT_WINDOW = "wait for a press on reset"
    NEXT_SAFE = "safe mode is next"
    HEADER = "print the boot header"
    KEEP_BOOT_OUT = "keep boot_out.txt"
    RUN_SAFEMODE = "start safemode.py"
    RUN_BOOT = "start boot.py"
    RUN_CODE = "start code.py"
    RUN_REPL = "start the REPL"
    RUN_SLEEP = "wait for the alarms"
    SAY_WOKEN = "say that an alarm went off"
    SAY_SOFT_REBOOT = "say «soft reboot»"
    SAY_DONE = "say how it ended"
    SAY_REPL = "show that the REPL comes"
    SAY_CRASH = "say what it died of"
    SAY_PROMPT = "say how to go on"
    SAY_HANGS = "say that it hangs, and what helps"
    INTERRUPT = "raise KeyboardInterrupt in it"
    STOP_FOR_RELOAD = "raise ReloadException in it, then harder"
    STOP = "end it, then harder"
    KILL = "end it at once"
    FINISH = "let it run its finalisers"
    CLEAR_AWAY = "put the lines back, forget the program"
    NOTE_CHANGE = "remember the change, wait for quiet"
    WAIT_QUIET = "wait for quiet"
    FORGET_CHANGE = "forget the change"
    WAIT_RETRY = "wait a little longer each time"
    WANT_REPL = "the REPL is next"
    REASON_STARTUP = "run reason: startup"
    BOOT_BY_ALARM = "the next boot is an alarm's"
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
        safe: Why the board is in safe mode, a name of ``supervisor.SafeModeReason``; empty if not.
        next_safe: Why the next boot is to be one into safe mode; empty if it is not.
        has_safemode: The drive has a safemode.py or safemode.txt.
        window: This boot waits a while for a press on reset.
        may_restart: A program that has crashed is started again instead of safe mode.
        has_boot: The drive has a boot.py or boot.txt.
        repl_first: The REPL comes before the first run of code.py.
        reload_by_default: What auto-reload is after a reset.
        auto_reload: Writes to the drive start the program anew.
        pending: A write has come, and the program has not been started anew since.
        reset_wanted: The program called `microcontroller.reset`.
        raw: The REPL is the raw one, until another is asked for.
        how: How user code last ended: a `cpcompat.protocol.Ended.how`, or ``"died"``, or ``"crashed"``.
        deep: Nobody watches the console, so deep sleep ends by a boot.
        run_again: The program's next-code options say to run again after such an end.
        runs_left: How many runs of code.py are still wanted; None for no end of them.
    """

    safe: str = ""
    next_safe: str = ""
    has_safemode: bool = False
    window: bool = False
    may_restart: bool = False
    has_boot: bool = False
    repl_first: bool = False
    reload_by_default: bool = True
    auto_reload: bool = True
    pending: bool = False
    reset_wanted: bool = False
    raw: bool = False
    how: str = "done"
    deep: bool = False
    run_again: bool = False
    runs_left: int | None = None
