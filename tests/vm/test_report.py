"""Tracebacks in a board's form."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cpcompat.vm import report

if TYPE_CHECKING:
    from .conftest import CodePyRuns, Write

pytestmark = [pytest.mark.feature("tracebacks"), pytest.mark.simulated]


def test_an_error_in_a_module_shows_both_files(code_py_runs: CodePyRuns, write: Write) -> None:
    """Names as on the drive, no source lines; the innermost place is told apart."""
    write("lib/helper.py", "def boom():\n    return 1 / 0\n")
    outcome = code_py_runs("import helper\nhelper.boom()\n")
    assert outcome.kind == "exception"
    assert outcome.text == (
        "Traceback (most recent call last):\n"
        '  File "code.py", line 2, in <module>\n'
        '  File "/lib/helper.py", line 2, in boom\n'
        "ZeroDivisionError: division by zero\n"
    )
    assert outcome.place == (2, "/lib/helper.py")


@pytest.mark.parametrize(
    ("code", "last"),
    [
        ("raise KeyboardInterrupt", "KeyboardInterrupt: "),
        ("open('/nope.txt')", "OSError: [Errno 2] No such file/directory: /nope.txt"),
        ("import os; os.stat('/nope')", "OSError: [Errno 2] No such file/directory"),
        ("import utime", "ImportError: no module named 'utime'"),
        ("{}['a']", "KeyError: a"),
        ("open('/../etc/passwd')", "OSError: [Errno 2] No such file/directory: /../etc/passwd"),
    ],
)
def test_messages_are_worded_as_on_a_board(code_py_runs: CodePyRuns, code: str, last: str) -> None:
    """Type and text, the colon also without a message."""
    assert code_py_runs(code).text.splitlines()[-1] == last


def test_notes_follow_the_message_only_where_they_are_wanted() -> None:
    """The prompt and code.py show them; `get_previous_traceback` does not."""
    error = ValueError("D13 in use")
    error.add_note("Held by somebody.")
    assert (
        report.format_exception(error, notes=True) == "ValueError: D13 in use\nHeld by somebody.\n"
    )
    assert report.format_exception(error, notes=False) == "ValueError: D13 in use\n"
