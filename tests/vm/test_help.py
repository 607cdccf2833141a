"""`help` at a board's prompt, in upstream's form."""

from __future__ import annotations

import contextlib
import io
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpcompat.hal.clock import RealClock
from cpcompat.vm.cpython.help import make_help, modules
from cpcompat.vm.drive_world import DriveWorld
from cpcompat.vm.names import FACES

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.feature("repl"), pytest.mark.simulated]

LAST = "Plus any modules on the filesystem"


def told(*thing: Any) -> list[str]:
    """Return the lines that `help` prints."""
    with contextlib.redirect_stdout(io.StringIO()) as out:
        make_help()(*thing)
    return out.getvalue().split("\n")[:-1]


def test_without_an_argument_it_says_how_to_ask() -> None:
    """The release, where to read more, and the way to the modules."""
    assert told() == [
        "Welcome to cpcompat, CircuitPython-compatible 10.3.1!",
        "",
        "Visit circuitpython.org for more information.",
        "",
        'To list built-in modules type `help("modules")`.',
    ]


def test_the_modules_stand_in_four_columns_of_18_read_downwards() -> None:
    """Sorted; no spaces after the last of a line."""
    names = ["digitalio", "board", "analogio", "busio", "time", "sys", "os", "gc", "json"]
    assert modules(names).split("\n") == [
        "analogio          digitalio         os",
        "board             gc                sys",
        "busio             json              time",
        LAST,
        "",
    ]


def test_a_name_wider_than_its_column_moves_the_next_one_by_a_column() -> None:
    """At least one space is between two names."""
    row = modules(["adafruit_bus_device.i2c_device", "board", "exactly_18_letters", "zlib"])
    assert row.split("\n")[0] == (
        "adafruit_bus_device.i2c_device      board             exactly_18_letters                  zlib"
    )


@given(st.lists(st.from_regex(r"[a-z_.]{1,40}", fullmatch=True), unique=True))
def test_a_tool_reads_back_every_module(names: list[str]) -> None:
    """Words up to the last line, in whatever columns."""
    *rows, last, end = modules(names).split("\n")
    assert sorted(" ".join(rows).split()) == sorted(names)
    assert (last, end) == (LAST, "")


def test_the_list_has_the_modules_of_this_board() -> None:
    """Ours, and those of CPython that boards have built in; nothing of the supervisor's."""
    words = " ".join(told("modules")[:-1]).split()
    assert set(FACES) < set(words)
    assert {"os", "sys", "json", "__main__"} < set(words)
    assert not any("cpcompat" in word for word in words)


def test_an_object_is_shown_with_what_its_type_defines() -> None:
    """As CPython has none of it in its own help: name, two dashes, value."""

    class Lamp:
        """Not shown."""

        pins = 3

        def __str__(self) -> str:
            return "a lamp"

    lines = told(Lamp())
    assert lines[0] == "object a lamp is of type Lamp"
    assert "  pins -- 3" in lines
    assert not any("__dict__" in line or "__doc__" in line for line in lines)
    assert told(Lamp)[0].endswith("Lamp'> is of type type")
    assert "  pins -- 3" in told(Lamp)
    assert told(7)[0] == "object 7 is of type int"


def test_a_board_s_module_shows_its_public_names_and_no_path_of_the_host(backend: object) -> None:
    """Pins are looked up as for `dir(board)`."""
    from cpcompat import board, digitalio

    lines = told(digitalio)
    assert lines[:2] == ["object <module 'digitalio'> is of type module", "  __name__ -- digitalio"]
    assert [line.split()[0] for line in lines[2:]] == [
        "DigitalInOut",
        "Direction",
        "DriveMode",
        "Pull",
    ]
    assert "  LED -- board.D13" in told(board)
    assert not any(line.split()[0] == "_read" for line in told(digitalio.DigitalInOut))


def test_programs_and_the_prompt_see_it(tmp_path: Path) -> None:
    """CPython's own is never theirs."""
    world = DriveWorld(tmp_path, RealClock())
    with contextlib.redirect_stdout(io.StringIO()) as out:
        world.run_text("x = 1\nhelp('modules')\nhelp(x, 2)\n")
        ending = world.run_text("help(1, 2)\n")
    assert LAST in out.getvalue()
    assert ending.kind == "exception"
