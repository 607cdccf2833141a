"""What a program reads from the console that people type at: `input()` and `sys.stdin`."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from .conftest import PROMPT, Board

pytestmark = [pytest.mark.feature("console"), pytest.mark.simulated]

Start = Callable[..., Board]
ASKS = "while True:\n    print('<' + input('name? ') + '>')\n"
LEFT, UP, HOME = b"\x1b[D", b"\x1b[A", b"\x01"


def test_input_shows_what_is_typed_and_returns_it_at_enter(board: Start) -> None:
    """Echo by the editor, Enter is a carriage return, and the answer stands on its own line."""
    one = board(ASKS)
    one.sees(b"name? ")
    one.types(b"Ada\r")
    assert one.sees(b"name? ") == b"Ada\r\n<Ada>\r\n"


def test_a_line_can_be_edited_before_enter(board: Start) -> None:
    """Backspace, an arrow, Home, and letters of more than one byte."""
    one = board(ASKS)
    one.sees(b"name? ")
    one.types("Bözx\x7f".encode() + b"o" + LEFT + b"-" + HOME + b"~\r")
    one.sees("<~Böz-o>\r\n".encode(), b"name? ")


def test_an_earlier_line_comes_back(board: Start) -> None:
    """The arrow up shows what was answered before."""
    one = board(ASKS)
    one.sees(b"name? ")
    one.types(b"first\r")
    one.sees(b"<first>\r\nname? ")
    one.types(UP + b"!\r")
    one.sees(b"<first!>\r\n")


def test_ctrl_d_on_an_empty_line_is_the_end_of_input(board: Start) -> None:
    """EOFError, where the program asked; in a line it does nothing."""
    one = board(
        "try:\n    print(input('? '))\n    input('? ')\nexcept EOFError:\n    print('end')\n"
    )
    one.sees(b"? ")
    one.types(b"a\x04b\r")
    one.sees(b"ab\r\n? ")
    one.types(b"\x04")
    one.sees(b"end\r\n", PROMPT)


def test_ctrl_c_inside_input_is_a_keyboard_interrupt_there(board: Start) -> None:
    """What was typed before it is dropped, and the next question begins anew."""
    one = board(
        "try:\n    input('? ')\nexcept KeyboardInterrupt:\n    print('stopped')\n"
        "print('<' + input('again? ') + '>')\n"
    )
    one.sees(b"? ")
    one.types(b"half a li")
    one.sees(b"half a li")
    one.types(b"\x03")
    one.sees(b"stopped\r\n", b"again? ")
    one.types(b"whole\r")
    one.sees(b"<whole>\r\n", PROMPT)


def test_ctrl_c_that_nobody_catches_ends_the_program_at_its_input(board: Start) -> None:
    """The traceback names the line that asked; nothing of the editor's own."""
    one = board("print('go')\ninput('? ')\n", "--runs", "1")
    one.sees(b"go\r\n? ")
    one.types(b"\x03")
    one.sees(b'  File "code.py", line 2, in <module>\r\nKeyboardInterrupt: \r\n')
    assert one.ends() == 130


def test_stdin_gives_so_many_characters_as_they_are_typed(board: Start) -> None:
    """No Enter is waited for, nothing is echoed, CR reads as LF, and the rest stays unread."""
    one = board(
        "import sys\nprint('go')\nprint(repr(sys.stdin.read(3)))\n"
        "print(repr(sys.stdin.read(1)))\nprint(repr(input()))\n"
    )
    one.sees(b"go\r\n")
    one.types("aé\rxrest\r".encode())
    seen = one.sees(b"'rest'\r\n")
    assert seen == "'aé\\n'\r\n'x'\r\nrest\r\n".encode()


def test_stdin_tells_by_select_whether_a_key_is_there(board: Start) -> None:
    """So that a program can go on while nobody types."""
    one = board(
        "import select, sys\npoll = select.poll()\npoll.register(sys.stdin, select.POLLIN)\n"
        "print(bool(poll.poll(0)))\npoll.poll()\nprint(sys.stdin.read(1), bool(poll.poll(0)))\n"
    )
    one.sees(b"False\r\n")
    one.types(b"k")
    one.sees(b"k False\r\n", PROMPT)
