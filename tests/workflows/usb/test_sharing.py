"""One step follows from what is the case; whatever happens, it comes to rest and nothing is lost."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from cpcompat.workflows.usb.sharing import Sight, Step, bides, holds, next_step

pytestmark = pytest.mark.feature("USB drive")


@pytest.mark.parametrize(
    ("sight", "step"),
    [
        (Sight(), Step.NOTHING),
        (Sight(written=True), Step.TAKE_OVER),
        (Sight(offered=True, stale=True), Step.PROJECT),
        (Sight(offered=True), Step.PUT_IN),
        (Sight(offered=True, ejected=True, stale=True), Step.NOTHING),
        (Sight(offered=True, ejected=True, written=True), Step.TAKE_OVER),
        (Sight(offered=True, stale=True, written=True), Step.TAKE_OVER),
        (Sight(offered=True, is_in=True, writable=True), Step.NOTHING),
        (Sight(offered=True, is_in=True, writable=False), Step.FORCE_OUT),
        (Sight(offered=True, is_in=True, writable=True, host_writes=False), Step.FORCE_OUT),
        (Sight(is_in=True, writable=True), Step.FORCE_OUT),
        (Sight(offered=True, is_in=True, writable=True, written=True), Step.TAKE_OVER),
        (
            Sight(offered=True, is_in=True, writable=True, written=True, settled=False),
            Step.NOTHING,
        ),
        (Sight(offered=True, is_in=True, writable=True, stale=True), Step.ASK_BACK),
        (Sight(offered=True, is_in=True, writable=True, stale=True, calm=False), Step.NOTHING),
    ],
)
def test_the_next_step_is_as_the_table_says(sight: Sight, step: Step) -> None:
    """What is the case, and what is done."""
    assert next_step(sight) is step


@pytest.mark.parametrize(
    ("sight", "connected", "held"),
    [
        (Sight(is_in=True, writable=True), True, True),
        (Sight(is_in=True, writable=True), False, False),
        (Sight(is_in=True, writable=False), True, False),
        (Sight(is_in=False, writable=True), True, False),
    ],
)
def test_a_host_that_was_told_it_may_write_holds_the_drive(
    sight: Sight, connected: bool, held: bool
) -> None:
    """Plugged in, not ejected, not read-only."""
    assert holds(sight, connected=connected) is held


@pytest.mark.parametrize(
    ("sight", "bide"),
    [
        (Sight(is_in=True, written=True), True),
        (Sight(is_in=True, stale=True), True),
        (Sight(is_in=True), False),
        (Sight(stale=True, ejected=True, offered=True), False),
        (Sight(stale=True), False),
    ],
)
def test_time_alone_brings_on_a_step_while_the_medium_is_in_and_not_as_the_folder(
    sight: Sight, bide: bool
) -> None:
    """What was written settles, and folder and host become calm; all else has its cause."""
    assert bides(sight) is bide
    later = {
        next_step(sight._replace(settled=s, calm=c)) for s in (True, False) for c in (True, False)
    }
    assert bide or len(later) == 1


class Drive(RuleBasedStateMachine):
    """A model of folder, image and slot, with numbers for contents: both sides only ever write new ones.

    ``folder`` and ``image`` are what was written, by whom it does not matter; ``shared`` is what both had.
    """

    @initialize()
    def begin(self) -> None:
        """A drive that nobody was ever plugged into."""
        self.sight = Sight(stale=True)
        self.folder: set[int] = set()
        self.image: set[int] = set()
        self.mounted = False
        self.count = 0

    def _new(self) -> int:
        self.count += 1
        return self.count

    @rule(offered=st.booleans(), host_writes=st.booleans())
    def the_board_wants(self, offered: bool, host_writes: bool) -> None:
        """boot.py, a program, a reset."""
        self.sight = self.sight._replace(offered=offered, host_writes=host_writes)

    @rule()
    def somebody_here_writes(self) -> None:
        """A program, the web, or an editor on the computer itself."""
        self.folder.add(self._new())
        self.sight = self.sight._replace(stale=True)

    @precondition(lambda self: self.sight.is_in and self.sight.writable)
    @rule()
    def the_host_writes(self) -> None:
        """It may, and the image changes without a word."""
        self.image.add(self._new())
        self.sight = self.sight._replace(written=True, settled=False)

    @precondition(lambda self: self.sight.is_in)
    @rule(mounted=st.booleans())
    def the_host_mounts_or_not(self, mounted: bool) -> None:
        """A mounted medium is not given back."""
        self.mounted = mounted

    @precondition(lambda self: self.sight.is_in)
    @rule()
    def the_host_ejects(self) -> None:
        """Out it is."""
        written = self.sight.written or self.sight.writable
        self.sight = self.sight._replace(is_in=False, ejected=True, written=written)
        self.mounted = False

    @rule()
    def it_is_plugged_in_anew(self) -> None:
        """The host sees it again."""
        self.sight = self.sight._replace(ejected=False)

    @rule()
    def time_passes_until_it_rests(self) -> None:
        """Steps come to an end, and where a drive is wanted, the host has it with all that there is."""
        self.sight = self.sight._replace(settled=True, calm=True)
        for _ in range(12):
            step = next_step(self.sight)
            if step is Step.NOTHING or (step is Step.ASK_BACK and self.mounted):
                break
            self._do(step)
        else:
            raise AssertionError(f"no rest: {self.sight}")
        wanted = self.sight.offered and not self.sight.ejected
        assert self.sight.is_in == wanted
        assert self.image <= self.folder
        if wanted:
            assert self.sight.writable == self.sight.host_writes
            if not self.mounted:
                assert self.image == self.folder

    def _do(self, step: Step) -> None:
        if step in (Step.FORCE_OUT, Step.ASK_BACK):
            written = self.sight.written or (step is Step.FORCE_OUT and self.sight.writable)
            self.sight = self.sight._replace(is_in=False, written=written)
            self.mounted = False
        elif step is Step.TAKE_OVER:
            self.folder |= self.image
            self.sight = self.sight._replace(written=False)
        elif step is Step.PROJECT:
            assert not self.sight.is_in, "an image was made anew under the host's eyes"
            assert self.image <= self.folder, "what the host wrote was given up"
            self.image = set(self.folder)
            self.sight = self.sight._replace(stale=False)
        else:
            self.sight = self.sight._replace(is_in=True, writable=self.sight.host_writes)

    @invariant()
    def what_was_written_is_somewhere(self) -> None:
        """In the folder, or on an image that is still to be taken over."""
        assert self.folder | self.image == set(range(1, self.count + 1))
        assert self.image <= self.folder or self.sight.written


TestDrive = Drive.TestCase
TestDrive.settings = settings(max_examples=300, stateful_step_count=40)
