"""The friendly REPL, byte for byte."""

from __future__ import annotations

import contextlib
import io
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpcompat.hal.clock import RealClock
from cpcompat.vm.completion import completer
from cpcompat.vm.continuation import indentation, needs_more
from cpcompat.vm.drive_world import DriveWorld, Ending
from cpcompat.vm.repl import Repl
from cpcompat.vm.seat import Seat
from cpcompat.watchdog import WatchDogTimeout

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.feature("repl"), pytest.mark.simulated]

BANNER = "the banner"
START = f"\r\n{BANNER}\r\n>>> "


class Terminal(io.TextIOBase):
    """A terminal where keys have been typed ahead; what the program prints is seen on it too."""

    def __init__(self, keys: bytes) -> None:
        self._keys = io.BytesIO(keys)
        self.seen = ""

    def read_byte(self) -> bytes:
        """Return the next key."""
        return self._keys.read(1)

    def write_bytes(self, data: bytes) -> None:
        """Show bytes."""
        self.seen += data.decode()

    def write(self, text: str, /) -> int:
        """Show what is printed, with CR LF as the console sends it."""
        self.seen += text.replace("\n", "\r\n")
        return len(text)


def session(folder: Path, keys: bytes) -> tuple[str, str]:
    """Type keys at a new prompt; return what is seen after the start, and how it ended."""
    terminal = Terminal(keys)
    world = DriveWorld(folder, RealClock())
    with contextlib.redirect_stdout(terminal):
        seat = Seat(terminal.read_byte, terminal.write_bytes)
        ended = Repl(world, seat, BANNER).run()
    assert terminal.seen.startswith(START)
    return terminal.seen[len(START) :], ended


def test_ctrl_d_leaves_for_a_soft_reboot(tmp_path: Path) -> None:
    """On an empty line."""
    assert session(tmp_path, b"\x04") == ("\r\n", "soft_reboot")


def test_a_terminal_that_goes_away_ends_the_repl(tmp_path: Path) -> None:
    """No byte means that nobody is there."""
    assert session(tmp_path, b"1+")[1] == "exit"


def test_the_value_of_an_expression_is_shown_and_kept(tmp_path: Path) -> None:
    """`repr` and a line end, nothing for None, and `_` is the last value."""
    seen, _ = session(tmp_path, b"6*7\r_+1\rNone\r'a'\r\x04")
    assert seen == ("6*7\r\n42\r\n>>> _+1\r\n43\r\n>>> None\r\n>>> 'a'\r\n'a'\r\n>>> \r\n")


def test_a_block_is_indented_by_itself_and_ends_with_an_empty_line(tmp_path: Path) -> None:
    """After a colon comes a level; a line of just spaces ends the indentation."""
    seen, _ = session(tmp_path, b"for i in range(2):\rprint(i)\r\x7f\r\x04")
    assert seen.startswith(
        "for i in range(2):\r\n...     print(i)\r\n...     \x1b[4D\x1b[K\r\n0\r\n1\r\n>>> "
    )


def test_an_error_shows_its_place_in_the_input(tmp_path: Path) -> None:
    """And the prompt comes back."""
    seen, _ = session(tmp_path, b"1/0\r2\r\x04")
    assert seen == (
        "1/0\r\nTraceback (most recent call last):\r\n"
        '  File "<stdin>", line 1, in <module>\r\n'
        "ZeroDivisionError: division by zero\r\n>>> 2\r\n2\r\n>>> \r\n"
    )


def test_a_mistake_in_the_syntax_is_told(tmp_path: Path) -> None:
    """Without a source line."""
    seen, _ = session(tmp_path, b"1 +* 2\r\x04")
    assert '  File "<stdin>", line 1\r\nSyntaxError: ' in seen
    assert "^" not in seen


def test_ctrl_c_drops_what_was_typed(tmp_path: Path) -> None:
    """One line, or all of a block; nothing is run."""
    seen, _ = session(tmp_path, b"print('no')\x03if 1:\rprint('no')\r\x03\x04")
    assert "\r\nno" not in seen
    assert seen.endswith("\r\n>>> \r\n")


def test_ctrl_d_runs_a_block_that_was_begun(tmp_path: Path) -> None:
    """On an empty line of it."""
    seen, ended = session(tmp_path, b"if 1:\rprint('ran')\r\x7f\x04\x04")
    assert "\r\nran\r\n>>> " in seen
    assert ended == "soft_reboot"


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        ("import sys; sys.exit()", ""),
        ("raise SystemExit('bye')", "bye\r\n"),
        ("raise ReloadException", ""),
    ],
)
def test_leaving_by_a_command(tmp_path: Path, command: str, shown: str) -> None:
    """Ends the REPL like Ctrl-D."""
    seen, ended = session(tmp_path, command.encode() + b"\r")
    assert seen == f"{command}\r\n{shown}"
    assert ended == "soft_reboot"


def test_ctrl_b_shows_the_banner_again(tmp_path: Path) -> None:
    """In the same interpreter."""
    seen, _ = session(tmp_path, b"x = 5\r\x02x\r\x04")
    assert seen == f"x = 5\r\n>>> \r\n{START}x\r\n5\r\n>>> \r\n"


def test_commands_see_the_drive(tmp_path: Path) -> None:
    """The prompt is in the same world as the files."""
    (tmp_path / "data.txt").write_text("here")
    seen, _ = session(
        tmp_path, b"open('/data.txt').read()\rimport sys; sys.implementation.name\r\x04"
    )
    assert "'here'" in seen
    assert "'circuitpython'" in seen


@pytest.mark.parametrize(
    ("text", "more"),
    [
        ("x = 1", False),
        ("if x:", True),
        ("if x:\n    pass", True),
        ("if x:\n    pass\n", False),
        ("iffy = 1", False),
        ("@decorated", True),
        ("f(1,", True),
        ("f(1,\n2)", False),
        ("f('(')", False),
        ("x = '''abc", True),
        ("x = '''abc\ndef'''", False),
        ("x = 'abc", False),
        ("x = 1 + \\", True),
        ("# (", False),
        ("x = 'it''s'", False),
        ("async def f():", True),
        ("x = \"'''\"", False),
        ("d = {'a': [1,", True),
    ],
)
def test_when_a_line_needs_another_one(text: str, more: bool) -> None:
    """Compound statements, open brackets and quotes, and a backslash at the end."""
    assert needs_more(text) is more


@given(st.text("'\"\\()[]{}#\n abif:", max_size=30))
def test_any_text_either_needs_more_or_not(text: str) -> None:
    """An empty line ends every block that has no bracket and no quote open."""
    if not needs_more("(" + text) and not needs_more(text):
        assert not needs_more(text + "\n") or text.endswith("\\")
    assert set(indentation(text)) <= {" "}


def test_tab_completes_names_and_attributes() -> None:
    """From the namespace, the built-ins and what objects have."""
    complete = completer({"value": "text", "valley": 1}, {"print": print})
    assert complete("x = va") == ("l", ["valley", "value"])
    assert complete("value.upp") == ("er", ["upper"])
    assert complete("pri") == ("nt", ["print"])
    assert complete("import digi") == ("talio", ["digitalio"])
    assert complete("nothing.a") == ("", [])
    assert complete("1 + ") == ("", [])


def test_a_watchdog_that_bites_at_the_prompt_is_told_and_the_prompt_comes_again(
    tmp_path: Path,
) -> None:
    """What was typed of the line is dropped."""
    terminal = Terminal(b"12\x04")
    bites = iter([False, False, True])

    def read() -> bytes:
        if next(bites, False):
            raise WatchDogTimeout
        return terminal.read_byte()

    world = DriveWorld(tmp_path, RealClock())
    with contextlib.redirect_stdout(terminal):
        ended = Repl(world, Seat(read, terminal.write_bytes), BANNER).run()
    assert ended == "soft_reboot"
    seen = terminal.seen[len(START) :]
    assert seen.startswith("12\r\nTraceback (most recent call last):\r\n")
    assert seen.endswith("\r\nWatchDogTimeout: \r\n>>> \r\n")


def test_an_interrupt_between_a_command_s_end_and_the_prompt_ends_nothing(tmp_path: Path) -> None:
    """It is told as one of the command, and Ctrl-C is a key again."""
    told: list[bool] = []

    def armed(on: bool) -> None:
        told.append(on)
        if told == [True, False]:
            raise KeyboardInterrupt

    ending = Seat(bytes, len, armed).run(lambda: Ending("done"))
    assert (ending.kind, told[-1]) == ("interrupt", False)
