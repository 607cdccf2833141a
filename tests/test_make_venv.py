"""`tools/make-venv` finds a Python, and says or does what is missing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.running import ROOT

pytestmark = pytest.mark.feature("installation")

SCRIPT = ROOT / "tools" / "make-venv"
TOOLS = ("bash", "sh", "env", "dirname")


class Machine:
    """A machine with few programs: a folder that is the whole search path.

    Args:
        folder: Where its programs are.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.bin = folder / "bin"
        self.bin.mkdir()
        for name in TOOLS:
            (self.bin / name).symlink_to(shutil.which(name) or f"/bin/{name}")

    def program(self, name: str, text: str) -> None:
        """Put a program there."""
        file = self.bin / name
        file.write_text(f"#!/bin/sh\n{text}\n")
        file.chmod(0o755)

    def python(self, *, venv: bool) -> None:
        """Put a Python there, as Debian's is: with or without what makes environments."""
        lacking = self.folder / "lacking" / "ensurepip"
        if not venv:
            lacking.mkdir(parents=True)
            (lacking / "__init__.py").write_text("raise ImportError\n")
        self.program("python3", f'PYTHONPATH={lacking.parent} exec {sys.executable} "$@"')

    def user(self, number: int) -> None:
        """Say who one is."""
        self.program("id", f"echo {number}")

    def makes(self, *, script: Path = SCRIPT) -> subprocess.CompletedProcess[str]:
        """Have it make an environment."""
        return subprocess.run(
            ["bash", str(script), str(self.folder / "venv")],
            env={"PATH": str(self.bin), "HOME": str(self.folder)},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine without a Python."""
    return Machine(tmp_path)


def test_a_python_that_has_all_makes_the_environment(machine: Machine) -> None:
    """And its version is told."""
    machine.python(venv=True)
    done = machine.makes()
    assert done.returncode == 0, done.stderr
    assert f"with Python {sys.version_info.major}.{sys.version_info.minor}" in done.stdout
    assert os.access(machine.folder / "venv" / "bin" / "python", os.X_OK)


def test_without_the_venv_module_a_user_is_told_the_package(machine: Machine) -> None:
    """Nothing is installed behind anybody's back."""
    machine.python(venv=False)
    machine.user(1000)
    machine.program("apt-get", "echo apt-get was run")
    done = machine.makes()
    assert done.returncode == 1
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    assert f"Cure: sudo apt install {package}" in done.stderr
    assert "apt-get" not in done.stdout
    assert not (machine.folder / "venv").exists()


def test_without_the_venv_module_root_gets_it_installed(machine: Machine) -> None:
    """As in a fresh container."""
    machine.python(venv=False)
    machine.user(0)
    lacking, log = machine.folder / "lacking", machine.folder / "log"
    machine.program(
        "apt-get", f'echo "$*" >> {log}\n[ "$1" = install ] && /bin/rm -r {lacking}\nexit 0'
    )
    done = machine.makes()
    assert done.returncode == 0, done.stderr
    assert log.read_text().splitlines()[1].endswith("-venv")
    assert os.access(machine.folder / "venv" / "bin" / "python", os.X_OK)


def test_without_any_python_that_is_new_enough_the_way_out_is_told(
    machine: Machine, tmp_path: Path
) -> None:
    """Where to get one, and how to name one in another place."""
    script = tmp_path / "make-venv"
    script.write_text(SCRIPT.read_text("utf-8").replace("/usr/bin/python3", "/nowhere"), "utf-8")
    machine.program("python3", "exit 1")
    done = machine.makes(script=script)
    assert done.returncode == 1
    assert "sudo apt install python3 python3-venv" in done.stderr
    assert "make PYTHON=" in done.stderr
