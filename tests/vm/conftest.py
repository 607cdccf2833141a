"""What the tests of the drive world share: a drive, and a process that runs a program on it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import pytest

RUNNER = Path(__file__).with_name("run_drive.py")


class Outcome(NamedTuple):
    """What a program printed and how it ended.

    Attributes:
        output: Its console output.
        kind: See `cpcompat.vm.drive_world.Ending`.
        message: The same.
        text: Its traceback.
        place: Line and file of where it was raised.
        real_s: How long it took.
        virtual_s: How far the board's clock went on.
    """

    output: str
    kind: str
    message: str
    text: str
    place: tuple[int, str]
    real_s: float
    virtual_s: float

    @property
    def lines(self) -> list[str]:
        """The lines of the output."""
        return self.output.splitlines()


class CodePyRuns(Protocol):
    """Runs ``code.py``."""

    def __call__(self, code: str, *, clock: str = "real", stdin: bytes = b"") -> Outcome:
        """Write it to the drive, run it in a process of its own, and return the outcome."""
        ...


class Write(Protocol):
    """Writes a file on the drive, with the folders that it needs."""

    def __call__(self, name: str, text: str | bytes) -> None:
        """Write it."""
        ...


@pytest.fixture
def circuitpy_drive(tmp_path: Path) -> Path:
    """Return an empty drive."""
    folder = tmp_path / "CIRCUITPY"
    folder.mkdir()
    return folder


@pytest.fixture
def code_py_runs(circuitpy_drive: Path) -> CodePyRuns:
    """Return a function that runs a ``code.py`` on the drive."""

    def run(code: str, *, clock: str = "real", stdin: bytes = b"") -> Outcome:
        (circuitpy_drive / "code.py").write_text(code)
        return run_file(circuitpy_drive, "code.py", clock, stdin)

    return run


def run_file(folder: Path, file: str, clock: str, stdin: bytes) -> Outcome:
    """Run a file of a drive and return the outcome."""
    reading, writing = os.pipe()
    command = [sys.executable, "-X", "utf8", str(RUNNER), str(folder), file, clock]
    with open(reading, "rb") as pipe:
        script = f'exec 3>&{writing}; exec "$@"'
        done = subprocess.run(
            ["/bin/bash", "-c", script, "bash", *command],
            input=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=60,
            pass_fds=[writing],
            check=False,
        )
        os.close(writing)
        told: dict[str, Any] = json.loads(pipe.read() or b"{}")
    output = done.stdout.decode()
    assert told, f"the program's process died: {output}"
    told["place"] = tuple(told["place"])
    return Outcome(output=output, **told)


@pytest.fixture
def write(circuitpy_drive: Path) -> Write:
    """Return a function that writes files on the drive."""

    def write_file(name: str, text: str | bytes) -> None:
        path = circuitpy_drive / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)

    return write_file
