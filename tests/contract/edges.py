"""The contract of `cpcompat.hal.edges.EdgeSource`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cpcompat.hal.gpio import Pull

if TYPE_CHECKING:
    from cpcompat.hal.edges import Edge, EdgeSource
    from tests.contract.rig import Rig

MS = 1_000_000


def source(rig: Rig, rising: bool = True, falling: bool = True, debounce_ns: int = 0) -> EdgeSource:
    """Watch D4, which is pulled down."""
    return rig.backend.edges(rig.pin("D4"), Pull.DOWN, rising, falling, debounce_ns)


def bounced(rig: Rig, edges: EdgeSource) -> list[Edge]:
    """Return what comes of a bounce of less than 10 ms, which a busy computer may have to try again."""
    for _ in range(100):
        began_ns = rig.backend.clock.now_ns()
        for level in (True, False, True, False):
            rig.drive("D4", level)
        took_ns = rig.backend.clock.now_ns() - began_ns
        rig.pass_ns(50 * MS)
        found = edges.read(10)
        if took_ns < 10 * MS:
            return found
    raise AssertionError("this computer is too busy for a bounce")


class EdgesContract:
    """What an edge source does."""

    def test_nothing_is_there_before_anything_happened(self, rig: Rig) -> None:
        """An empty list, at once."""
        assert source(rig).read(10) == []

    def test_edges_come_in_order_with_their_numbers(self, rig: Rig) -> None:
        """From 1, none left out."""
        edges = source(rig)
        for level in (True, False, True):
            rig.drive("D4", level)
        found = edges.read(10)
        assert [(edge.rising, edge.sequence) for edge in found] == [
            (True, 1),
            (False, 2),
            (True, 3),
        ]
        assert [edge.time_ns for edge in found] == sorted(edge.time_ns for edge in found)

    def test_an_edge_is_stamped_on_the_backends_clock(self, rig: Rig) -> None:
        """With the time it happened, not with the time it was read."""
        edges = source(rig)
        before_ns = rig.backend.clock.now_ns()
        rig.drive("D4", True)
        after_ns = rig.backend.clock.now_ns()
        rig.pass_ns(5 * MS)
        (edge,) = edges.read(1)
        assert before_ns <= edge.time_ns <= after_ns + 4 * MS

    @pytest.mark.parametrize("rising", [True, False])
    def test_only_edges_of_the_wanted_kind_are_kept(self, rig: Rig, rising: bool) -> None:
        """And numbered."""
        edges = source(rig, rising=rising, falling=not rising)
        for level in (True, False, True, False):
            rig.drive("D4", level)
        assert [(e.rising, e.sequence) for e in edges.read(10)] == [(rising, 1), (rising, 2)]

    def test_a_level_that_stays_makes_no_edge(self, rig: Rig) -> None:
        """Driving low what is low."""
        edges = source(rig)
        rig.drive("D4", False)
        rig.drive("D4", None)
        assert edges.read(10) == []

    def test_no_more_are_read_than_asked_for(self, rig: Rig) -> None:
        """The rest stays for the next time."""
        edges = source(rig)
        for level in (True, False, True):
            rig.drive("D4", level)
        assert [e.sequence for e in edges.read(2)] == [1, 2]
        assert [e.sequence for e in edges.read(2)] == [3]

    def test_the_newest_edge_has_the_true_number_when_too_many_came(self, rig: Rig) -> None:
        """The oldest are dropped."""
        edges = source(rig)
        for turn in range(5000):
            rig.drive("D4", turn % 2 == 0)
        found = edges.read(5000)
        assert found[-1].sequence == 5000
        assert len(found) < 5000
        assert [e.sequence for e in found] == list(range(found[0].sequence, 5001))

    def test_what_is_held_is_not_lost_however_late_it_is_read(self, rig: Rig) -> None:
        """Ten times what is kept otherwise; they come in bursts, as from a wheel."""
        edges = source(rig)
        edges.hold(20_000)
        for turn in range(10_000):
            rig.drive("D4", turn % 2 == 0)
            if turn % 500 == 499:
                rig.pass_ns(10 * MS)
        found: list[Edge] = []
        while some := edges.read(1000):
            found += some
        assert [e.sequence for e in found] == list(range(1, 10_001))
        assert [e.rising for e in found[:4]] == [True, False, True, False]

    def test_of_more_than_is_held_the_oldest_are_dropped(self, rig: Rig) -> None:
        """What was kept before counts."""
        edges = source(rig)
        for turn in range(8):
            rig.drive("D4", turn % 2 == 0)
        edges.hold(5)
        rig.drive("D4", True)
        assert [e.sequence for e in edges.read(20)] == [5, 6, 7, 8, 9]
        edges.hold(10)
        rig.drive("D4", False)
        assert [e.sequence for e in edges.read(20)] == [10]

    def test_a_bounce_shorter_than_the_debounce_time_is_no_edge(self, rig: Rig) -> None:
        """Only a level that holds counts."""
        edges = source(rig, debounce_ns=20 * MS)
        assert bounced(rig, edges) == []
        rig.drive("D4", True)
        rig.pass_ns(50 * MS)
        assert [e.rising for e in edges.read(10)] == [True]

    def test_the_level_can_be_read_beside_the_edges(self, rig: Rig) -> None:
        """Without taking an edge away."""
        edges = source(rig)
        assert edges.level() is False
        rig.drive("D4", True)
        assert edges.level() is True
        assert len(edges.read(10)) == 1

    def test_a_line_that_is_watched_can_be_driven_for_a_while(self, rig: Rig) -> None:
        """That makes no edge; what was unread is dropped, and afterwards all goes on."""
        edges = source(rig)
        edges.hold(100)
        rig.drive("D4", True)
        rig.drive("D4", None)
        edges.drive(True)
        assert rig.level("D4") is True
        edges.watch()
        rig.drive(
            "D4", False
        )  # from outside: a wire that nobody drives keeps its level for a while
        edges.read(10)
        rig.drive("D4", True)
        found = edges.read(10)
        assert [edge.rising for edge in found] == [True]
        assert edges.level() is True

    def test_a_closed_source_frees_the_pin(self, rig: Rig) -> None:
        """Another one begins to count at 1; closing again does nothing."""
        edges = source(rig)
        rig.drive("D4", True)
        rig.drive("D4", False)
        edges.close()
        edges.close()
        again = source(rig)
        rig.drive("D4", True)
        assert [e.sequence for e in again.read(10)] == [1]
