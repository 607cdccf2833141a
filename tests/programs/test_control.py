"""The commands that speak to a running supervisor, and the places where its console is seen."""

from __future__ import annotations

import json
import os
import select
import socket
import stat
import subprocess
import tty
from collections.abc import Callable, Iterator
from pathlib import Path

import pexpect
import pytest

from cpcompat.storage.drive.place import run_folder

from .conftest import COMMAND, PATIENCE_S, PROMPT, Board
from .test_console import wait_for

pytestmark = [pytest.mark.feature("control"), pytest.mark.simulated]

Start = Callable[..., Board]
LOOPS = "import time\nprint('go')\nwhile True:\n    time.sleep(1)\n"


def command(*words: str | Path, status: int = 0) -> str:
    """Run the command; return what it printed."""
    done = subprocess.run(
        [COMMAND, *map(str, words)], capture_output=True, timeout=PATIENCE_S, check=False
    )
    assert done.returncode == status, done.stderr
    return (done.stdout + done.stderr).decode()


def test_status_tells_what_a_drive_is_doing(board: Start) -> None:
    """For people and for programs."""
    one = board(LOOPS)
    one.sees(b"go\r\n")
    said = json.loads(command("status", one.drive, "--json"))
    assert (said["state"], said["board"], said["pid"]) == ("code.py runs", "sim", one.pid)
    assert "code.py runs" in command("status", one.drive)


def test_a_drive_that_does_not_run_is_said_to(circuitpy_drive: Path) -> None:
    """With the command that starts it."""
    for word in ("status", "reload", "reset", "console"):
        assert "cpcompat run" in command(word, circuitpy_drive, status=2)


def test_reload_runs_the_program_again_whatever_it_does(board: Start) -> None:
    """While it runs, while it waits for a key, and from the REPL."""
    one = board(LOOPS)
    one.sees(b"go\r\n")
    command("reload", one.drive)
    one.sees(b"soft reboot\r\n", b"go\r\n")
    one.types(b"\x03")
    one.sees(PROMPT)
    command("reload", one.drive)
    one.sees(b"soft reboot\r\n", b"go\r\n")
    one.types(b"\x03")
    one.sees(PROMPT)
    one.types(b"x")
    one.sees(b">>> ")
    command("reload", one.drive)
    one.sees(b"soft reboot\r\n", b"go\r\n")


def test_reset_boots_anew_and_into_safe_mode_if_wanted(board: Start) -> None:
    """As the button does; the reset reason says so."""
    one = board("import microcontroller\nprint(microcontroller.cpu.reset_reason)\n")
    one.sees(PROMPT)
    command("reset", one.drive)
    one.sees(b"Board ID:sim\r\n", b"RESET_PIN\r\n", PROMPT)
    command("reset", "--safe", one.drive)
    one.sees(b"Running in safe mode! Not running saved code.\r\n")


def test_the_console_command_is_a_terminal_that_came_later(board: Start) -> None:
    """It shows what was last seen, both see what either types, and Ctrl-] leaves one of them."""
    one = board("print('before')")
    one.sees(PROMPT)
    late = pexpect.spawn(COMMAND, ["console", str(one.drive)], timeout=PATIENCE_S, echo=False)
    try:
        late.expect_exact(b"before\r\n")
        late.expect_exact(PROMPT)
        late.send(b"x")
        late.expect_exact(b">>> ")
        late.send(b"6 * 7\r")
        late.expect_exact(b"42\r\n")
        one.sees(b">>> 6 * 7\r\n42\r\n>>> ")
        one.types(b"'from ' + 'one'\r")
        late.expect_exact(b"'from one'\r\n")
        late.send(b"\x1d")
        late.expect(pexpect.EOF)
    finally:
        late.close()
    assert late.exitstatus == 0
    one.types(b"'still ' + 'here'\r")
    one.sees(b"'still here'\r\n")


@pytest.fixture
def asked(board: Start) -> Iterator[Callable[[bytes], bytes]]:
    """Sends bytes to the control socket of a running drive and returns what comes back."""
    one = board("pass")
    one.sees(PROMPT)
    folder = os.open(run_folder(one.drive), os.O_PATH)

    def ask(data: bytes) -> bytes:
        with socket.socket(socket.AF_UNIX) as there:
            there.settimeout(PATIENCE_S)
            there.connect(f"/proc/self/fd/{folder}/control")
            try:
                there.sendall(data)
                there.shutdown(socket.SHUT_WR)
            except OSError:
                return b""
            got = b""
            try:
                while data := there.recv(65536):
                    got += data
            except ConnectionResetError:
                return b""
            return got

    yield ask
    os.close(folder)


def test_what_is_no_order_is_refused_and_hurts_nobody(asked: Callable[[bytes], bytes]) -> None:
    """Lines that are too long, no JSON, no object, or no order that is known."""
    assert asked(b"x" * 100_000) == b""
    for line in (b"nonsense\n", b"[]\n", b"[" * 3000 + b"\n", b'{"order": "explode"}\n', b"\xff\n"):
        assert b"no such order" in asked(line)
    assert b'"state"' in asked(b'{"order": "status"}\n')


def test_the_control_socket_is_private(board: Start) -> None:
    """For its owner alone; it goes with the supervisor."""
    one = board("pass")
    one.sees(PROMPT)
    path = run_folder(one.drive) / "control"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    one.leaves()
    assert not path.exists()


def test_the_console_can_be_on_a_serial_device(circuitpy_drive: Path) -> None:
    """Any that is a terminal to the kernel; here the other end of one that the test holds."""
    (circuitpy_drive / "code.py").write_text("print('\\\\o/')")
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    with subprocess.Popen(
        [COMMAND, "run", str(circuitpy_drive), "--console", f"uart:{os.ttyname(theirs)}"],
        stdin=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            assert b"\\o/\r\n" in received(ours, PROMPT)
            os.write(ours, b"x")
            received(ours, b">>> ")
            os.write(ours, b"6 * 7\r")
            assert b"6 * 7\r\n42\r\n" in received(ours, b"42\r\n")
        finally:
            process.terminate()
            process.wait(PATIENCE_S)
            os.close(ours)
            os.close(theirs)


def received(descriptor: int, until: bytes) -> bytes:
    """Read until a text has come."""
    got = b""
    while until not in got:
        assert select.select([descriptor], [], [], PATIENCE_S)[0], got
        got += os.read(descriptor, 4096)
    return got


def test_a_serial_device_that_nobody_reads_holds_no_program_up(circuitpy_drive: Path) -> None:
    """Its output is dropped; the program goes on."""
    (circuitpy_drive / "code.py").write_text(
        "for i in range(20000):\n    print('x' * 80)\nopen('/done', 'w').close()\n"
    )
    ours, theirs = os.openpty()
    with subprocess.Popen(
        [COMMAND, "run", str(circuitpy_drive), "--console", f"uart:{os.ttyname(theirs)}"],
        stdin=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            wait_for((circuitpy_drive / "done").exists)
        finally:
            process.terminate()
            process.wait(PATIENCE_S)
            os.close(ours)
            os.close(theirs)


def test_what_is_no_serial_device_is_refused(circuitpy_drive: Path) -> None:
    """With what it takes."""
    (circuitpy_drive / "code.py").write_text("pass")
    said = command("run", circuitpy_drive, "--console", "uart:/dev/null", status=2)
    assert "serial device" in said
