"""Runs the installed ``cpcompat`` command, as a user does."""

from __future__ import annotations

import os
import shutil
import subprocess
import sysconfig
from pathlib import Path

ROOT = Path(__file__).parent.parent
COMMAND = Path(sysconfig.get_path("scripts"), "cpcompat")


def cpcompat(
    *arguments: str | Path, cwd: Path | None = None, timeout_s: float = 60
) -> subprocess.CompletedProcess[str]:
    """Run the command to its end; its standard input is empty, its output no terminal.

    Args:
        arguments: What follows ``cpcompat`` on the command line.
        cwd: The folder to run it in.
        timeout_s: After so long the test fails.
    """
    return subprocess.run(
        [str(COMMAND), *map(str, arguments)],
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=timeout_s,
        check=False,
        env={**os.environ, "LANG": "C.UTF-8"},
    )


def drive_from_example(name: str, folder: Path) -> Path:
    """Copy an example's drive into a folder and return the copy: a run writes ``boot_out.txt``."""
    drive = folder / name
    shutil.copytree(
        ROOT / "examples" / name, drive, ignore=shutil.ignore_patterns("boot_out.txt", "*.pyc")
    )
    return drive


def printed_by_code_py(stdout: str) -> list[str]:
    """Return the lines that the program printed: between «code.py output:» and the line that ends it."""
    after = stdout.partition("code.py output:\n")[2]
    return after.partition("\nCode done running.")[0].splitlines()
