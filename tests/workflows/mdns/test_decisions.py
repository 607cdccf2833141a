"""What is decided without a network: what is announced, by whom, and what a stranger's word is worth."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpcompat.workflows.mdns.announcement import (
    LONGEST_LABEL,
    Address,
    Wanted,
    alternative,
    announcement,
    label,
)
from cpcompat.workflows.mdns.choice import AVAHI, ZEROCONF, choose
from cpcompat.workflows.mdns.neighbours import MOST, Neighbour, Neighbourhood, neighbour

pytestmark = [pytest.mark.feature("name on the network"), pytest.mark.simulated]
HERE = [
    Address(1, "127.0.0.1"),
    Address(1, "::1"),
    Address(2, "192.0.2.7"),
    Address(2, "2001:db8::7"),
    Address(2, "fe80::7"),
    Address(3, "198.51.100.7"),
]


@pytest.mark.parametrize(
    ("listening", "texts"),
    [
        ("0.0.0.0", ["192.0.2.7", "198.51.100.7"]),
        ("::", ["192.0.2.7", "2001:db8::7", "198.51.100.7"]),
        ("192.0.2.7", ["192.0.2.7"]),
        ("2001:db8::7", ["2001:db8::7"]),
        ("127.0.0.1", []),
        ("127.0.1.1", []),
        ("::1", []),
        ("203.0.113.1", []),
    ],
)
def test_only_addresses_that_lead_to_the_listener_are_announced(
    listening: str, texts: list[str]
) -> None:
    """Those of loopback never are; without any, nothing is."""
    made = announcement(Wanted("it", "cpy-123456", 8080, listening), HERE)
    assert [one.text for one in made.addresses] == texts if made else not texts


def test_a_board_without_a_name_is_called_by_its_host() -> None:
    """A service has to be called something."""
    made = announcement(Wanted(" \n", "cpy-123456", 8080, "0.0.0.0"), HERE)
    assert made is not None
    assert made.instance == "cpy-123456"


@given(st.text())
def test_a_name_is_made_to_fit_a_label(text: str) -> None:
    """63 bytes of UTF-8 that can be shown, whatever it was; once more changes nothing."""
    made = label(text)
    assert len(made.encode()) <= LONGEST_LABEL
    assert made.isprintable()
    assert label(made) == made


@pytest.mark.parametrize(
    ("name", "following"),
    [
        ("it", "it #2"),
        ("it #2", "it #3"),
        ("it #9", "it #10"),
        ("#2", "#2 #2"),
        ("a #x", "a #x #2"),
    ],
)
def test_the_next_name_counts_on(name: str, following: str) -> None:
    """In Avahi's words."""
    assert alternative(name) == following


@given(st.text(min_size=1).map(label).filter(bool))
def test_the_next_name_is_another_that_fits(name: str) -> None:
    """A long one is cut between letters."""
    assert alternative(name) != name
    assert len(alternative(name).encode()) <= LONGEST_LABEL


@pytest.mark.parametrize(
    ("library", "avahi", "zeroconf", "way", "cure"),
    [
        (True, True, True, AVAHI, ""),
        (True, True, False, AVAHI, ""),
        (True, False, True, ZEROCONF, ""),
        (True, None, True, ZEROCONF, ""),
        (False, None, True, ZEROCONF, ""),
        (True, False, False, AVAHI, "apt install avahi-daemon"),
        (True, None, False, "", "apt install avahi-daemon"),
        (False, None, False, "", "pip install 'cpcompat[web]'"),
    ],
)
def test_avahi_answers_where_it_runs_and_the_board_where_it_does_not(
    library: bool, avahi: bool | None, zeroconf: bool, way: str, cure: str
) -> None:
    """Where neither can, there is a cure."""
    chosen = choose(library=library, avahi=avahi, zeroconf=zeroconf)
    assert chosen.way == way
    assert cure in chosen.cure
    assert bool(cure) == bool(chosen.cure)


@pytest.mark.parametrize(
    ("host", "port", "address"),
    [
        ("cpy-123456.example.org", 80, "192.0.2.7"),
        ("cpy-123456", 80, "192.0.2.7"),
        (".local", 80, "192.0.2.7"),
        ("a.b.local", 80, "192.0.2.7"),
        ("<b>.local", 80, "192.0.2.7"),
        ("a@b.local", 80, "192.0.2.7"),
        ("é.local", 80, "192.0.2.7"),
        ("x" * 64 + ".local", 80, "192.0.2.7"),
        ("cpy-123456.local", 0, "192.0.2.7"),
        ("cpy-123456.local", 65536, "192.0.2.7"),
        ("cpy-123456.local", 80, "127.0.0.1"),
        ("cpy-123456.local", 80, "0.0.0.0"),
        ("cpy-123456.local", 80, "224.0.0.251"),
        ("cpy-123456.local", 80, "2001:db8::7"),
        ("cpy-123456.local", 80, "somewhere"),
    ],
)
def test_what_cannot_be_a_board_is_not_listed(host: str, port: int, address: str) -> None:
    """Clients make URLs of it."""
    assert neighbour("it", host, port, address) is None


@given(st.text(), st.text(), st.integers(), st.text())
def test_whatever_a_stranger_says_the_list_is_harmless(
    instance: str, host: str, port: int, address: str
) -> None:
    """JSON bears it, no line of it can be broken, and its parts have bounds."""
    for where in (host + ".local", "cpy-123456.local"):
        said = neighbour(instance, where, port, address) or neighbour(
            instance, where, 80, "192.0.2.7"
        )
        if said is not None:
            assert said.instance_name.isprintable()
            assert len(said.instance_name.encode()) <= LONGEST_LABEL
            assert len(said.hostname) <= LONGEST_LABEL
            assert json.loads(json.dumps(said._asdict())) == said._asdict()


def test_the_list_has_each_board_once_and_never_this_one() -> None:
    """One that is seen at two interfaces is one; a renamed one is known by its new name."""
    around = Neighbourhood()
    around.own = "it"
    for interface, name in ((2, "it"), (2, "other"), (3, "other")):
        assert around.expect((interface, name))
        around.found((interface, name), Neighbour("cpy-1", name, 80, f"192.0.2.{interface}"))
    assert [one["instance_name"] for one in around.listing()] == ["other"]
    around.own = "other"
    assert [one["instance_name"] for one in around.listing()] == ["it"]


def test_a_board_that_has_gone_before_it_was_found_is_not_listed() -> None:
    """The answer to where it is may come late."""
    around = Neighbourhood()
    assert around.expect("key")
    around.lost("key")
    around.found("key", Neighbour("cpy-1", "other", 80, "192.0.2.7"))
    assert around.listing() == []


def test_a_crowd_takes_no_more_than_the_list() -> None:
    """Of those beyond it nobody asks where they are; when one goes there is room again."""
    around = Neighbourhood()
    asked = [key for key in range(1000) if around.expect(key)]
    assert len(asked) == MOST + 1
    around.lost(0)
    assert around.expect(1000)


def test_whoever_waits_is_told_when_the_name_is_announced() -> None:
    """And what is forgotten is announced no more."""
    told: list[bool] = []
    around = Neighbourhood(lambda: told.append(around.announced))
    around.establish()
    around.forget()
    assert not around.announced
    assert told == [True]
