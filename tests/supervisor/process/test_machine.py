"""The supervisor's table of decisions."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpcompat.supervisor.process.machine import (
    ALIVE,
    RUNNING,
    TABLE,
    Action,
    Event,
    Memory,
    State,
    When,
    holds,
    step,
)

pytestmark = [pytest.mark.feature("supervisor"), pytest.mark.simulated]

STARTS = {Action.RUN_SAFEMODE, Action.RUN_BOOT, Action.RUN_CODE, Action.RUN_REPL, Action.RUN_SLEEP}
LIVES = RUNNING | {State.SLEEPING}
memories = st.builds(
    Memory,
    safe=st.sampled_from(["", "USER", "HARD_FAULT"]),
    next_safe=st.sampled_from(["", "PROGRAMMATIC"]),
    has_safemode=st.booleans(),
    window=st.booleans(),
    may_restart=st.booleans(),
    has_boot=st.booleans(),
    repl_first=st.booleans(),
    auto_reload=st.booleans(),
    pending=st.booleans(),
    reset_wanted=st.booleans(),
    raw=st.booleans(),
    how=st.sampled_from(
        ["done", "exception", "interrupt", "exit", "reload", "died", "crashed", "sleep", "raw"]
    ),
    deep=st.booleans(),
    run_again=st.booleans(),
    runs_left=st.none() | st.integers(0, 3),
)


def play(events: list[Event], memory: Memory | None = None) -> tuple[State, list[Action]]:
    """Feed events to a board that is off; return where it ends and all that was done."""
    state, memory = State.OFF, memory or Memory()
    done: list[Action] = []
    for event in events:
        state, memory, actions = step(state, memory, event)
        done.extend(actions)
    return state, done


def test_power_runs_boot_py_and_then_code_py() -> None:
    """boot.py comes first, and boot_out.txt is kept before code.py starts."""
    events = [Event.POWER, Event.ENDED, Event.REAPED]
    state, done = play(events, Memory(has_boot=True))
    assert state is State.CODE
    assert done.index(Action.RUN_BOOT) < done.index(Action.KEEP_BOOT_OUT)
    assert done.index(Action.KEEP_BOOT_OUT) < done.index(Action.RUN_CODE)


def test_a_program_that_ended_leaves_the_board_waiting_for_a_key() -> None:
    """The end of code.py is said before its finalisers run, the prompt after they have."""
    state, done = play([Event.POWER, Event.ENDED, Event.REAPED])
    assert state is State.WAITING
    assert done[-4:] == [Action.SAY_DONE, Action.FINISH, Action.CLEAR_AWAY, Action.SAY_PROMPT]


def test_a_key_opens_the_repl_and_ctrl_d_runs_the_code() -> None:
    """In the wait state Ctrl-D reloads; every other key means the REPL."""
    to_wait = [Event.POWER, Event.ENDED, Event.REAPED]
    assert play([*to_wait, Event.KEY])[0] is State.REPL
    assert play([*to_wait, Event.CTRL_C])[0] is State.REPL
    state, done = play([*to_wait, Event.CTRL_D])
    assert state is State.CODE
    assert done[-2:] == [Action.SAY_SOFT_REBOOT, Action.RUN_CODE]


def test_several_writes_stop_the_program_once_and_reload_it_once() -> None:
    """Later writes only move the time of the reload."""
    events = [Event.POWER, Event.CHANGED, Event.CHANGED, Event.ENDED, Event.REAPED]
    state, done = play([*events, Event.CHANGED, Event.SETTLED])
    assert state is State.CODE
    assert done.count(Action.STOP_FOR_RELOAD) == 1
    assert done.count(Action.RUN_CODE) == 2


def test_without_auto_reload_a_write_changes_nothing() -> None:
    """A write is dropped, not remembered."""
    memory = Memory(auto_reload=False)
    assert step(State.CODE, memory, Event.CHANGED) == (State.CODE, memory, ())


def test_writes_during_the_repl_are_forgotten() -> None:
    """Auto-reload sleeps while somebody types."""
    assert step(State.REPL, Memory(), Event.CHANGED)[1].pending is False


def test_sys_exit_opens_the_repl_without_a_key() -> None:
    """As upstream: SystemExit in code.py goes straight to the prompt."""
    state, _, _ = step(State.CODE_ENDS, Memory(how="exit"), Event.REAPED)
    assert state is State.REPL


def test_a_reset_boots_anew_with_auto_reload_as_at_first() -> None:
    """A hard reset forgets what the program set."""
    memory = Memory(reset_wanted=True, auto_reload=False, pending=True)
    state, after, actions = step(State.CODE_ENDS, memory, Event.REAPED)
    assert state is State.OFF
    assert Action.BOOT_ANEW in actions
    assert (after.auto_reload, after.pending, after.reset_wanted) == (True, False, False)


def test_the_last_wanted_run_ends_the_supervisor_whatever_it_asked_for() -> None:
    """With --runs, not even a reset or a reload starts another one."""
    for how in ("done", "exception", "reload", "exit"):
        memory = Memory(how=how, runs_left=0, reset_wanted=True, pending=True)
        state, _, actions = step(State.CODE_ENDS, memory, Event.REAPED)
        assert state is State.OVER
        assert actions[-1] is Action.QUIT


def test_a_crash_boots_into_safe_mode_and_a_reset_out_of_it() -> None:
    """Nothing of the user's runs meanwhile, and auto-reload is off."""
    memory = Memory(how="crashed", next_safe="HARD_FAULT", has_boot=True)
    state, memory, actions = step(State.CODE_ENDS, memory, Event.REAPED)
    assert (state, memory.safe, memory.auto_reload) == (State.OFF, "HARD_FAULT", False)
    state, memory, actions = step(state, memory, Event.POWER)
    assert state is State.SAFE
    assert not STARTS & set(actions)
    state, memory, _ = step(state, memory, Event.HARD_RESET)
    assert (state, memory.safe, memory.auto_reload) == (State.OFF, "", True)
    assert step(state, memory, Event.POWER)[0] is State.BOOT


def test_a_crash_that_may_be_retried_is_retried_before_safe_mode() -> None:
    """The program starts again after a while; a key leads to the REPL instead."""
    memory = Memory(how="crashed", next_safe="HARD_FAULT", may_restart=True)
    state, memory, _ = step(State.CODE_ENDS, memory, Event.REAPED)
    assert (state, memory.next_safe) == (State.RESTARTING, "")
    assert step(state, memory, Event.KEY)[0] is State.REPL
    state, _, actions = step(state, memory, Event.RETRY)
    assert state is State.CODE
    assert Action.RUN_CODE in actions


def test_a_press_on_reset_in_the_window_leads_into_safe_mode() -> None:
    """And one after the window is a reset like any other."""
    state, memory, _ = step(State.OFF, Memory(window=True), Event.POWER)
    assert state is State.WINDOW
    assert step(state, memory, Event.WINDOW_OVER)[0] is State.CODE
    pressed = step(state, memory, Event.HARD_RESET)[1]
    assert pressed.safe == "USER"
    assert step(State.WAITING, memory, Event.HARD_RESET)[1].safe == ""


@pytest.mark.parametrize("state", [State.WAITING, State.SAFE, State.SETTLING, State.RESTARTING])
def test_a_press_on_reset_while_nothing_runs_is_used_up(state: State) -> None:
    """The next program that ends does not boot the board once more."""
    _, memory, _ = step(state, Memory(reset_wanted=True), Event.HARD_RESET)
    assert not memory.reset_wanted


def test_safemode_py_runs_in_safe_mode_unless_the_user_asked_for_it() -> None:
    """It is for programs that must look after themselves."""
    for reason, state in (("HARD_FAULT", State.SAFEMODE), ("USER", State.SAFE)):
        memory = Memory(safe=reason, has_safemode=True)
        assert step(State.OFF, memory, Event.POWER)[0] is state


def test_counted_runs_end_in_safe_mode_instead_of_waiting_for_ever() -> None:
    """A script that runs a drive must hear of it."""
    assert step(State.OFF, Memory(safe="NO_HEAP", runs_left=2), Event.POWER)[0] is State.OVER


@given(memories, st.lists(st.sampled_from(list(Event)), max_size=40))
def test_whatever_happens_no_program_starts_beside_another(
    memory: Memory, events: list[Event]
) -> None:
    """A program starts only when none is alive: after power on, or after the last was reaped."""
    state, alive = State.OFF, False
    for event in [Event.POWER, *events]:
        if event is Event.REAPED and not alive:
            continue
        # The death of a program that said nothing is told as its end, then as its reaping.
        told = [Event.ENDED, event] if event is Event.REAPED and state in LIVES else [event]
        for one in told:
            alive = alive and one is not Event.REAPED
            state, memory, actions = step(state, memory, one)
            if STARTS & set(actions):
                assert not alive, (one, state)
                alive = True
        # Only one that hangs in the kernel is ever left behind, and then nothing starts any more.
        assert state is State.OVER or alive == (state in ALIVE), (event, state)


@given(memories, st.sampled_from(list(State)))
def test_leave_always_leads_to_the_end(memory: Memory, state: State) -> None:
    """From every state, LEAVE and the end of what runs lead to OVER."""
    for event in (Event.LEAVE, Event.REAPED):
        if state is not State.OVER:
            state, memory, _ = step(state, memory, event)
    assert state is State.OVER


def test_every_state_can_be_reached_and_left() -> None:
    """No row of the table is dead, and no state a trap."""
    reached = {State.OFF} | {rule.then for rule in TABLE}
    assert reached == set(State)
    assert {rule.state for rule in TABLE} == set(State) - {State.OVER}


def test_no_rule_is_hidden_behind_an_earlier_one() -> None:
    """For one state and event an unconditional rule is the last."""
    closed: set[tuple[State, Event]] = set()
    for rule in TABLE:
        assert (rule.state, rule.event) not in closed, rule
        if rule.when is When.ALWAYS:
            closed.add((rule.state, rule.event))


@given(memories)
def test_each_condition_asks_of_the_memory_only_what_it_names(memory: Memory) -> None:
    """Turning a condition's own field turns the condition."""
    assert holds(When.HAS_BOOT, replace(memory, has_boot=True))
    assert not holds(When.FIRST_CHANGE, replace(memory, pending=True))
    assert not holds(When.AUTO_RELOAD, replace(memory, auto_reload=False))


@pytest.mark.parametrize("state", sorted(ALIVE - {State.HANGING, State.LEAVING}, key=str))
def test_a_program_that_hangs_in_the_kernel_keeps_its_lines_and_nothing_else_starts(
    state: State,
) -> None:
    """Whoever asks is told again; when it has ended after all, the board boots."""
    state, memory, actions = step(state, Memory(), Event.HANGS)
    assert (state, actions) == (State.HANGING, (Action.SAY_HANGS,))
    for event in (Event.KEY, Event.CTRL_C, Event.CTRL_D, Event.VIEWER, Event.HARD_RESET):
        state, memory, actions = step(state, memory, event)
        assert (state, actions) == (State.HANGING, (Action.SAY_HANGS,))
    state, _, actions = step(state, memory, Event.REAPED)
    assert (state, actions) == (State.OFF, (Action.CLEAR_AWAY, Action.BOOT_ANEW))


def test_a_save_while_a_program_hangs_runs_once_it_has_ended() -> None:
    """It is remembered."""
    state, memory, _ = step(State.HANGING, Memory(), Event.CHANGED)
    assert (state, memory.pending) == (State.HANGING, True)
    assert step(state, memory, Event.REAPED)[0] is State.SETTLING


def test_a_program_that_hangs_keeps_nobody_from_leaving() -> None:
    """Nor a script that counts runs."""
    assert step(State.LEAVING, Memory(), Event.HANGS)[0] is State.OVER
    assert step(State.HANGING, Memory(), Event.LEAVE)[0] is State.OVER
    assert step(State.CODE, Memory(runs_left=0), Event.HANGS)[0] is State.OVER


@pytest.mark.parametrize(("how", "raw"), [("raw", True), ("friendly", False)])
def test_the_other_repl_is_a_new_vm_without_a_soft_reboot(how: str, raw: bool) -> None:
    """Its mode is kept for the restarts that follow."""
    memory = Memory(how=how, raw=not raw)
    state, after, actions = step(State.REPL_ENDS, memory, Event.REAPED)
    assert (state, after.raw) == (State.REPL, raw)
    assert actions == (Action.CLEAR_AWAY, Action.REASON_REPL, Action.RUN_REPL)


def test_the_raw_repl_is_followed_by_itself_and_never_by_code_py() -> None:
    """Until Ctrl-B or a reset."""
    state, after, actions = step(State.REPL_ENDS, Memory(raw=True), Event.REAPED)
    assert (state, after.raw) == (State.REPL, True)
    assert Action.SAY_SOFT_REBOOT in actions
    reset = Memory(raw=True, reset_wanted=True)
    assert step(State.REPL_ENDS, reset, Event.REAPED)[1].raw is False
