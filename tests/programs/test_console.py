"""What a person sees and types: the console's bytes, keys and places."""

from __future__ import annotations

import fcntl
import os
import select
import signal
import subprocess
import termios
import tty
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pexpect
import pytest

from cpcompat import identity

from .conftest import COMMAND, PATIENCE_S, PROMPT, Board

pytestmark = [pytest.mark.feature("console"), pytest.mark.simulated]

CLEAR = b"\x1b[2K\x1b[0G"
SNAKE = "\U0001f40d".encode()
TIOCGPTPEER = 0x5441
Start = Callable[..., Board]
RunToEnd = Callable[..., "subprocess.CompletedProcess[bytes]"]


def title(field: bytes) -> bytes:
    """The status bar's bytes."""
    return b"\x1b]0;" + SNAKE + field + b" | 10.3.1\x1b\\"


def header() -> bytes:
    """The boot header of the simulated board, up to its UID."""
    banner = identity.banner("Simulated board", "sim").encode()
    return CLEAR + CLEAR + banner + b"\r\nBoard ID:sim\r\nUID:"


def test_a_terminal_shows_what_a_board_shows_byte_for_byte(board: Start) -> None:
    """Header, file, status bar, output and prompt, in upstream's bytes."""
    one = board('print("Hello World!")')
    one.sees(header())
    one.sees(b"\r\n")
    rest = one.sees(PROMPT)
    assert rest == (
        CLEAR
        + b"code.py output:\r\n"
        + title(b"code.py")
        + b"Hello World!\r\n"
        + title(b"Done")
        + b"\r\nCode done running.\r\n"
        + CLEAR
        + b"Auto-reload is on. Simply save files over USB to run them or enter REPL to disable.\r\n\r\n"
    )
    assert one.leaves() == 0


def test_the_first_line_names_drive_board_and_keys(board: Start) -> None:
    """A newcomer is told how to stop, reload and leave before anything else."""
    one = board("pass")
    before = one.sees(b"Ctrl-C stops the program, Ctrl-D reloads, Ctrl-] leaves")
    assert str(one.drive).encode() in before
    assert b"Simulated board (sim)" in before


def test_a_pipe_gets_plain_lines(run_to_end: RunToEnd) -> None:
    """LF, no escape sequences, nothing that waits for a key."""
    done = run_to_end('print("one")\nprint("two")')
    lines = done.stdout.decode().split("\n")
    assert lines[0] == identity.banner("Simulated board", "sim")
    assert lines[3:] == ["code.py output:", "one", "two", "", "Code done running.", ""]
    assert done.returncode == 0


def test_a_program_s_own_bytes_reach_a_pipe_unchanged(run_to_end: RunToEnd) -> None:
    """Only the supervisor keeps its escapes to itself; a program's are its own business."""
    done = run_to_end('print("\\x1b[31mred\\r\\n\\tend")')
    assert b"\x1b[31mred\r\n\tend\n" in done.stdout


def test_an_existing_cr_lf_is_left_alone_on_a_terminal(board: Start) -> None:
    """Only a lone LF gets a CR."""
    one = board('print("a\\r\\nb\\nc")')
    assert one.sees(b"\r\nCode done").endswith(b"a\r\nb\r\nc\r\n" + title(b"Done"))


def test_a_traceback_is_short_and_names_the_drive_s_files(board: Start) -> None:
    """No source lines; the status bar tells line, file and exception."""
    one = board("def f():\n    1 / 0\nf()\n")
    out = one.sees(b"\r\nCode done running.\r\n")
    assert out.endswith(
        b"Traceback (most recent call last):\r\n"
        b'  File "code.py", line 3, in <module>\r\n'
        b'  File "code.py", line 2, in f\r\n'
        b"ZeroDivisionError: division by zero\r\n" + title(b"2@code.py ZeroDivisionError")
    )


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("pass", 0),
        ("1/0", 1),
        ("raise KeyboardInterrupt", 130),
        ("import sys; sys.exit()", 0),
        ("import sys; sys.exit(7)", 7),
        ("this is no python", 1),
        ("import ctypes\ngetattr(ctypes.CDLL(None), 'raise')(9)", 1),
    ],
)
def test_the_exit_status_tells_how_the_last_run_ended(
    run_to_end: RunToEnd, code: str, status: int
) -> None:
    """Scripts and CI can go by it."""
    assert run_to_end(code).returncode == status


def test_several_runs_are_counted(circuitpy_drive: Path, board: Start) -> None:
    """Each start of code.py is one run, also after a reload."""
    one = board("import supervisor\nprint('again')\nsupervisor.reload()\n", "--runs", "3")
    one.sees(b"again\r\n", b"again\r\n", b"again\r\n")
    assert one.ends() == 0


def test_ctrl_c_stops_the_program(board: Start) -> None:
    """The traceback is KeyboardInterrupt's, and with --runs the status is 130."""
    one = board("import time\nprint('go')\nwhile True:\n    time.sleep(1)\n", "--runs", "1")
    one.sees(b"go\r\n")
    one.types(b"\x03")
    one.sees(b'  File "code.py", line 4, in <module>\r\nKeyboardInterrupt: \r\n')
    assert one.ends() == 130


def test_an_interrupt_drops_what_was_typed_before_it(board: Start) -> None:
    """As on a board: input and Ctrl-C in one burst leave no input behind."""
    code = (
        "import sys\nprint('go')\ntry:\n    while True:\n        sys.stdin.read(3)\n"
        "except KeyboardInterrupt:\n    print('[' + sys.stdin.read(2) + ']')\n"
    )
    one = board(code)
    one.sees(b"go\r\n")
    one.types(b"xy\x03")
    one.types(b"ab")
    one.sees(b"[ab]\r\n")


def test_ctrl_d_reloads_and_any_other_key_opens_the_repl(board: Start) -> None:
    """The key itself is swallowed."""
    one = board("print('run')")
    one.sees(PROMPT)
    one.types(b"\x04")
    assert one.sees(b"run\r\n").startswith(b"soft reboot\r\n" + CLEAR + b"code.py output:\r\n")
    one.sees(PROMPT)
    one.types(b"x")
    banner = identity.banner("Simulated board", "sim").encode()
    assert one.sees(b">>> ") == title(b"REPL") + b"\r\n" + banner + b"\r\n"


def test_the_repl_computes_and_ctrl_d_leaves_it_for_the_code(board: Start) -> None:
    """Echo, value, and the soft reboot that runs code.py."""
    one = board("print('run')", command="repl")
    one.sees(b">>> ")
    one.types(b"6 * 7\r")
    one.sees(b"6 * 7\r\n42\r\n>>> ")
    one.types(b"import board; board.D5\r")
    one.sees(b"\r\nboard.D5\r\n>>> ")
    one.types(b"\x04")
    assert one.sees(b"run\r\n").startswith(b"\r\n" + title(b"Done") + b"soft reboot\r\n")


def test_ctrl_c_ends_a_command_of_the_repl_not_the_repl(board: Start) -> None:
    """A running command is interrupted; at the prompt it is an ordinary key."""
    one = board("pass", command="repl")
    one.sees(b">>> ")
    one.types(b"while True: sleep = 1\r\r")
    one.sees(b"... ")
    one.types(b"\x03")
    one.sees(b"KeyboardInterrupt: \r\n>>> ")
    one.types(b"abc\x03")
    one.sees(b"\r\n>>> ")
    one.types(b"1+1\r")
    one.sees(b"2\r\n>>> ")


def test_sys_exit_opens_the_repl(board: Start) -> None:
    """No key is needed."""
    one = board("import sys\nsys.exit('bye')\n")
    one.sees(b"bye\r\n", b"Code done running.\r\n", b">>> ")


def test_a_repl_fed_from_a_pipe_answers_and_ends(circuitpy_drive: Path) -> None:
    """Lines with LF are lines."""
    (circuitpy_drive / "code.py").write_text("print('never')")
    done = subprocess.run(
        [COMMAND, "repl", str(circuitpy_drive)],
        input=b"x = 40\nprint(x + 2)\n",
        capture_output=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert b"\n42\n" in done.stdout.replace(b"\r\n", b"\n")
    assert b"never" not in done.stdout
    assert done.returncode == 0


def test_input_typed_ahead_reaches_the_next_program(board: Start) -> None:
    """What one program did not read, the next one does."""
    one = board("import time\nprint('go')\ntime.sleep(60)\n")
    one.sees(b"go\r\n")
    one.types(b"hello\r")
    one.saves("print('<' + input() + '>')")
    one.sees(b"<hello>\r\n")


def test_the_console_on_a_pty_has_a_stable_name(circuitpy_drive: Path, tmp_path: Path) -> None:
    """Any terminal program can open it; each time one connects, the prompt is told again."""
    (circuitpy_drive / "code.py").write_text("pass")
    link = tmp_path / "console"
    with subprocess.Popen(
        [COMMAND, "run", str(circuitpy_drive), "--console", f"pty:{link}"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            for _ in range(2):
                assert PROMPT in read_link(link, PROMPT)
            assert b"\r\n>>> " in read_link(link, b">>> ", keys=b"x")
        finally:
            process.terminate()
            process.wait(PATIENCE_S)
    assert not link.is_symlink()


def read_link(link: Path, until: bytes, keys: bytes = b"") -> bytes:
    """Open the console's link as a terminal program does and read until a text has come."""
    wait_for(link.is_symlink)
    terminal = os.open(link, os.O_RDWR | os.O_NOCTTY)
    # Not setraw's own TCSAFLUSH: it would throw away a prompt that is there already.
    tty.setraw(terminal, termios.TCSANOW)
    got = b""
    try:
        os.write(terminal, keys)
        while until not in got and select.select([terminal], [], [], PATIENCE_S)[0]:
            got += os.read(terminal, 4096)
    finally:
        os.close(terminal)
    return got


def wait_for(holds: Callable[[], bool]) -> None:
    """Wait until something outside that cannot be waited for holds."""
    with select.epoll() as nothing:
        for _ in range(PATIENCE_S * 100):
            if holds():
                return
            nothing.poll(0.01)
    pytest.fail("it never came to hold")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_the_terminal_is_put_back_after_any_death(board: Start, number: int) -> None:
    """Killed or ended: the shell after it can be typed in."""
    one = board("import time\nprint('go')\ntime.sleep(60)\n")
    before = termios.tcgetattr(one.terminal.child_fd)
    one.sees(b"go\r\n")
    raw = termios.tcgetattr(one.terminal.child_fd)
    assert not raw[3] & termios.ICANON
    keeper = slave_of(one.terminal)
    os.kill(one.pid, number)
    wait_for(lambda: bool(termios.tcgetattr(keeper)[3] & termios.ICANON))
    os.close(keeper)
    assert before[3] & termios.ICANON


def slave_of(terminal: pexpect.spawn[Any]) -> int:
    """Open the slave of a terminal that a test plays."""
    return fcntl.ioctl(terminal.child_fd, TIOCGPTPEER, os.O_RDWR | os.O_NOCTTY)


def test_unusable_arguments_end_with_status_2(circuitpy_drive: Path) -> None:
    """Usage errors and folders that are no drives alike; the message says what to do."""
    for words in (["run", "--runs", "0", "."], ["run", "/"], ["run", str(circuitpy_drive)], ["x"]):
        done = subprocess.run([COMMAND, *words], capture_output=True, timeout=60, check=False)
        assert done.returncode == 2
        assert done.stderr
