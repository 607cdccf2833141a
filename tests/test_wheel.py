"""What pip installs: the wheel holds the package, the boards' table, and nothing else."""

from __future__ import annotations

import json
import runpy
import subprocess
import sys
import sysconfig
import zipfile
from importlib.metadata import Distribution
from pathlib import Path

import pytest

import cpcompat
from hatch_build import read_boards
from tests.running import ROOT
from tools import sabotage

pytestmark = pytest.mark.feature("installation")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """A wheel built from a copy of this tree."""
    tree = tmp_path_factory.mktemp("tree")
    sabotage.copy_tree(ROOT, tree)
    (tree / "cpcompat" / "board" / "_table.py").unlink(missing_ok=True)
    subprocess.run(
        [sys.executable, "-P", "-m", "hatchling", "build", "-t", "wheel"],
        cwd=tree,
        check=True,
        capture_output=True,
    )
    (path,) = (tree / "dist").glob("*.whl")
    return zipfile.ZipFile(path)


def test_the_wheel_holds_only_the_package(wheel: zipfile.ZipFile) -> None:
    """No board.py at the top of site-packages: nothing clashes with Blinka."""
    tops = {name.partition("/")[0] for name in wheel.namelist()}
    assert tops == {"cpcompat", f"cpcompat-{cpcompat.__version__}.dist-info"}


def test_the_wheel_holds_every_file_of_the_package(wheel: zipfile.ZipFile) -> None:
    """Modules, board files and the marker of type hints."""
    here = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "cpcompat").rglob("*")
        if path.is_file()
        and "__pycache__" not in path.parts
        and "cpcompat/workflows/web/page/" not in path.as_posix()
    } | {"cpcompat/board/_table.py"}
    packed = {name for name in wheel.namelist() if name.startswith("cpcompat/")}
    assert packed == here
    assert "cpcompat/py.typed" in packed


def test_the_boards_table_says_what_the_boards_files_say(
    wheel: zipfile.ZipFile, tmp_path: Path
) -> None:
    """It is made anew by each build."""
    table = wheel.extract("cpcompat/board/_table.py", tmp_path)
    made = runpy.run_path(table)
    assert made["BOARDS"] == read_boards(ROOT)
    assert "sim" in made["BOARDS"]
    assert made["DETECT"]["raspberrypi,4-model-b"] == {"": "raspberry_pi_4b"}


def test_the_wheel_depends_on_nothing(wheel: zipfile.ZipFile) -> None:
    """The library itself is pure Python and the standard library."""
    (name,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
    lines = wheel.read(name).decode("utf-8").splitlines()
    assert [
        line for line in lines if line.startswith("Requires-Dist") and "extra" not in line
    ] == []
    assert "Requires-Python: >=3.11" in lines


def test_the_installed_package_is_what_is_tested() -> None:
    """From the wheel it is in site-packages; only an editable install is the source tree."""
    found = Path(cpcompat.__file__).resolve()
    installed = json.loads(Distribution.from_name("cpcompat").read_text("direct_url.json") or "{}")
    if installed.get("dir_info", {}).get("editable"):
        assert found.is_relative_to(ROOT)
    else:
        assert found.is_relative_to(Path(sysconfig.get_path("purelib")).resolve())
