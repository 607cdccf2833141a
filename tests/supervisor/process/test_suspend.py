"""What becomes of the alarm's time when the computer was suspended."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from cpcompat.supervisor.process import suspend
from cpcompat.supervisor.process.facts import Facts

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.feature("alarm"), pytest.mark.simulated]


def facts(**alarm: object) -> Facts:
    """Return a board's facts with one alarm."""
    made = Facts(True, {})
    made.set("alarms", [alarm])
    return made


def slept(monkeypatch: pytest.MonkeyPatch, seconds: float) -> list[list[str]]:
    """Have the computer sleep when it is told to; return with which words that was."""
    told: list[list[str]] = []
    asleep: Iterator[float] = iter((5.0, 5.0 + seconds))

    def run(words: list[str], **others: object) -> object:
        told.append(words)
        return subprocess.CompletedProcess(words, 0, "", "")

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(suspend, "asleep_s", lambda: next(asleep))
    return told


def test_an_alarm_comes_nearer_by_as_long_as_the_computer_slept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its clock stood still meanwhile."""
    told = slept(monkeypatch, 598.5)
    board = facts(kind="time", at=1700.0, in_s=600.25)
    suspend.before_sleep("disk", board)
    assert told[0][-5:] == ["rtcwake", "--mode", "disk", "--seconds", "600"]
    assert board.get("alarms") == [{"kind": "time", "at": 1101.5, "in_s": 600.25}]


@pytest.mark.parametrize(
    ("mode", "alarms"),
    [
        ("", [{"kind": "time", "at": 1.0, "in_s": 600}]),
        ("mem", []),
        ("mem", [{"kind": "pin", "pin": "D5"}]),
        ("mem", [{"kind": "time", "at": 1.0, "in_s": 600}, {"kind": "pin", "pin": "D5"}]),
        ("mem", [{"kind": "time", "at": 1.0, "in_s": 9.9}]),
        ("mem", [{"kind": "time", "at": 1.0, "in_s": "600; reboot"}]),
        ("mem", [{"kind": "time"}]),
    ],
)
def test_else_the_computer_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, mode: str, alarms: list[dict[str, object]]
) -> None:
    """Nobody asked, nothing would wake it, a pin might, or it is not worth it."""
    told = slept(monkeypatch, 1)
    board = Facts(True, {})
    board.set("alarms", alarms)
    suspend.before_sleep(mode, board)
    assert told == []
    assert board.get("alarms") == alarms
