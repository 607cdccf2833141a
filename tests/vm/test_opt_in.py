"""``cpcompat enable`` and ``python -m cpcompat``."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

import cpcompat
from cpcompat.vm import opt_in

pytestmark = [pytest.mark.feature("command line"), pytest.mark.simulated]

HERE = Path(cpcompat.__file__).parent.parent
CLEAN = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}


def run(*command: str | Path, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command and return what came of it."""
    return subprocess.run(
        [str(word) for word in command],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        cwd=folder,
        env=CLEAN,
    )


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the interpreter of an environment of its own, where this package can be imported."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, symlinks=True)
    python = folder / "bin" / "python"
    found = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))")
    (Path(found.stdout.strip()) / "here.pth").write_text(f"{HERE}\n")
    return python


def call(python: Path, function: str) -> str:
    """Call a function of `opt_in` in an environment; return what it returns, as text."""
    done = run(python, "-c", f"from cpcompat.vm import opt_in; print(opt_in.{function}())")
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


BOARD = "import board; print(board.__name__)"


def test_enable_gives_every_program_our_modules_until_disable(environment: Path) -> None:
    """The isolated mode included; and both can be done twice."""
    assert run(environment, "-c", BOARD).stdout != "cpcompat.board\n"
    file = call(environment, "enable")
    assert call(environment, "enable") == file
    assert call(environment, "is_enabled") == "True"
    assert run(environment, "-c", BOARD).stdout == "cpcompat.board\n"
    assert run(environment, "-I", "-c", BOARD).stdout == "cpcompat.board\n"
    assert call(environment, "disable") == file
    assert call(environment, "disable") == "None"
    assert call(environment, "is_enabled") == "False"
    assert run(environment, "-c", BOARD).stdout != "cpcompat.board\n"


def test_an_environment_that_lost_the_package_starts_in_peace(environment: Path) -> None:
    """The line that is left behind does nothing."""
    call(environment, "enable")
    here = next(environment.parent.parent.glob("lib/python*/site-packages/here.pth"))
    here.rename(here.with_suffix(".off"))
    try:
        done = run(environment, "-c", "print('fine')")
    finally:
        here.with_suffix(".off").rename(here)
        call(environment, "disable")
    assert (done.stdout, done.stderr) == ("fine\n", "")


def test_enable_refuses_outside_an_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would change every program of the computer."""
    monkeypatch.setattr(sys, "prefix", sys.base_prefix)
    with pytest.raises(opt_in.OptInError, match="is not a virtual environment") as raised:
        opt_in.enable()
    assert "python3 -m venv" in raised.value.__notes__[0]


def test_enable_says_what_it_cannot_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And leaves nothing behind."""
    monkeypatch.setattr(opt_in, "_file", lambda: tmp_path / "no" / "file.pth")
    with pytest.raises(opt_in.OptInError, match="cannot be written: no such file"):
        opt_in.enable()
    assert list(tmp_path.iterdir()) == []


def test_a_script_runs_with_our_modules(tmp_path: Path) -> None:
    """With its arguments, as `__main__`, and with its own folder first on the path."""
    (tmp_path / "beside.py").write_text("NAME = 'beside'\n")
    script = tmp_path / "script.py"
    script.write_text(
        "import sys, board, beside\nimport __main__\n"
        "print(sys.argv[1:], __name__, __main__.board is board, board.__name__, beside.NAME)\n"
        "sys.exit(3)\n"
    )
    done = run(sys.executable, "-m", "cpcompat", script, "a", "-b", folder=HERE)
    assert (done.returncode, done.stderr) == (3, "")
    assert done.stdout == "['a', '-b'] __main__ True cpcompat.board beside\n"


SETTINGS = """\
CITY = "Basel"
PORT = 8080
HOME = "/nowhere"
BROKEN = what
[ours]
UNSEEN = 1
"""


@pytest.mark.feature("settings")
def test_a_script_finds_the_settings_beside_it(tmp_path: Path) -> None:
    """By `os.getenv` and by `supervisor.get_setting`; what the environment says comes first."""
    (tmp_path / "settings.toml").write_text(SETTINGS)
    script = tmp_path / "script.py"
    script.write_text(
        "import os, supervisor, storage\n"
        "print([os.getenv(key) for key in ('CITY', 'PORT', 'BROKEN', 'UNSEEN')])\n"
        "print(os.getenv('HOME') == os.path.expanduser('~') != '/nowhere')\n"
        "print(supervisor.get_setting('PORT'), supervisor.get_setting('HOME'))\n"
        "print(storage.getmount('/').statvfs('/')[0] > 0, open(__file__).readline()[:9])\n"
    )
    done = run(sys.executable, "-m", "cpcompat", script, folder=HERE)
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "['Basel', '8080', 'what', None]",
        "True",
        "8080 /nowhere",
        "True import os",
    ]


@pytest.mark.parametrize("arguments", [[], ["--nothing"], ["no_such_file.py"]])
def test_unusable_arguments_end_with_status_2(arguments: list[str]) -> None:
    """And tell the usage."""
    done = run(sys.executable, "-m", "cpcompat", *arguments)
    assert done.returncode == 2
    assert "usage: python -m cpcompat SCRIPT" in done.stderr
