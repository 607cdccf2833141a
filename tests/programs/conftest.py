"""A drive and a running board for tests that look at programs from outside, as users do."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pexpect
import pytest

COMMAND = str(Path(sys.executable).with_name("cpcompat"))
PROMPT = b"Press any key to enter the REPL. Use CTRL-D to reload.\r\n"
PATIENCE_S = 20


class Board:
    """A supervisor on a terminal of its own, and what a person sees and types there.

    Args:
        drive: The drive.
        arguments: More words of the command line.
    """

    def __init__(self, drive: Path, *arguments: str, command: str = "run") -> None:
        self.drive = drive
        self.terminal = pexpect.spawn(
            COMMAND, [command, str(drive), *arguments], timeout=PATIENCE_S, echo=False
        )

    def sees(self, *texts: bytes) -> bytes:
        """Wait until the texts have appeared in this order; return what came before the last."""
        before = b""
        for text in texts:
            self.terminal.expect_exact(text)
            before = as_bytes(self.terminal.before)
        return before

    def types(self, keys: bytes) -> None:
        """Type at the terminal."""
        self.terminal.send(keys)

    def saves(self, text: str, name: str = "code.py") -> None:
        """Save a file of the drive, as an editor does."""
        (self.drive / name).write_text(text)

    def leaves(self) -> int:
        """Press Ctrl-] and return the exit status."""
        self.types(b"\x1d")
        return self.ends()

    def ends(self) -> int:
        """Wait for the command's end; return its exit status, or minus the signal's number."""
        self.terminal.expect(pexpect.EOF)
        self.terminal.close()
        if self.terminal.signalstatus:
            return -self.terminal.signalstatus
        assert self.terminal.exitstatus is not None
        return self.terminal.exitstatus

    @property
    def pid(self) -> int:
        """The supervisor's process id."""
        assert self.terminal.pid is not None
        return self.terminal.pid

    def circuit(self, *words: str) -> str:
        """Ask the running circuit, by the command that people use."""
        done = subprocess.run(
            [COMMAND, "circuit", str(self.drive), *words],
            capture_output=True,
            text=True,
            check=True,
            timeout=PATIENCE_S,
        )
        return done.stdout

    def close(self) -> None:
        """End it, however it is."""
        if self.terminal.isalive():
            os.kill(self.pid, signal.SIGKILL)
        self.terminal.close()


def as_bytes(seen: str | bytes | None) -> bytes:
    """Return what a terminal showed: bytes, as it was opened for them."""
    assert isinstance(seen, bytes)
    return seen


@pytest.fixture(autouse=True)
def runtime_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep sockets and locks of each test apart, and the board the simulated one."""
    folder = tmp_path / "run"
    folder.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("CPCOMPAT_BOARD", "sim")
    monkeypatch.setenv("TERM", "xterm")


@pytest.fixture
def circuitpy_drive(tmp_path: Path) -> Path:
    """An empty drive."""
    folder = tmp_path / "drive"
    folder.mkdir()
    return folder


@pytest.fixture
def board(circuitpy_drive: Path) -> Iterator[Callable[..., Board]]:
    """Starts boards on the drive: ``board(code, *arguments)``."""
    boards: list[Board] = []

    def start(code: str | None, *arguments: str, command: str = "run") -> Board:
        if code is not None:
            (circuitpy_drive / "code.py").write_text(code)
        boards.append(Board(circuitpy_drive, *arguments, command=command))
        return boards[-1]

    yield start
    for one in boards:
        one.close()


@pytest.fixture
def run_to_end(circuitpy_drive: Path) -> Callable[..., subprocess.CompletedProcess[bytes]]:
    """Runs a program once without a terminal: ``run_to_end(code, *arguments)``."""

    def run(code: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        (circuitpy_drive / "code.py").write_text(code)
        return subprocess.run(
            [COMMAND, "run", str(circuitpy_drive), "--runs", "1", *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
            check=False,
        )

    return run
