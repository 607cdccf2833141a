"""Which ``board`` a program gets, beside an installed Adafruit Blinka."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cpcompat.vm import board_library
from cpcompat.vm.names import FACES

pytestmark = [pytest.mark.feature("names"), pytest.mark.simulated]


def python(code: str, *arguments: str, folder: Path | None = None) -> str:
    """Run a program in an interpreter of this environment; return what it prints."""
    done = subprocess.run(
        [sys.executable, *(arguments or ("-c", code))],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        cwd=folder,
        env={k: v for k, v in os.environ.items() if k[:6] != "PYTHON" or k == "PYTHONPATH"},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_without_the_finder_board_is_blinkas() -> None:
    """The guard of the tests below: Blinka really is installed here."""
    found = python("import importlib.util as u; print(u.find_spec('board').origin)")
    assert (Path(found).parent / "adafruit_blinka").is_dir()


def test_after_install_board_is_ours_and_blinka_itself_still_imports() -> None:
    """One module object under two names; Blinka's own package is left alone."""
    assert python(
        "import cpcompat; cpcompat.install()\n"
        "import board, adafruit_blinka, adafruit_blinka.agnostic, cpcompat.board\n"
        "import sys\n"
        "print(board is cpcompat.board, board.__name__, board.__spec__.name,\n"
        "      sys.modules['board'] is sys.modules['cpcompat.board'])"
    ) == ("True cpcompat.board cpcompat.board True")


@pytest.mark.parametrize("first", ["cpcompat.microcontroller.pin", "microcontroller.pin"])
def test_submodules_are_not_loaded_twice(first: str) -> None:
    """Whichever name comes first."""
    code = (
        f"import cpcompat; cpcompat.install()\nimport {first}\n"
        "import microcontroller.pin, cpcompat.microcontroller.pin as ours, sys\n"
        "print(microcontroller.pin is ours, sys.modules['microcontroller.pin'] is ours)"
    )
    assert python(code) == "True True"


def test_a_submodule_that_we_lack_is_not_taken_from_blinka() -> None:
    """`from board import nothing` fails as it should."""
    code = (
        "import cpcompat; cpcompat.install()\n"
        "for name in ('from microcontroller import nothing', 'import microcontroller.nothing'):\n"
        "    try:\n        exec(name)\n"
        "    except ImportError as error:\n        print(type(error).__name__)"
    )
    assert python(code).split() == ["ImportError", "ModuleNotFoundError"]


def test_a_projects_own_board_py_keeps_winning(tmp_path: Path) -> None:
    """The finder replaces Blinka's module or none, never the project's."""
    (tmp_path / "board.py").write_text("NAME = 'mine'\n")
    (tmp_path / "program.py").write_text(
        "import cpcompat; cpcompat.install()\nimport board, digitalio\n"
        "print(board.NAME, digitalio.__name__)\n"
    )
    assert python("", str(tmp_path / "program.py")) == "mine cpcompat.digitalio"


def test_a_package_of_another_project_is_not_taken_for_blinkas(tmp_path: Path) -> None:
    """PyPI has a `supervisor` too; beside Blinka it is still not Blinka's."""
    (tmp_path / "adafruit_blinka").mkdir()
    (tmp_path / "supervisor").mkdir()
    (tmp_path / "supervisor" / "__init__.py").write_text("NAME = 'the process manager'\n")
    (tmp_path / "board.py").write_text("NAME = 'Blinka'\n")
    code = (
        "import cpcompat; cpcompat.install()\nimport supervisor, board\n"
        "print(supervisor.NAME, board.__name__)"
    )
    assert python(code, folder=tmp_path) == "the process manager cpcompat.board"


def test_a_folder_that_is_no_package_does_not_count(tmp_path: Path) -> None:
    """A project may keep drawings in a folder `board`."""
    (tmp_path / "digitalio").mkdir()
    code = "import cpcompat; cpcompat.install()\nimport digitalio\nprint(digitalio.__name__)"
    assert python(code, folder=tmp_path) == "cpcompat.digitalio"


def test_install_can_be_undone() -> None:
    """And doing it twice is doing it once."""
    code = (
        "import sys\nfrom cpcompat.vm.names import install, uninstall\n"
        "before = list(sys.meta_path)\ninstall(); install()\nimport microcontroller.pin\n"
        "print(len(sys.meta_path) - len(before))\nuninstall()\n"
        "print(sys.meta_path == before, [m for m in sys.modules if m.startswith('microcontroller')])\n"
    )
    assert python(code).splitlines() == ["1", "True []"]


def test_an_unmodified_driver_runs_on_our_modules_beside_blinka() -> None:
    """The BME280 driver from PyPI gets our `busio`, and the real `sys`."""
    code = (
        "import cpcompat; cpcompat.install()\n"
        "import sys, adafruit_bus_device.i2c_device, adafruit_bme280.basic\n"
        "print([m for m in sys.modules if m.startswith('adafruit_blinka')], sys.implementation.name)"
    )
    assert python(code) == "[] cpython"


def test_a_board_library_sleeps_on_the_boards_clock() -> None:
    """In a plain program too; the program itself keeps CPython's time."""
    code = """
import cpcompat; cpcompat.install()
import time, sys
from cpcompat import hal
class Clock:
    slept_ns = 0
    def now_ns(self): return 7_000_000_000
    def sleep_ns(self, duration_ns): Clock.slept_ns += duration_ns
class Backend: clock = Clock()
class Machine: backend = Backend()
hal.set_machine(Machine())
import adafruit_bme280.basic as driver
driver.__dict__['__builtins__']['__import__']('time').sleep(0.5)
names = driver.__dict__
exec('import time as t; from time import monotonic as m', names)
print(Clock.slept_ns, names['m'](), names['t'].monotonic_ns(), time is names['t'], time.monotonic() == 7)
"""
    assert python(code) == "500000000 7.0 7000000000 False False"


def test_board_libraries_are_told_by_what_they_require(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A distribution that requires Adafruit-Blinka, however it is spelt; nobody else."""

    def installed(name: str, requires: str, record: str, top_level: str = "") -> None:
        info = tmp_path / f"{name}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Name: {name}\n{requires}\n\nAdafruit-Blinka in words\n")
        (info / "RECORD").write_text(record)
        if top_level:
            (info / "top_level.txt").write_text(top_level)

    installed("sensor", "Requires-Dist: Adafruit-Blinka", "sensor/__init__.py,sha256=x,1\n")
    installed("old", "Requires-Dist: adafruit_blinka>=7.0.0", "old.py,,\n../../bin/old,,\n")
    installed(
        "edited", "Requires-Dist: Adafruit-Blinka ; x", "__editable__.edited.pth,,\n", "edited\n"
    )
    installed("screen", "Requires-Dist: Adafruit-Blinka-displayio", "screen.py,,\n")
    installed("other", "Requires-Dist: requests", "other.py,,\n")
    monkeypatch.setattr(sys, "path", [str(tmp_path), "/nowhere"])
    found = {
        name
        for name in ("sensor", "old", "edited", "screen", "other", "bin")
        if board_library.folder_of(name)
    }
    assert found == {"sensor", "old", "edited"}


def test_this_environments_drivers_are_board_libraries() -> None:
    """As pip has installed them, and neither Blinka itself nor pytest is one."""
    found = [
        bool(board_library.folder_of(n)) for n in ("adafruit_bme280", "adafruit_blinka", "pytest")
    ]
    assert found == [True, False, False]


def test_every_name_is_a_module_of_ours() -> None:
    """The table maps to modules of this package by the same name."""
    assert all(ours == f"cpcompat.{name}" for name, ours in FACES.items())


def test_the_finder_costs_a_start_nearly_nothing() -> None:
    """It loads three small modules of ours and none of the standard library's."""
    code = (
        "import sys; before = set(sys.modules)\nfrom cpcompat.vm.names import install\ninstall()\n"
        "print(sorted(set(sys.modules) - before))"
    )
    assert python(code) == "['__future__', 'cpcompat', 'cpcompat.vm', 'cpcompat.vm.names']"
