"""The guides of docs/adding-a-*.md: what they show is a file, and the files do what is said."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.running import ROOT, cpcompat, drive_from_example, printed_by_code_py
from tools import architecture, guides

pytestmark = [pytest.mark.feature("developer's house"), pytest.mark.simulated]

MODULE = ROOT / "examples" / "own_module"


@pytest.mark.parametrize(("guide", "example"), guides.EXAMPLES.items())
def test_a_guide_shows_its_example(guide: str, example: str) -> None:
    """Whole files (`tests/test_docs.py` sees that they are current), and where they are."""
    text = (ROOT / guide).read_text("utf-8")
    shown = guides.files(text)
    assert shown
    assert f"[`examples/{example}`](../examples/{example})" in text
    code = {path.name for path in (ROOT / "examples" / example).rglob("*.py")} - {"code.py"}
    assert code <= {name.rpartition("/")[2] for name in shown}


def test_a_guide_s_file_is_renewed_and_its_words_are_kept(tmp_path: Path) -> None:
    """Only the block under the file's name."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "examples" / "own_part").mkdir(parents=True)
    (tmp_path / "examples" / "own_part" / "a.py").write_text("new = 1\n")
    text = "Words.\n\n`a.py`:\n\n```python\n{}```\n\n```python\nold = 1\n```\n"
    (tmp_path / "docs" / "adding-a-part.md").write_text(text.format("old = 1\n"))
    assert guides.maker("docs/adding-a-part.md")(tmp_path) == text.format("new = 1\n")


def test_a_board_of_one_s_own_is_listed_and_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From a folder of the user's, under its own names."""
    monkeypatch.setenv("CPCOMPAT_BOARDS", str(ROOT / "examples" / "own_board" / "boards"))
    listed = cpcompat("boards", "greenhouse").stdout
    assert "Greenhouse" in listed
    assert "PUMP" in listed
    drive = drive_from_example("own_board", tmp_path)
    ran = cpcompat("run", drive, "--board", "greenhouse", "--runs", "1")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert printed_by_code_py(ran.stdout) == [
        "greenhouse ['DOOR', 'LAMP', 'LED', 'PUMP', 'SCL', 'SDA', 'WINDOW']",
        "pump True lamp 16383",
        "i2c at []",
    ]


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the tree in which the steps of adding-a-module.md have been done."""
    tree = tmp_path_factory.mktemp("tree")
    skipped = shutil.ignore_patterns("__pycache__")
    for part in ("cpcompat", "tests", "tools"):
        shutil.copytree(ROOT / part, tree / part, ignore=skipped)
    shutil.copy(ROOT / "pyproject.toml", tree)
    for part in ("cpcompat", "tests"):
        shutil.copytree(MODULE / part, tree / part, ignore=skipped, dirs_exist_ok=True)
    names = tree / "cpcompat" / "vm" / "names.py"
    text = names.read_text("utf-8")
    assert text.count('        "board",\n') == 1
    names.write_text(text.replace('        "board",\n', '        "bell",\n        "board",\n'))
    return tree


def in_tree(tree: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run Python with the tree's package in place of the installed one."""
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_new_module_s_tests_pass(tree: Path) -> None:
    """On the fake backend, as every face's do."""
    done = in_tree(tree, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/bell")
    assert done.returncode == 0, done.stdout
    assert "4 passed" in done.stdout


def test_a_drive_imports_the_new_module(tree: Path, tmp_path: Path) -> None:
    """With the one line in the list of names."""
    (tmp_path / "code.py").write_text(
        "import bell, board\nwith bell.Bell(board.D12) as one:\n    one.ring(True)\nprint('rang')\n"
    )
    call = "from cpcompat.cli import main; raise SystemExit(main())"
    done = in_tree(tree, "-c", call, "run", tmp_path, "--board", "sim", "--runs", "1")
    assert printed_by_code_py(done.stdout) == ["rang"], done.stdout + done.stderr


def test_the_new_module_keeps_the_rules_of_the_tree() -> None:
    """Those that every file of the package keeps."""
    files = sorted((MODULE / "cpcompat").rglob("*.py"))
    assert len(files) == 2
    for file in files:
        path = file.relative_to(MODULE).as_posix()
        text = file.read_text("utf-8")
        assert [line for rule in architecture.RULES for line in rule(path, text)] == []
