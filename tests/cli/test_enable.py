"""``cpcompat enable`` and ``disable``, in a virtual environment made for it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import cpcompat

pytestmark = pytest.mark.feature("command line")

FOUND = "import importlib.util as u; print(getattr(u.find_spec('board'), 'origin', None))"


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of a new virtual environment that can import the package under test."""
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    (libraries,) = folder.glob("lib/python*/site-packages")
    (libraries / "under_test.pth").write_text(f"{Path(cpcompat.__file__).parent.parent}\n")
    return folder / "bin" / "python"


def said(python: Path, *words: str) -> str:
    """Run a line of Python there and return what it prints."""
    ran = subprocess.run([python, "-P", *words], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.strip()


def test_enable_lets_every_program_find_our_board_until_disable(python: Path) -> None:
    """Both say which file it is about; a second disable has nothing to do and says so."""
    command = "import sys; from cpcompat.cli import main; sys.exit(main(sys.argv[1:]))"
    before = said(python, "-c", FOUND)
    assert before != "cpcompat.board"
    enabled = said(python, "-c", command, "enable")
    assert enabled.startswith(f"enabled by {python.parent.parent}")
    assert said(python, "-c", FOUND) == "cpcompat.board"
    assert said(python, "-c", command, "disable") == enabled.replace("enabled by", "removed")
    assert said(python, "-c", command, "disable") == "it was not enabled"
    assert said(python, "-c", FOUND) == before
