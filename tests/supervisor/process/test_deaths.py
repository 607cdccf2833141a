"""What the death of a program means."""

from __future__ import annotations

import signal

import pytest

from cpcompat.supervisor.process.deaths import WITHIN_S, Crashes, of

pytestmark = [pytest.mark.feature("safe mode"), pytest.mark.simulated]


@pytest.mark.parametrize(
    ("number", "out_of_memory", "how", "reason"),
    [
        (signal.SIGSEGV, False, "crashed", "HARD_FAULT"),
        (signal.SIGBUS, False, "crashed", "HARD_FAULT"),
        (signal.SIGILL, False, "crashed", "HARD_FAULT"),
        (signal.SIGABRT, False, "crashed", "HARD_FAULT"),
        (signal.SIGKILL, True, "crashed", "NO_HEAP"),
        (signal.SIGKILL, False, "died", ""),
        (signal.SIGTERM, False, "died", ""),
    ],
)
def test_a_signal_is_a_crash_where_it_would_be_one_on_a_board(
    number: int, out_of_memory: bool, how: str, reason: str
) -> None:
    """What somebody sent on purpose is none."""
    death = of(number, out_of_memory)
    assert (death.how, death.reason) == (how, reason)
    assert signal.Signals(number).name in death.text


def test_an_exit_without_a_word_is_no_crash() -> None:
    """The status is told."""
    death = of(3 << 8, False)
    assert death.how == "died"
    assert "status 3" in death.text


def test_restarts_are_counted_within_ten_minutes_and_wait_longer_each_time() -> None:
    """An old crash is forgotten, and then there is a restart again."""
    crashes = Crashes(3)
    delays = []
    for now_s in (0.0, 1.0, 2.0):
        assert crashes.note(now_s)
        delays.append(crashes.delay_s)
    assert delays == [1.0, 2.0, 4.0]
    assert not crashes.note(3.0)
    assert crashes.note(WITHIN_S + 0.5)


def test_without_a_limit_there_is_no_restart() -> None:
    """Safe mode at once, as upstream."""
    assert not Crashes(0).note(0.0)
