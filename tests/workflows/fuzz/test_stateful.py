"""Whatever is asked in whatever order, the drive is what a model of it says, and no promise breaks."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.workflows.fuzz import stateful
from tests.workflows.fuzz.doubles import FSYNC_IN_LOOP
from tests.workflows.fuzz.prober import probed

pytestmark = [pytest.mark.feature("web workflow"), pytest.mark.simulated]
DOUBLES = Path(__file__).with_name("doubles.py")
EXAMPLES, STEPS, SEED = 40, 25, 20261124


def double(bug: str) -> tuple[str, ...]:
    """Return the command of a board with a bug."""
    return (sys.executable, "-P", str(DOUBLES), bug)


def test_friends_and_strangers_find_no_way_around_the_promises() -> None:
    """Nothing escapes, nothing hangs, nothing is written unasked, and no fsync is in the event loop."""
    with probed(double("none")) as probe:
        stateful.run(probe, EXAMPLES, STEPS, SEED)
        assert probe.asked > EXAMPLES * STEPS
        assert FSYNC_IN_LOOP not in probe.board.log.read_text()
