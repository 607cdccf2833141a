"""What happens at a prompt, and at its end, beside commands: watchdogs, and what atexit was given."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.programs.conftest import PROMPT, Board

pytestmark = [pytest.mark.feature("repl"), pytest.mark.simulated]

Start = Callable[..., Board]


def test_what_atexit_does_at_the_prompt_s_end_can_be_interrupted(board: Start) -> None:
    """Ctrl-C ends one function; the others run, and then code.py."""
    one = board("print('code')", command="repl")
    one.sees(b">>> ")
    one.types(b"import atexit, time\r")
    one.sees(b">>> ")
    one.types(b"x = atexit.register(print, 'the other ran')\r")
    one.sees(b">>> ")
    one.types(b"def stay(): print('stays'); time.sleep(60)\r\r")
    one.sees(b">>> ")
    one.types(b"x = atexit.register(stay)\r")
    one.sees(b">>> ")
    one.types(b"\x04")
    one.sees(b"stays\r\n")
    one.types(b"\x03")
    one.sees(
        b"KeyboardInterrupt: \r\n", b"the other ran\r\n", b"soft reboot\r\n", b"code\r\n", PROMPT
    )


def test_keys_at_the_prompt_s_end_go_to_the_program_after_it(board: Start) -> None:
    """Nothing waits for an interrupt, so a Ctrl-C that comes then ends nothing else either."""
    one = board("print('<' + input() + '>')", command="repl")
    one.sees(b">>> ")
    one.types(b"\x04")
    one.sees(b"code.py output:")
    one.types(b"typed\r")
    one.sees(b"<typed>\r\n")


def test_a_watchdog_that_bites_while_the_prompt_waits_is_told_there(board: Start) -> None:
    """And the prompt goes on."""
    one = board("pass", command="repl")
    one.sees(b">>> ")
    one.types(b"from microcontroller import watchdog; from watchdog import WatchDogMode\r")
    one.sees(b">>> ")
    one.types(b"watchdog.timeout = 0.2; watchdog.mode = WatchDogMode.RAISE\r")
    one.sees(b">>> ", b"WatchDogTimeout: \r\n", b">>> ")
    one.types(b"watchdog.mode\r")
    one.types(b"6 * 7\r")
    one.sees(b"42\r\n>>> ")
