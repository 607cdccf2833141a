"""What programs on a drive find: their own modules first, the board's ``os`` and ``time``, no way out."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = [pytest.mark.feature("drive world"), pytest.mark.simulated]

RunToEnd = Callable[..., "subprocess.CompletedProcess[bytes]"]


def lines(done: subprocess.CompletedProcess[bytes]) -> list[str]:
    """Return what the program printed."""
    text = done.stdout.decode().partition("code.py output:\n")[2]
    return text.partition("\nCode done running.")[0].splitlines()


def test_a_drive_s_secrets_py_wins_and_random_works_after_it(
    circuitpy_drive: Path, run_to_end: RunToEnd
) -> None:
    """The old way to keep passwords has the name of a module of CPython's."""
    (circuitpy_drive / "secrets.py").write_text("secrets = {'ssid': 'home'}\n")
    done = run_to_end(
        "from secrets import secrets\nimport random, tempfile\n"
        "print(secrets['ssid'], random.randint(3, 3), len(tempfile.gettempdir()) > 0)\n"
    )
    assert lines(done) == ["home 3 True"]


def test_our_modules_win_over_files_of_their_names(
    circuitpy_drive: Path, run_to_end: RunToEnd
) -> None:
    """As upstream's built-in modules do; and asyncio is CPython's."""
    for name in ("board", "time", "digitalio"):
        (circuitpy_drive / f"{name}.py").write_text("raise RuntimeError('the wrong one')\n")
    (circuitpy_drive / "lib").mkdir()
    (circuitpy_drive / "lib" / "asyncio.py").write_text("raise RuntimeError('the wrong one')\n")
    done = run_to_end(
        "import asyncio, board, digitalio, time\nasyncio.run(asyncio.sleep(0))\nprint(board.LED)\n"
    )
    assert lines(done) == ["board.LED"]


def test_packages_relative_imports_and_circles_work(
    circuitpy_drive: Path, run_to_end: RunToEnd
) -> None:
    """The root comes before /lib, and tracebacks name files as the board sees them."""
    package = circuitpy_drive / "lib" / "pkg"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("from .a import A\n")
    (package / "a.py").write_text("from . import b\nA = 1\n")
    (package / "b.py").write_text("from . import a\ndef late():\n    return a.A\n")
    (circuitpy_drive / "lib" / "both.py").write_text("WHERE = 'lib'\n")
    (circuitpy_drive / "both.py").write_text("WHERE = 'root'\n")
    done = run_to_end(
        "import both, pkg\nfrom pkg import b\nprint(both.WHERE, pkg.A, b.late(), pkg.__file__)\n"
    )
    assert lines(done) == ["root 1 1 /lib/pkg/__init__.py"]


@pytest.mark.parametrize(
    ("module", "words"),
    [("uos", "no module named 'uos'"), ("utime", "no module named 'utime'")],
)
def test_a_missing_module_is_an_import_error_in_a_board_s_words(
    run_to_end: RunToEnd, module: str, words: str
) -> None:
    """Libraries probe with try and except ImportError."""
    done = run_to_end(f"try:\n    import {module}\nexcept ImportError as e:\n    print(e)\n")
    assert lines(done) == [words]


def test_a_module_that_is_bytecode_only_names_the_cure(
    circuitpy_drive: Path, run_to_end: RunToEnd
) -> None:
    """Circup installs such files unless it is told otherwise."""
    (circuitpy_drive / "lib").mkdir()
    (circuitpy_drive / "lib" / "thing.mpy").write_bytes(b"C\x06")
    done = run_to_end("import thing\n")
    assert b"circup install --py thing" in done.stdout
    assert done.returncode == 1


def test_os_is_a_board_s_and_sees_the_drive_only(
    circuitpy_drive: Path, run_to_end: RunToEnd, tmp_path: Path
) -> None:
    """Folders, names and numbers; ``..`` and links lead nowhere, and nothing outside is touched."""
    canary = tmp_path / "canary"
    canary.write_text("alive")
    (circuitpy_drive / "link").symlink_to(tmp_path)
    (circuitpy_drive / "settings.toml").write_text('NAME = "desk"\nCOUNT = 42\n')
    done = run_to_end(
        "import os\nprint(os.getenv('NAME'), os.getenv('COUNT'), os.getenv('HOME'), os.getcwd())\n"
        "print(sorted(os.listdir('/..')) == sorted(os.listdir('/')))\n"
        "for act in (os.remove, os.listdir, os.chdir):\n"
        "    for path in ('/link/canary', '/../canary', '../../canary'):\n"
        "        try:\n            act(path)\n            print('went out', act, path)\n"
        "        except OSError:\n            pass\n"
        "os.mkdir('/a')\nos.rename('/a', '/b')\nprint(os.stat('/b')[0] == 0x4000, 'b' in os.listdir())\n"
    )
    assert lines(done) == ["desk 42 None /", "True", "True True"]
    assert canary.read_text() == "alive"


def test_the_end_of_a_program_runs_atexit_in_reverse_and_each_by_itself(
    run_to_end: RunToEnd,
) -> None:
    """One that fails prints its traceback, and the next one still runs."""
    done = run_to_end(
        "import atexit\natexit.register(print, 'last')\natexit.register(lambda: 1 / 0)\n"
        "atexit.register(print, 'first')\nprint('end')\n"
    )
    found = lines(done)
    assert found[:2] == ["end", "first"]
    assert found[-2:] == ["ZeroDivisionError: division by zero", "last"]


def test_sys_tells_a_board_and_time_is_whole_seconds(run_to_end: RunToEnd) -> None:
    """What libraries and programs ask before they choose a way."""
    done = run_to_end(
        "import sys, time\nprint(sys.implementation.name, sys.implementation.version[:3])\n"
        "print(type(time.time()).__name__, hasattr(time, 'strftime'), __name__, __file__)\n"
    )
    assert lines(done) == ["circuitpython (10, 3, 1)", "int False __main__ code.py"]
