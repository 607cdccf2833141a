"""Saving a file runs the program anew, and nothing else does."""

from __future__ import annotations

import select
import time
from collections.abc import Callable

import pytest

from .conftest import PROMPT, Board

pytestmark = [pytest.mark.feature("auto-reload"), pytest.mark.simulated]

Start = Callable[..., Board]
TICK = "import time\nprint('first')\nwhile True:\n    time.sleep(0.1)\n"


def let_pass(seconds: float) -> None:
    """Let real time pass, where time itself is what a test is about."""
    select.select([], [], [], seconds)


def test_saving_code_py_runs_it_anew(board: Start) -> None:
    """The transcript is a board's: stopped, soft reboot, output."""
    one = board(TICK)
    one.sees(b"first\r\n")
    one.saves("print('second')")
    assert one.sees(b"Code stopped by auto-reload. Reloading soon.\r\n").endswith(b"\x1b\\\r\n")
    assert one.sees(b"code.py output:\r\n") == b"soft reboot\r\n\x1b[2K\x1b[0G"
    one.sees(b"second\r\n")


def test_a_save_while_the_board_waits_runs_the_new_code(board: Start) -> None:
    """Nothing is said before the soft reboot."""
    one = board("print('first')")
    one.sees(PROMPT)
    one.saves("print('second')")
    assert one.sees(b"second\r\n").startswith(b"soft reboot\r\n")


def test_a_saved_library_is_read_anew(board: Start) -> None:
    """Neither a cache on the drive nor one in memory keeps the old one."""
    one = board("import helper\nprint('value', helper.VALUE)")
    lib = one.drive / "lib"
    lib.mkdir()
    one.sees(PROMPT)
    one.saves("VALUE = 1", "lib/helper.py")
    one.sees(b"value 1\r\n", PROMPT)
    one.saves("VALUE = 2", "lib/helper.py")
    one.sees(b"value 2\r\n", PROMPT)
    assert sorted(entry.name for entry in lib.iterdir()) == ["helper.py"]


def test_two_saves_in_a_row_reload_once_after_the_last(board: Start) -> None:
    """750 ms of quiet count from the second one."""
    one = board(TICK)
    one.sees(b"first\r\n")
    one.saves("print('wrong')")
    one.sees(b"Reloading soon.\r\n")
    let_pass(0.5)
    one.saves("print('right')")
    saved = time.monotonic()
    assert b"wrong" not in one.sees(b"right\r\n")
    assert time.monotonic() - saved > 0.7
    assert b"soft reboot" not in one.sees(PROMPT)


OWN_WRITES = """
import logging, os, pathlib, sqlite3, sys, time
drive = pathlib.Path(HOST)
for n in range(3):
    with open("/data.txt", "a") as file:
        file.write("x")
(drive / "by_pathlib.txt").write_text("x")
handler = logging.FileHandler(drive / "log.txt")
logging.getLogger("x").addHandler(handler)
logging.getLogger("x").warning("hello")
base = sqlite3.connect(str(drive / "base.db"))
base.execute("create table if not exists t (a)")
base.commit()
os.mkdir("/folder")
os.rename("/data.txt", "/folder/data.txt")
os.remove("/folder/data.txt")
os.rmdir("/folder")
print("written")
time.sleep(1.5)
print("still here")
"""


def test_a_program_s_own_writes_never_reload_it(board: Start) -> None:
    """Whatever way it writes: open, os, pathlib, logging, sqlite3."""
    one = board("pass")
    one.sees(PROMPT)
    one.saves(OWN_WRITES.replace("HOST", repr(str(one.drive))))
    one.sees(b"written\r\n")
    assert one.sees(b"still here\r\n") == b""
    let_pass(1.0)
    one.types(b"\x04")
    assert one.sees(b"written\r\n").count(b"soft reboot") == 1


def test_typing_in_an_editor_does_not_reload_and_saving_does(board: Start) -> None:
    """Swap and backup files beside the file are no news; the rename over it is."""
    one = board(TICK)
    one.sees(b"first\r\n")
    one.saves("swap", ".code.py.swp")
    one.saves("old", "code.py~")
    one.saves("print('second')", ".code.py.new")
    (one.drive / ".code.py.new").rename(one.drive / "code.py")
    one.sees(b"Reloading soon.\r\n", b"second\r\n")


def test_no_reload_keeps_the_program_running(board: Start) -> None:
    """With --no-reload a save changes nothing, and the prompt says so."""
    one = board("print('go')\ninput()\nprint('end')\n", "--no-reload")
    one.sees(b"go\r\n")
    one.saves("print('never')")
    let_pass(1.0)
    one.types(b"\r")
    assert b"never" not in one.sees(b"end\r\n")
    one.sees(b"Auto-reload is off.\r\n")


def test_a_program_can_switch_auto_reload_off_and_that_lasts(board: Start) -> None:
    """The flag survives a reload by hand."""
    one = board("import supervisor\nsupervisor.runtime.autoreload = False\nprint('off')\n")
    one.sees(b"off\r\n", b"Auto-reload is off.\r\n", PROMPT)
    one.saves("print('second')\nimport supervisor\nprint(supervisor.runtime.autoreload)")
    let_pass(1.0)
    one.types(b"\x04")
    assert one.sees(b"second\r\n").count(b"soft reboot") == 1
    one.sees(b"False\r\n")


@pytest.mark.parametrize(
    "body",
    [
        "while True:\n    try:\n        time.sleep(9)\n    except Exception:\n        pass\n",
        "sum(range(10**13))\n",
        "while True:\n    try:\n        time.sleep(9)\n    except BaseException:\n        pass\n",
        "try:\n    time.sleep(9)\nfinally:\n    time.sleep(9)\n",
        "import threading\nthreading.Thread(target=time.sleep, args=(99,)).start()\n",
    ],
)
def test_a_program_that_will_not_stop_is_reloaded_all_the_same(board: Start, body: str) -> None:
    """By an exception where it lets one through, by force where it does not."""
    one = board(f"import time\nprint('first')\n{body}")
    one.sees(b"first\r\n")
    one.saves("print('second')")
    saved = time.monotonic()
    one.sees(b"second\r\n")
    assert time.monotonic() - saved < 5


def test_supervisor_reload_runs_the_program_anew_at_once(board: Start) -> None:
    """No wait, no prompt; the run's reason is told."""
    code = (
        "import supervisor\nprint(supervisor.runtime.run_reason)\n"
        "if supervisor.runtime.run_reason == supervisor.RunReason.STARTUP:\n"
        "    supervisor.reload()\nprint('after')\n"
    )
    one = board(code)
    one.sees(b"supervisor.RunReason.STARTUP\r\n")
    between = one.sees(b"supervisor.RunReason.SUPERVISOR_RELOAD\r\n")
    assert b"\r\nCode done running.\r\nsoft reboot\r\n" in between
    assert b"Press any key" not in between
    one.sees(b"after\r\n")


def test_microcontroller_reset_boots_the_board_anew(board: Start) -> None:
    """boot.py runs again, no atexit, no word; auto-reload is on again."""
    one = board("pass")
    one.sees(PROMPT)
    one.saves("print('boot runs')", "boot.py")
    one.sees(b"soft reboot\r\n", PROMPT)
    one.saves(
        "import atexit, microcontroller, supervisor\natexit.register(print, 'never')\n"
        "print(microcontroller.cpu.reset_reason)\n"
        "if microcontroller.cpu.reset_reason == microcontroller.ResetReason.POWER_ON:\n"
        "    microcontroller.reset()\n"
    )
    one.sees(b"microcontroller.ResetReason.POWER_ON\r\n")
    between = one.sees(b"microcontroller.ResetReason.SOFTWARE\r\n")
    assert b"Board ID:sim\r\n" in between
    assert b"boot.py output:\r\nboot runs\r\n" in between
    assert b"never" not in between
    assert b"soft reboot" not in between
