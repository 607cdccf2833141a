"""boot.py and boot_out.txt, and what file is the program."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import PROMPT, Board

pytestmark = [pytest.mark.feature("boot_out.txt"), pytest.mark.simulated]

Start = Callable[..., Board]
RunToEnd = Callable[..., "subprocess.CompletedProcess[bytes]"]


def test_boot_out_txt_tells_the_board_and_what_boot_py_printed(
    circuitpy_drive: Path, run_to_end: RunToEnd
) -> None:
    """CR LF, the header, then the output; tools read version and board from it."""
    (circuitpy_drive / "boot.py").write_text("print('booting')\n1/0\n")
    run_to_end("print('code')")
    lines = (circuitpy_drive / "boot_out.txt").read_bytes().split(b"\r\n")
    assert lines[0].split(b";")[0].split(b" ")[-3] == b"10.3.1"
    assert lines[1] == b"Board ID:sim"
    assert lines[2].startswith(b"UID:")
    assert lines[3:5] == [b"boot.py output:", b"booting"]
    assert b"ZeroDivisionError: division by zero" in lines
    assert b"code" not in lines


def test_boot_out_txt_holds_at_most_512_bytes(circuitpy_drive: Path, run_to_end: RunToEnd) -> None:
    """The console still shows everything."""
    (circuitpy_drive / "boot.py").write_text("print('x' * 600)\n")
    done = run_to_end("pass")
    text = (circuitpy_drive / "boot_out.txt").read_bytes()
    assert len(text) == 512
    assert text.endswith(b"[truncated due to length]\n")
    assert b"x" * 600 in done.stdout


def test_an_unchanged_boot_out_txt_is_not_written_again(
    circuitpy_drive: Path, run_to_end: RunToEnd
) -> None:
    """A power-on costs no write."""
    run_to_end("pass")
    before = (circuitpy_drive / "boot_out.txt").stat()
    run_to_end("pass")
    after = (circuitpy_drive / "boot_out.txt").stat()
    assert (before.st_mtime_ns, before.st_ino) == (after.st_mtime_ns, after.st_ino)


def test_boot_py_and_code_py_share_no_globals(circuitpy_drive: Path, run_to_end: RunToEnd) -> None:
    """Each file is a fresh program."""
    (circuitpy_drive / "boot.py").write_text("import sys\nx = 1\nsys.modules['mark'] = sys\n")
    done = run_to_end("import sys\nprint('x' in globals(), 'mark' in sys.modules)")
    assert b"False False\n" in done.stdout


@pytest.mark.parametrize(
    ("names", "runs"),
    [
        (["code.txt", "code.py"], "code.txt"),
        (["main.py", "code.py"], "code.py"),
        (["main.txt", "main.py"], "main.py"),
        (["code.txt.py"], "code.txt.py"),
    ],
)
def test_the_first_of_upstream_s_names_is_the_program(
    board: Start, circuitpy_drive: Path, names: list[str], runs: str
) -> None:
    """A name with two extensions runs, with a warning after it."""
    for name in names:
        (circuitpy_drive / name).write_text(f"print('{name} ran', __file__)")
    one = board(None)
    out = one.sees(PROMPT)
    assert f"{runs} output:\r\n".encode() in out
    assert f"{runs} ran {runs}\r\n".encode() in out
    assert (b"WARNING: Your code filename has two extensions\r\n" in out) == (runs.count(".") == 2)


def test_a_drive_without_code_says_done(board: Start, circuitpy_drive: Path) -> None:
    """As upstream: nothing ran, and it is done."""
    (circuitpy_drive / "settings.toml").write_text("")
    one = board(None)
    out = one.sees(PROMPT)
    assert b"output:" not in out
    assert b"\r\nCode done running.\r\n" in out
