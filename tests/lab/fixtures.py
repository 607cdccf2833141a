"""Fixtures of the tests that need the emulated Raspberry Pi."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.lab import cache
from tests.lab.machine import NORMAL, Pi, Setup
from tests.running import ROOT
from tools import sabotage

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tests.lab.job import Ended

# What pip would write into bin, for the guest's Python; and where everything is.
_PREFIX = """
export PYTHONPATH=/job/site:/job
cpcompat() { python3 -P -c 'import sys; from cpcompat.cli import main; sys.exit(main())' "$@"; }
export -f cpcompat
"""


class Lab(NamedTuple):
    """The emulated Pi with cpcompat installed.

    Attributes:
        site: What pip installed for the guest's Python, from the wheel.
    """

    site: Path

    def pi(self, setup: Setup = NORMAL) -> Pi:
        """Return a machine; `command` and `files` are for its job."""
        return Pi(setup)

    @staticmethod
    def command(command: str) -> str:
        """Return a command that finds what was installed, and ``cpcompat``."""
        return _PREFIX + command

    def files(self, more: Mapping[str, Path | str] | None = None) -> dict[str, Path | str]:
        """Return what a job is given: the installation, and the guest's modules of these tests."""
        tests = ROOT / "tests"
        own: dict[str, Path | str] = {
            "site": self.site,
            "tests/__init__.py": tests / "__init__.py",
            "tests/contract": tests / "contract",
            "tests/lab": tests / "lab",
        }
        return own | dict(more or {})

    def run(
        self,
        command: str,
        setup: Setup = NORMAL,
        files: Mapping[str, Path | str] | None = None,
        get: Iterable[str] = (),
    ) -> Ended:
        """Boot, run a command, and return how it ended."""
        with self.pi(setup) as pi:
            return pi.run(self.command(command), self.files(files), get)


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    """Install the wheel for the guest; skip where there is no emulated Pi."""
    if (reason := cache.missing()) is not None:
        pytest.skip(reason)
    folder = tmp_path_factory.mktemp("lab")
    sabotage.copy_tree(ROOT, folder / "tree")
    _python("-m", "hatchling", "build", "-t", "wheel", cwd=folder / "tree")
    (wheel,) = (folder / "tree" / "dist").glob("*.whl")
    _python(
        *("-m", "pip", "install", "-q", "--no-deps", "--no-compile", "--python-version", "3.13"),
        *("--only-binary", ":all:", "--target", str(folder / "site"), str(wheel)),
    )
    _compile(folder / "site")
    return Lab(folder / "site")


def _python(*arguments: str, cwd: Path | None = None) -> None:
    subprocess.run([sys.executable, "-P", *arguments], cwd=cwd, check=True, capture_output=True)


def _compile(site: Path) -> None:
    """Write the guest's byte code, as pip does on a Pi; any CPython 3.13 writes the same."""
    homes = sorted(Path.home().glob(".pyenv/versions/3.13*/bin/python3.13"))
    python = str(homes[0]) if homes else shutil.which("python3.13")
    if python is not None:
        arguments = ["-q", "--invalidation-mode", "unchecked-hash", "-s", str(site)]
        command = [python, "-m", "compileall", *arguments, "-p", "/job/site", str(site)]
        subprocess.run(command, check=False)
