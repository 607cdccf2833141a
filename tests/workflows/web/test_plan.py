"""Whether the web workflow runs, and where."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpcompat.cli.web import new_password
from cpcompat.errors import CpcompatError
from cpcompat.supervisor.process.configuration import WebTable
from cpcompat.workflows.files import paths
from cpcompat.workflows.web import gate
from cpcompat.workflows.web.plan import Plan, place, plan
from tests.workflows.conftest import basic

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.workflows.conftest import WebBoard

pytestmark = [pytest.mark.feature("web workflow"), pytest.mark.simulated]
SET = b'CIRCUITPY_WEB_API_PASSWORD = "Secret8080"\n'
NO_TABLE = WebTable()


def planned(text: bytes, given_: str | None = None, table: WebTable = NO_TABLE) -> Plan | None:
    """Return the plan; a made password is «made»."""
    return plan(text, table, given_, lambda: "Made12345")


def test_without_a_password_nobody_listens() -> None:
    """Unless the command line asks for it: then one is made."""
    assert planned(b"") is None
    assert planned(b"CIRCUITPY_WEB_API_PORT = 81\n") is None
    made = planned(b"", "8123")
    assert made is not None
    assert (made.host, made.port, made.password, made.made) == (
        "127.0.0.1",
        8123,
        "Made12345",
        True,
    )


def test_settings_give_password_port_and_name() -> None:
    """A port that is none leaves the usual one, as upstream has it."""
    assert planned(SET) == Plan("127.0.0.1", 8080, "Secret8080")
    more = SET + b'CIRCUITPY_WEB_API_PORT = 81\nCIRCUITPY_WEB_INSTANCE_NAME = "Weather"\n'
    assert planned(more) == Plan("127.0.0.1", 81, "Secret8080", "Weather")
    for port in (b'"81"', b"99999", b"-1", b"true", b"8.1", b"x"):
        found = planned(SET + b"CIRCUITPY_WEB_API_PORT = " + port + b"\n")
        assert found is not None
        assert found.port == 8080


def test_another_address_is_listened_at_only_when_somebody_says_so() -> None:
    """By cpcompat.toml, or by the command line, which wins."""
    table = WebTable(listen="0.0.0.0:90")
    found = planned(SET, None, table)
    assert found is not None
    assert (found.host, found.port, found.is_local) == ("0.0.0.0", 90, False)
    found = planned(SET, "[::1]:91", table)
    assert found is not None
    assert (found.host, found.port, found.is_local) == ("::1", 91, True)


@pytest.mark.parametrize("password", ["", "short", "passw0rd"])
def test_a_password_that_is_none_is_refused(password: str) -> None:
    """An empty one everywhere, an easy one on a network."""
    text = f'CIRCUITPY_WEB_API_PASSWORD = "{password}"\n'.encode()
    with pytest.raises(CpcompatError) as refused:
        planned(text, "0.0.0.0:80")
    assert "settings.toml" in refused.value.__notes__[0]
    if password:
        assert planned(text) is not None
    else:
        with pytest.raises(CpcompatError, match="empty"):
            planned(text)


@pytest.mark.parametrize("text", ["", "x", ":80", "1:2:x", "65536", "-1", "localhost", "٣"])
def test_what_is_no_address_is_refused(text: str) -> None:
    """With examples of what is."""
    with pytest.raises(CpcompatError, match="HOST"):
        place(text)


def test_a_made_password_is_of_letters_that_circup_can_take() -> None:
    """Circup puts it into a URL as it stands."""
    made = {new_password() for _ in range(20)}
    assert len(made) == 20
    assert all(
        len(one) >= 16 and set(one) <= set(string.ascii_letters + string.digits) for one in made
    )


def test_a_made_password_is_shown_once_and_works(web_board: Callable[..., WebBoard]) -> None:
    """On the terminal where the board was started; nothing is written to the drive."""
    board = web_board(settings="")
    said = board.log.read_text()
    password = said.partition("with the password ")[2].split()[0]
    assert board.asks("GET", "/fs/", password=password).status == 200
    assert (board.drive / "settings.toml").read_text() == ""


def test_a_drive_whose_settings_cannot_be_still_runs(web_board: Callable[..., WebBoard]) -> None:
    """The board is more than its web workflow."""
    with pytest.raises(AssertionError) as refused:
        web_board(
            'open("/ran", "w")\n', "--runs", "1", settings='CIRCUITPY_WEB_API_PASSWORD = ""\n'
        )
    assert "the web password is empty; there is no web workflow." in str(refused.value)


NAMES = st.text(st.sampled_from("ab.%2e\\/\0é~ "), max_size=12)


@given(st.lists(NAMES, max_size=5).map("/".join))
def test_a_path_is_names_or_nothing(text: str) -> None:
    """Whatever it is made of, no name is a way up, and none is empty."""
    try:
        found = paths.place("/" + text)
    except paths.BadPathError:
        return
    for name in found.names:
        assert name not in ("", ".", "..")
        assert not set(name) & set("/\\\0")


@given(st.text(max_size=30))
def test_no_header_is_a_host_and_a_way_to_break_out(text: str) -> None:
    """What is taken for a name has letters of names alone."""
    found = gate.host_name(text)
    assert found is None or set(found) <= set(string.ascii_lowercase + string.digits + ".-_:")


@given(st.text(max_size=40))
def test_no_text_but_the_password_fits(text: str) -> None:
    """Nothing that is sent makes the comparison fail in another way."""
    password = gate.Password("Secret8080")
    assert password.fits(text, "a", 0.0) is (
        text.partition(" ")[0].lower() == "basic"
        and text.partition(" ")[2].strip() == basic("Secret8080").removeprefix("Basic ")
    )
