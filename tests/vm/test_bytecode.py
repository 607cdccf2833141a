"""Libraries that are there as bytecode for microcontrollers alone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.feature("drive world"), pytest.mark.simulated]
COMMAND = str(Path(sys.executable).with_name("cpcompat"))


def printed(drive: Path, code: str) -> str:
    """Run a program on a drive once; return what it printed."""
    (drive / "code.py").write_text(code)
    done = subprocess.run(
        [COMMAND, "run", str(drive), "--runs", "1"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, "CPCOMPAT_BOARD": "sim"},
    )
    return done.stdout


@pytest.mark.parametrize("name", ["cptest_foo.mpy", "cptest_foo/__init__.mpy"])
def test_the_error_names_the_file_and_the_cure(tmp_path: Path, name: str) -> None:
    """A module or a package; in a program's hands it is an ImportError like any other."""
    file = tmp_path / "lib" / name
    file.parent.mkdir(parents=True)
    file.write_bytes(b"C\x06\x00\x1f")
    said = printed(tmp_path, "import cptest_foo\n")
    assert "ImportError: incompatible .mpy file" in said
    assert f"/lib/{name} is compiled for microcontrollers." in said
    assert "circup install --py cptest_foo" in said
    code = "try:\n    import cptest_foo\nexcept ImportError:\n    print('fell back')\n"
    assert "fell back" in printed(tmp_path, code)


def test_source_further_on_in_the_path_is_imported(tmp_path: Path) -> None:
    """Bytecode before it is passed by."""
    (tmp_path / "cptest_foo.mpy").write_bytes(b"C\x06\x00\x1f")
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "cptest_foo.py").write_text("print('it runs')\n")
    assert "it runs" in printed(tmp_path, "import cptest_foo\n")
