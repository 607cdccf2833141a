"""The line editor: keys and what they do."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpcompat.vm.line_editor import Asks, LineEditor

pytestmark = [pytest.mark.feature("repl"), pytest.mark.simulated]

UP, DOWN, RIGHT, LEFT = (b"\x1b[" + letter for letter in (b"A", b"B", b"C", b"D"))
DELETE = b"\x1b[3~"


class Screen:
    """One line of a terminal, as the editor's output makes it look."""

    def __init__(self) -> None:
        self.cells: list[str] = []
        self.column = 0

    def take(self, output: str) -> None:
        """Show what is written."""
        i = 0
        while i < len(output):
            if output[i] == "\x1b":
                j = i + 2
                while not output[j].isalpha():
                    j += 1
                self._control(output[i + 2 : j], output[j])
                i = j
            else:
                self.cells[self.column : self.column + 1] = [output[i]]
                self.column += 1
            i += 1

    def _control(self, number: str, letter: str) -> None:
        if letter == "K":
            del self.cells[self.column :]
        else:
            self.column += int(number or 1) * {"C": 1, "D": -1}[letter]

    @property
    def text(self) -> str:
        """What can be read on it."""
        return "".join(self.cells)


def typed(keys: bytes, editor: LineEditor | None = None) -> tuple[LineEditor, Asks | None]:
    """Start a line, type keys until something is asked for, and return the editor and that."""
    editor = editor or LineEditor()
    editor.start(">>> ")
    for i in range(len(keys)):
        asks = editor.feed(keys[i : i + 1]).asks
        if asks:
            return editor, asks
    return editor, None


@given(
    st.lists(
        st.one_of(
            st.text(st.characters(codec="utf-8", categories=["Ll", "Nd", "Zs"]), max_size=3).map(
                lambda text: "".join(c for c in text if len(c) == 1 and ord(c) < 0x500).encode()
            ),
            st.sampled_from([LEFT, RIGHT, UP, DOWN, DELETE, b"\x7f", b"\x01", b"\x05", b"    "]),
            st.sampled_from([b"\x1b[H", b"\x1bOF", b"\x1b[1~", b"\x1b[8~", b"\x1b[5;7~", b"\x0b"]),
        ),
        max_size=30,
    )
)
def test_the_screen_always_shows_the_line_and_the_cursor(keys: list[bytes]) -> None:
    """Whatever is typed: what stands on the screen is what the editor holds."""
    editor = LineEditor()
    editor.remember("an older line")
    editor.remember("a line before")
    screen = Screen()
    screen.take(editor.start(">>> "))
    for key in keys:
        for i in range(len(key)):
            fed = editor.feed(key[i : i + 1])
            screen.take(fed.output)
            if fed.asks:
                screen = Screen()
                screen.take(editor.start(">>> "))
    assert screen.text == ">>> " + editor.line
    assert screen.column == 4 + editor.cursor


@given(st.binary(max_size=60))
def test_no_bytes_bring_the_editor_down(junk: bytes) -> None:
    """Any bytes at all are taken, and Enter still ends the line."""
    editor = LineEditor()
    editor.start(">>> ")
    for i in range(len(junk)):
        editor.feed(junk[i : i + 1])
        assert 0 <= editor.cursor <= len(editor.line)
    editor.start(">>> ")
    assert editor.feed(b"\r").asks is Asks.LINE


@pytest.mark.parametrize(
    ("key", "asks"),
    [
        (b"\x01", Asks.RAW),
        (b"\x02", Asks.FRIENDLY),
        (b"\x03", Asks.INTERRUPT),
        (b"\x04", Asks.END),
        (b"\x05", Asks.PASTE),
    ],
)
def test_control_keys_are_commands_on_an_empty_line_only(key: bytes, asks: Asks) -> None:
    """On a line with text they edit, do nothing, or drop the line."""
    assert typed(key)[1] is asks
    editor, on_text = typed(b"x" + key)
    assert on_text is (Asks.INTERRUPT if key == b"\x03" else None)
    assert editor.line == "x"


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        (b"print(1)", "print(1)"),
        (b"ab\x7fc", "ac"),
        (b"ab" + LEFT + b"x", "axb"),
        (b"bc\x01a\x05d", "abcd"),
        (b"abc" + LEFT * 3 + DELETE, "bc"),
        (b"a\nb", "ab"),
        ("gr\u00fc\u00dfe".encode() + b"\x7f", "gr\u00fc\u00df"),
        (b"\t\tx\x7f\x7f", "    "),
        (b"\xc3x", "x"),
        (b"a\x1b[Zb", "ab"),
    ],
)
def test_keys_edit_the_line(keys: bytes, line: str) -> None:
    """Typing, erasing, moving; a lone LF is no key, and unknown sequences leave no trace."""
    assert typed(keys)[0].line == line


def test_the_history_keeps_eight_lines_and_no_repetition() -> None:
    """The oldest goes first, and the same line twice is one line."""
    editor = LineEditor()
    for n in range(10):
        editor.remember(f"line {n}")
        editor.remember(f"line {n}")
    assert typed(UP * 8, editor)[0].line == "line 2"
    assert typed(UP * 20, editor)[0].line == "line 2"
    assert typed(UP * 3 + DOWN, editor)[0].line == "line 8"
    assert typed(UP + DOWN, editor)[0].line == ""


def test_tab_completes_what_the_candidates_have_in_common() -> None:
    """One candidate is put in; of several the common part is, then they are listed."""

    def complete(before: str) -> tuple[str, list[str]]:
        return ("on", ["monday"]) if before.endswith("m") else ("", ["moo", "mob"])

    editor = LineEditor(complete)
    assert typed(b"m\t", editor)[0].line == "mon"
    editor.start(">>> ")
    editor.feed(b"x")
    assert "moo" in editor.feed(b"\t").output
    assert editor.line == "x"


def test_an_indentation_of_ours_gives_way_to_one_that_is_pasted() -> None:
    """Pasted code brings its own spaces."""
    editor = LineEditor()
    editor.start("... ", "    ")
    for byte in (b" ", b" ", b"x"):
        editor.feed(byte)
    assert editor.line == "  x"


def test_backspace_takes_a_whole_level_of_indentation() -> None:
    """Four spaces go at once where nothing but spaces is before the cursor."""
    editor = LineEditor()
    editor.start("... ", " " * 8)
    editor.feed(b"\x7f")
    assert editor.line == " " * 4
