"""Each bug that is planted in a board's server is found, and called by its name."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis.errors import Flaky

from tests.workflows.fuzz import prober, stateful
from tests.workflows.fuzz.doubles import BUGS, FSYNC_IN_LOOP
from tests.workflows.fuzz.prober import probed
from tests.workflows.fuzz.test_stateful import EXAMPLES, SEED, STEPS, double

pytestmark = [pytest.mark.feature("web workflow"), pytest.mark.simulated]

TOLD: dict[str, str | tuple[str, ...]] = {
    "decoded dots": (prober.ESCAPED, prober.STATUS),
    "links": (prober.ESCAPED, prober.STATUS),
    "upload in place": prober.TORN,
    "any page": prober.WATCHED,
    "half a password": prober.UNASKED,
    "free guesses": prober.GUESSED,
    "open move": prober.UNASKED,
    "waits for a pipe": prober.HUNG,
    "any name": prober.UNASKED,
}
"""What is said of each."""


@pytest.mark.parametrize("bug", TOLD)
def test_a_planted_bug_is_found(bug: str) -> None:
    """By sequences that begin as those which find nothing in the server as it is."""
    with probed(double(bug)) as probe, pytest.raises((AssertionError, Flaky)):
        stateful.run(probe, 5 * EXAMPLES, STEPS, SEED, shrink=False)
    assert probe.broken[0].startswith(TOLD[bug])


def test_waiting_for_the_disk_in_the_event_loop_is_found() -> None:
    """An fsync there is told, whoever makes it."""
    with probed(double("fsync in the loop")) as probe:
        assert probe.ask("PUT", "/fs/a", body=b"a").status == 201
        assert FSYNC_IN_LOOP in probe.board.log.read_text()


def test_every_bug_that_can_be_planted_is_looked_for() -> None:
    """None is forgotten."""
    assert {*TOLD, "none", "fsync in the loop"} == set(BUGS)
    assert Path(__file__).with_name("doubles.py").is_file()
