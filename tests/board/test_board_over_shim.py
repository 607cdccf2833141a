"""A program on a board that the device tree names, and on one made of the kernel's names of lines."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.shim.world import World

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = """
import board, digitalio
print(board.board_id)
with digitalio.DigitalInOut(board.{pin}) as pin:
    pin.switch_to_output(True)
    pin.value = False
"""


def ran(folder: Path, pin: str, **environment: str) -> list[str]:
    """Run a program by itself; return the lines that it prints."""
    script = folder / "blink.py"
    script.write_text(PROGRAM.format(pin=pin))
    kept = {name: value for name, value in os.environ.items() if name != "CPCOMPAT_BOARD"}
    done = subprocess.run(
        [sys.executable, "-m", "cpcompat", str(script)],
        env={**kept, **environment},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.shim
@pytest.mark.feature("board files")
@pytest.mark.parametrize(
    ("model", "board"), [("rpi4", "raspberry_pi_4b"), ("rpi5", "raspberry_pi_5")]
)
def test_a_program_drives_the_pin_of_the_board_that_it_is_on(
    kernel_shim: None, tmp_path: Path, model: str, board: str
) -> None:
    """Nobody says which board it is; the pin starts high, and is let go at the end."""
    with World(tmp_path / "world", model) as world:
        assert ran(tmp_path, "D17") == [board]
        assert world.levels("GPIO17") == [True, False]
        assert world.driven() == []


@pytest.mark.shim
@pytest.mark.feature("generic board")
def test_a_program_drives_a_line_by_the_kernel_s_name_of_it(world: World, tmp_path: Path) -> None:
    """The board is asked for by name."""
    world.set_line("GPIO22", "RELAY")
    assert ran(tmp_path, "RELAY", CPCOMPAT_BOARD="linux") == ["linux"]
    assert world.levels("RELAY") == [True, False]
