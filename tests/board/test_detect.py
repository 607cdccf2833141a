"""Which board it is, and what its file says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import cpcompat
from cpcompat.board import detect
from cpcompat.errors import BackendMissingError, UnknownBoardError
from tests.fakes.fixtures import BOARD

pytestmark = [pytest.mark.feature("board"), pytest.mark.simulated]

PROGRAM = """
import sys
sys.path.insert(0, {path!r})
before = set(sys.modules)
import time
start = time.process_time()
import cpcompat.board, cpcompat.busio, cpcompat.digitalio
print(len(set(sys.modules) - before), int((time.process_time() - start) * 1000))
print(*sorted({{"typing", "enum", "dataclasses", "re", "json", "threading"}} & set(sys.modules)))
"""


@pytest.fixture
def compatible(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A device tree's file, empty at first, and no choice in the environment."""
    path = tmp_path / "compatible"
    monkeypatch.setattr(detect, "_DEVICE_TREE", str(path))
    for name in ("CPCOMPAT_BOARD", "CPCOMPAT_BOARDS", "CPCOMPAT_BACKEND"):
        monkeypatch.delenv(name, raising=False)
    return path


def test_importing_the_faces_costs_little() -> None:
    """Few modules, none of the heavy ones, and far less than 20 ms."""
    path = str(Path(cpcompat.__file__).parent.parent)
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", PROGRAM.format(path=path)],
        capture_output=True,
        text=True,
        check=True,
    )
    numbers, heavy = done.stdout.splitlines()
    modules, spent_ms = map(int, numbers.split())
    assert heavy == ""
    assert modules <= 40
    assert spent_ms <= 20


def test_without_a_device_tree_it_is_the_simulated_board(compatible: Path) -> None:
    """Any computer."""
    assert detect.detect() == "sim"


def test_a_raspberry_pi_is_named_and_the_way_out_told(compatible: Path) -> None:
    """It is not taken for the simulated board in silence."""
    compatible.write_bytes(b"raspberrypi,5-model-b\0brcm,bcm2712\0")
    with pytest.raises(BackendMissingError, match=r"'raspberrypi,5-model-b'") as caught:
        detect.detect()
    assert "--board sim" in caught.value.__notes__[0]


def test_a_user_s_board_is_found_by_the_device_tree(
    compatible: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file in a folder that CPCOMPAT_BOARDS names."""
    folder = tmp_path / "boards"
    folder.mkdir()
    (folder / "mine.toml").write_text('detect = ["acme,board"]\n' + BOARD.read_text("utf-8"))
    monkeypatch.setenv("CPCOMPAT_BOARDS", str(folder))
    compatible.write_bytes(b"acme,board\0")
    assert detect.boards() == ["mine", "sim"]
    assert detect.detect() == "mine"
    assert detect.connect().board.names["LED"].id == 13


def test_the_environment_decides(compatible: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the device tree says."""
    compatible.write_bytes(b"raspberrypi,4-model-b\0")
    monkeypatch.setenv("CPCOMPAT_BOARD", "sim")
    assert detect.connect().board.id == "sim"


@pytest.mark.parametrize("name", ["nothing", "../sim", ""])
def test_an_unknown_board_is_an_error_that_lists_the_known_ones(
    compatible: Path, name: str
) -> None:
    """No path leads out of the folder."""
    with pytest.raises(UnknownBoardError, match="unknown board") as caught:
        detect.definition(name)
    assert caught.value.__notes__ == ["Known boards: sim."]


@pytest.mark.parametrize(
    ("text", "said"), [("name = ", "is not TOML"), ('name = "x"', "lacks or does not define")]
)
def test_a_board_s_file_that_cannot_be_used_is_named(
    compatible: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, said: str
) -> None:
    """Broken TOML and missing keys."""
    (tmp_path / "broken.toml").write_text(text)
    monkeypatch.setenv("CPCOMPAT_BOARDS", str(tmp_path))
    with pytest.raises(UnknownBoardError, match=said) as caught:
        detect.definition("broken")
    assert "broken.toml" in str(caught.value)


def test_a_missing_backend_is_an_error_with_a_way_out(
    compatible: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is named."""
    monkeypatch.setenv("CPCOMPAT_BACKEND", "nosuch")
    with pytest.raises(BackendMissingError, match="no backend 'nosuch'"):
        detect.connect("sim")


def test_the_built_table_serves_only_while_the_file_is_as_it_was(
    compatible: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A changed file is read anew."""
    text = BOARD.read_bytes()
    (tmp_path / "b.toml").write_bytes(text)
    monkeypatch.setattr(detect, "_DATA", str(tmp_path))
    monkeypatch.setattr(detect, "_tables", lambda: {"b": (1, {})})
    assert detect.definition("b").name == "Test board"
