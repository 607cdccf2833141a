"""Which board it is, and what its file says."""

from __future__ import annotations

import runpy
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

import cpcompat
from cpcompat.board import detect, files
from cpcompat.errors import BackendMissingError, UnknownBoardError
from hatch_build import write_table
from tests.fakes.fixtures import BOARD

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.feature("board"), pytest.mark.simulated]

PROGRAM = """
import sys
sys.path.insert(0, {path!r})
before = set(sys.modules)
import cpcompat.board, cpcompat.busio, cpcompat.digitalio
print(len(set(sys.modules) - before))
print(*sorted({{"typing", "enum", "dataclasses", "re", "json", "threading"}} & set(sys.modules)))
"""


@pytest.fixture
def compatible(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A device tree's file, not there at first, and no choice in the environment."""
    tree = tmp_path / "device-tree"
    tree.mkdir()
    (tmp_path / "dev").mkdir()
    monkeypatch.setattr(detect, "_DEVICE_TREE", str(tree))
    monkeypatch.setattr(detect, "_DEVICES", str(tmp_path / "dev"))
    for name in ("CPCOMPAT_BOARD", "CPCOMPAT_BOARDS", "CPCOMPAT_BACKEND"):
        monkeypatch.delenv(name, raising=False)
    return tree / "compatible"


def test_importing_the_faces_costs_little() -> None:
    """Few modules, and none of the heavy ones; bench/imports.py has the time."""
    path = str(Path(cpcompat.__file__).parent.parent)
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", PROGRAM.format(path=path)],
        capture_output=True,
        text=True,
        check=True,
    )
    modules, heavy = done.stdout.splitlines()
    assert heavy == ""
    assert int(modules) <= 40


def test_without_a_device_tree_it_is_the_simulated_board(compatible: Path) -> None:
    """Any computer."""
    assert detect.detect() == "sim"


@pytest.mark.parametrize(
    ("compatible_names", "model", "board_id"),
    [
        ("raspberrypi,5-model-b\0brcm,bcm2712\0", "Raspberry Pi 5 Model B Rev 1.0", "5"),
        ("raspberrypi,4-model-b\0brcm,bcm2711\0", "Raspberry Pi 4 Model B Rev 1.4", "4b"),
        ("raspberrypi,3-model-b-plus\0", "Raspberry Pi 3 Model B Plus Rev 1.3", "3b_plus"),
        ("raspberrypi,3-model-b-plus\0", "Raspberry Pi 3 Model A Plus Rev 1.0", "3a_plus"),
        ("raspberrypi,3-compute-module\0", "Raspberry Pi Compute Module 3 Rev 1.0", "cm3"),
        (
            "raspberrypi,3-compute-module\0",
            "Raspberry Pi Compute Module 3 Plus Rev 1.0",
            "cm3_plus",
        ),
        ("raspberrypi,model-b\0brcm,bcm2835\0", "Raspberry Pi Model B Rev 1", "b_rev1"),
        ("raspberrypi,model-b\0brcm,bcm2835\0", "Raspberry Pi Model B Rev 2", "b_rev2"),
        ("raspberrypi,model-b\0brcm,bcm2835\0", "", "b_rev2"),
        ("raspberrypi,model-zero-2-w\0brcm,bcm2837\0", "", "zero_2_w"),
    ],
)
def test_a_raspberry_pi_is_found_by_its_device_tree(
    compatible: Path, compatible_names: str, model: str, board_id: str
) -> None:
    """By its names, and by its model where several share a name."""
    compatible.write_bytes(compatible_names.encode())
    if model:
        compatible.with_name("model").write_bytes(model.encode() + b"\0")
    assert detect.detect() == f"raspberry_pi_{board_id}"


def test_a_board_that_nobody_describes_is_named_and_the_ways_out_told(
    compatible: Path, tmp_path: Path
) -> None:
    """It is not taken for the simulated board in silence."""
    compatible.write_bytes(b"acme,rocket\0acme,soc\0")
    (tmp_path / "dev" / "gpiochip0").touch()
    with pytest.raises(UnknownBoardError, match=r"found the board 'acme,rocket'") as caught:
        detect.detect()
    for way in ("--board linux", "--board sim", "docs/adding-a-board.md"):
        assert way in caught.value.__notes__[0]


def test_a_device_tree_without_lines_to_use_is_no_board(compatible: Path) -> None:
    """A virtual machine, or a container to which nothing was handed."""
    compatible.write_bytes(b"linux,dummy-virt\0")
    assert detect.detect() == "sim"


COUNTING = """
import runpy, sys, types
from cpcompat.board import detect
from cpcompat.board.definition import BoardDefinition
detect._DEVICE_TREE = sys.argv[1]
made = sys.modules["cpcompat.board._table"] = types.ModuleType("made")
vars(made).update(runpy.run_path(sys.argv[2]))
opened = []
sys.addaudithook(lambda event, what: opened.append(str(what[0])) if event == "open" else None)
board = detect.definition(detect.detect())
print(board.id)
print(*opened, sep="\\n")
"""


def test_finding_a_board_opens_few_files(compatible: Path, tmp_path: Path) -> None:
    """The device tree's and the one board's own, however many boards there are."""
    compatible.write_bytes(b"raspberrypi,4-model-b\0brcm,bcm2711\0")
    shutil.copytree(Path(files.DATA).parent, tmp_path / "cpcompat" / "board")
    write_table(tmp_path)
    table = tmp_path / "cpcompat" / "board" / "_table.py"
    done = subprocess.run(
        [sys.executable, "-B", "-c", COUNTING, str(compatible.parent), str(table)],
        capture_output=True,
        text=True,
        check=True,
    )
    board_id, *opened = done.stdout.split()
    assert board_id == "raspberry_pi_4b"
    assert [Path(name).name for name in opened if not name.endswith((".py", ".pyc"))] == [
        *("compatible", "raspberry_pi_4b.toml", "_raspberry-pi-40.toml", "_bcm2711-40.toml"),
    ]


def test_a_user_s_board_is_found_by_the_device_tree(
    compatible: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file in a folder that CPCOMPAT_BOARDS names."""
    folder = tmp_path / "boards"
    folder.mkdir()
    (folder / "mine.toml").write_text('detect = ["acme,board"]\n' + BOARD.read_text("utf-8"))
    monkeypatch.setenv("CPCOMPAT_BOARDS", str(folder))
    compatible.write_bytes(b"acme,board\0")
    assert {"mine", "sim"} <= set(detect.boards())
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
    assert caught.value.__notes__ == [f"Known boards: {', '.join(detect.boards())}."]


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


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of board files that stands for the package's, with a board and a shared file; built."""
    folder = tmp_path / "cpcompat" / "board" / "data"
    folder.mkdir(parents=True)
    for name in ("inclusion.py", "matching.py"):
        shutil.copy(Path(files.DATA).parent / name, folder.parent)
    (folder / "_part.toml").write_text('detect = ["acme,b"]\nfrequency_hz = 1\n')
    (folder / "b.toml").write_text('include = ["_part"]\n' + BOARD.read_text("utf-8"))
    write_table(tmp_path)
    made = ModuleType("made")
    vars(made).update(runpy.run_path(str(folder.parent / "_table.py")))
    monkeypatch.setattr(files, "DATA", str(folder))
    monkeypatch.setitem(sys.modules, "cpcompat.board._table", made)
    yield folder


def test_a_built_table_serves_without_a_look_at_toml(
    compatible: Path, built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The definition and the index are there."""
    monkeypatch.setattr(files, "_toml", None)
    compatible.write_bytes(b"acme,b\0")
    assert detect.detect() == "b"
    assert detect.definition("b").frequency_hz == 1


def test_the_built_table_serves_only_while_the_files_are_as_they_were(
    compatible: Path, built: Path
) -> None:
    """A changed file is read anew, and so is one that includes a changed file."""
    text = (built / "b.toml").read_text()
    (built / "b.toml").write_text(text.replace("Test board", "Changed board", 1))
    assert detect.definition("b").name == "Changed board"
    (built / "b.toml").write_text(text)
    (built / "_part.toml").write_text("frequency_hz = 2\n")
    assert detect.definition("b").frequency_hz == 2


def test_a_file_that_came_after_the_build_is_found_too(compatible: Path, built: Path) -> None:
    """By its id and by the device tree."""
    (built / "new.toml").write_text('detect = ["acme,new"]\n' + BOARD.read_text("utf-8"))
    compatible.write_bytes(b"acme,new\0")
    assert detect.boards() == ["b", "new"]
    assert detect.detect() == "new"


def test_two_boards_that_nothing_tells_apart_stop_the_build(built: Path) -> None:
    """Rather than that one of them is never found."""
    (built / "twin.toml").write_text('detect = ["acme,b"]\n' + BOARD.read_text("utf-8"))
    with pytest.raises(ValueError, match="'b' and 'twin' are both 'acme,b'"):
        write_table(built.parent.parent.parent)


def test_a_user_s_board_may_include_the_package_s_files_and_its_own(
    compatible: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hat's board: the Pi's header and a few names."""
    (tmp_path / "_hat.toml").write_text('[names]\nBUZZER = "GPIO5"\n')
    (tmp_path / "hat.toml").write_text(
        'include = ["_bcm2711-40", "_hat"]\nname = "Hat"\ndetect = ["raspberrypi,4-model-b"]\n'
    )
    monkeypatch.setenv("CPCOMPAT_BOARDS", str(tmp_path))
    compatible.write_bytes(b"raspberrypi,4-model-b\0")
    assert detect.detect() == "hat"
    board = detect.definition("hat")
    assert board.names["BUZZER"] is board.names["D5"]
    (tmp_path / "_hat.toml").unlink()
    with pytest.raises(UnknownBoardError, match=r"no shared file '_hat\.toml'") as caught:
        detect.definition("hat")
    assert "hat.toml" in str(caught.value)


def test_looking_for_a_module_of_the_package_finds_no_board(compatible: Path) -> None:
    """The import machinery asks the package for it first."""
    program = (
        "from cpcompat import hal\n"
        "from cpcompat.board import detect, files\n"
        "assert hal._machine is None\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
