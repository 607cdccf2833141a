"""Each bug that is planted in a board's server is found, and called by its name."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis.errors import Flaky

from tests.workflows.fuzz import from_openapi, prober, stateful
from tests.workflows.fuzz.doubles import BUGS, FSYNC_IN_LOOP
from tests.workflows.fuzz.prober import probed
from tests.workflows.fuzz.test_stateful import EXAMPLES, SEED, STEPS, double

pytestmark = [pytest.mark.feature("web workflow"), pytest.mark.simulated]

TOLD: dict[str, str | tuple[str, ...]] = {
    "decoded dots": prober.ESCAPED,
    "links": prober.ESCAPED,
    "upload in place": prober.TORN,
    "any page": prober.WATCHED,
    "half a password": prober.UNASKED,
    "free guesses": prober.GUESSED,
    "open move": prober.UNASKED,
    "waits for a pipe": prober.HUNG,
    "any name": prober.UNASKED,
}
"""What sequences of requests say of each."""
TOLD_BY_SCHEMA = {
    "decoded dots": prober.ESCAPED,
    "links": prober.ESCAPED,
    "any page": prober.UNASKED,
    "half a password": prober.UNASKED,
    "free guesses": prober.GUESSED,
    "waits for a pipe": prober.HUNG,
    "any name": prober.UNASKED,
}
"""What requests that schemathesis makes of docs/openapi.yaml say of each."""
UNSEEN_BY_SCHEMA = {
    "upload in place": "each request is whole: nobody reads while another one's body still comes in",
    "open move": "OpenAPI 3.1 has no word for the method MOVE, so that none is made",
}
"""Which of them they cannot see, and why."""
SOME_SEEDS = range(SEED, SEED + 3)


@pytest.mark.parametrize("bug", TOLD)
def test_a_planted_bug_is_found(bug: str) -> None:
    """By sequences that begin as those which find nothing in the server as it is."""
    with probed(double(bug)) as probe, pytest.raises((AssertionError, Flaky)):
        stateful.run(probe, 5 * EXAMPLES, STEPS, SEED, shrink=False)
    assert probe.broken[0].startswith(TOLD[bug])


@pytest.mark.parametrize("bug", ["decoded dots", "links", "waits for a pipe"])
@pytest.mark.parametrize("seed", SOME_SEEDS)
def test_a_way_out_is_found_in_the_first_sequence_whatever_draws_it(bug: str, seed: int) -> None:
    """Each sequence begins with a look at each of them; nothing of it is left to chance."""
    with probed(double(bug)) as probe, pytest.raises((AssertionError, Flaky)):
        stateful.run(probe, 1, 1, seed, shrink=False)
    assert probe.broken[0].startswith(TOLD[bug])
    assert probe.asked <= len(stateful.WAYS_OUT)


@pytest.mark.parametrize("bug", TOLD_BY_SCHEMA)
def test_a_planted_bug_is_found_by_requests_made_of_the_schema(bug: str) -> None:
    """As few as find nothing in the server as it is."""
    with probed(double(bug)) as probe, pytest.raises((AssertionError, Flaky)):
        from_openapi.run(probe, 1, SEED)
    assert probe.broken[0].startswith(TOLD_BY_SCHEMA[bug])


@pytest.mark.parametrize("bug", UNSEEN_BY_SCHEMA)
def test_what_a_schema_cannot_show_is_named_with_the_reason(bug: str) -> None:
    """When one of them is found after all, it belongs into the other list."""
    with probed(double(bug)) as probe:
        from_openapi.run(probe, 1, SEED)
    assert probe.broken == []


def test_waiting_for_the_disk_in_the_event_loop_is_found() -> None:
    """An fsync there is told, whoever makes it; requests made of the schema make some, too."""
    with probed(double("fsync in the loop")) as probe:
        assert FSYNC_IN_LOOP not in probe.board.log.read_text()
        from_openapi.run(probe, 1, SEED)
        assert FSYNC_IN_LOOP in probe.board.log.read_text()


def test_every_bug_that_can_be_planted_is_looked_for() -> None:
    """None is forgotten, in neither way."""
    assert {*TOLD, "none", "fsync in the loop"} == set(BUGS)
    assert {*TOLD_BY_SCHEMA, *UNSEEN_BY_SCHEMA} == set(TOLD)
    assert not TOLD_BY_SCHEMA.keys() & UNSEEN_BY_SCHEMA.keys()
    assert Path(__file__).with_name("doubles.py").is_file()
