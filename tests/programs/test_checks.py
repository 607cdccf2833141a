"""Twenty things that people and tools rely on, each with the tests that show it; and the rest of those."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest

from cpcompat.supervisor.process.next_code import NextCode, runs_again, stays
from tests.programs.conftest import PROMPT, Board
from tests.running import ROOT

pytestmark = [pytest.mark.feature("cpcompat run"), pytest.mark.simulated]

Start = Callable[..., Board]
P, V = "tests/programs", "tests/vectors/console"
CHECKS: dict[int, tuple[str, ...]] = {
    1: (f"{V}/raw_from_running.txt",),
    2: (
        f"{P}/test_tools.py::test_mpremote_runs_code",
        f"{P}/test_tools.py::test_mpremote_copies_folders_both_ways",
    ),
    3: (f"{V}/raw_paste.txt",),
    4: (f"{V}/paste.txt", f"{V}/raw_repl.txt"),
    5: (f"{V}/raw_from_running.txt",),
    6: (f"{V}/exit.txt",),
    7: (f"{P}/test_reload.py::test_two_saves_in_a_row_reload_once_after_the_last",),
    8: (f"{P}/test_reload.py::test_a_program_s_own_writes_never_reload_it",),
    9: (f"{P}/test_checks.py::test_09_auto_reload_that_is_off_survives_ctrl_d_and_not_a_reset",),
    10: (f"{P}/test_boot.py::test_an_unchanged_boot_out_txt_is_not_written_again",),
    11: (f"{P}/test_boot.py::test_boot_out_txt_holds_at_most_512_bytes",),
    12: (
        "tests/test_settings.py::test_a_value_has_the_type_it_was_written_with",
        "tests/test_settings.py::test_a_value_that_cannot_be_read_is_an_error",
        "tests/test_settings.py::test_the_environment_s_reading_is_always_text",
    ),
    13: (f"{P}/test_checks.py::test_13_each_flag_of_the_next_file_counts_for_its_own_ending",),
    14: (f"{P}/test_safe_mode.py::test_a_safemode_py_that_ends_by_an_exception_is_the_new_reason",),
    15: (f"{P}/test_checks.py::test_15_the_traceback_before_is_that_of_the_last_ending",),
    16: (f"{P}/test_checks.py::test_16_the_status_bar_begins_with_the_bytes_that_tools_look_for",),
    17: (
        f"{P}/test_drive.py::test_the_end_of_a_program_runs_atexit_in_reverse_and_each_by_itself",
    ),
    18: (f"{P}/test_checks.py::test_18_a_library_that_leaves_typing_out_is_imported",),
    19: (f"{P}/test_outliving.py::test_a_resetting_watchdog_outlives_an_exception_and_not_ctrl_c",),
    20: (f"{P}/test_console.py::test_the_console_on_a_pty_has_a_stable_name",),
}


def test_each_check_has_tests_that_exist() -> None:
    """1 to 20: a test's name in its file, or a conversation."""
    assert sorted(CHECKS) == list(range(1, 21))
    for shown in CHECKS.values():
        assert shown
        for test in shown:
            file, _, name = test.partition("::")
            text = (ROOT / file).read_text("utf-8")
            if name:
                functions = [n.name for n in ast.parse(text).body if isinstance(n, ast.FunctionDef)]
                assert functions.count(name) == 1, test


OFF = (
    "import supervisor\n"
    "print('was', supervisor.runtime.autoreload)\n"
    "supervisor.runtime.autoreload = False\n"
)


def test_09_auto_reload_that_is_off_survives_ctrl_d_and_not_a_reset(board: Start) -> None:
    """The flag is the board's, and a reset makes a new one."""
    one = board(OFF)
    one.sees(b"was True\r\n", b"Auto-reload is off.\r\n", PROMPT)
    one.types(b"\x04")
    one.sees(b"was False\r\n", PROMPT)
    one.types(b"x")
    one.sees(b">>> ")
    one.types(b"import microcontroller; microcontroller.reset()\r")
    one.sees(b"was True\r\n", PROMPT)


FLAGS = (
    *("reload_on_success", "reload_on_error"),
    *("sticky_on_success", "sticky_on_error", "sticky_on_reload"),
)
MATRIX = {
    "done": ("reload_on_success", "sticky_on_success"),
    "exception": ("reload_on_error", "sticky_on_error"),
    "exit": ("sticky_on_error",),
    "reload": ("sticky_on_reload",),
}


@pytest.mark.parametrize(("flag", "how"), list(product(FLAGS, MATRIX)))
def test_13_each_flag_of_the_next_file_counts_for_its_own_ending(flag: str, how: str) -> None:
    """Five flags, four endings."""
    wanted = NextCode("/other.py", **{flag: True})  # type: ignore[arg-type]
    counts = flag in MATRIX[how]
    assert runs_again(wanted, how) is (counts and flag.startswith("reload"))
    assert stays(wanted, how) is (counts and flag.startswith("sticky"))


def test_15_the_traceback_before_is_that_of_the_last_ending(board: Start) -> None:
    """Of Ctrl-C and of sys.exit(); none after a reload."""
    one = board(
        "import supervisor, sys, time\n"
        "before = supervisor.get_previous_traceback()\n"
        "print('before', repr(before))\n"
        "if before is None:\n    time.sleep(60)\n"
        "if 'Interrupt' in before:\n    sys.exit()\n"
        "supervisor.reload()\n"
    )
    one.sees(b"before None\r\n")
    one.types(b"\x03")
    one.sees(PROMPT)
    one.types(b"\x04")
    told = one.sees(b"\r\n>>> ")
    assert re.search(rb"before .Traceback.*line 5, in <module>\\nKeyboardInterrupt: \\n", told)
    one.types(b"\x04")
    one.sees(b"line 7, in <module>\\nSystemExit: ", b"soft reboot\r\n", b"before None\r\n")


def test_16_the_status_bar_begins_with_the_bytes_that_tools_look_for(board: Start) -> None:
    """ESC ] 0 ; and the snake, and its end is ESC backslash."""
    one = board("pass")
    one.sees(bytes.fromhex("1b5d303bf09f908d") + b"code.py | 10.3.1\x1b\\")


def test_18_a_library_that_leaves_typing_out_is_imported(
    circuitpy_drive: Path, board: Start
) -> None:
    """Annotations are not evaluated on a board, and libraries for boards count on that."""
    lib = circuitpy_drive / "lib"
    lib.mkdir()
    (lib / "requesting.py").write_text(
        "import sys\n"
        "if sys.implementation.name != 'circuitpython':\n    from typing import Optional\n"
        "def get(url: str, timeout: Optional[float] = None) -> 'Answer': return url\n"
        "class Session:\n    pool: SocketPool = None\n"
    )
    one = board(
        "import requesting\nprint(requesting.get('done'))\nimport adafruit_requests\nprint('both')\n"
    )
    one.sees(b"done\r\n", b"both\r\n")
