"""Programs in a world see its files and nodes, and not the host's hardware."""

# These tests ask in every way there is: pathlib is one of them.
# ruff: noqa: PTH110, PTH116, PTH208

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.shim.world import World

pytestmark = [pytest.mark.feature("kernel shim"), pytest.mark.shim]


def test_a_node_is_a_character_device(world: World) -> None:
    """Whatever asks: stat, lstat, a directory's entries."""
    world.add_i2c(1)
    status = os.stat("/dev/i2c-1")
    assert stat.S_ISCHR(status.st_mode)
    assert (os.major(status.st_rdev), os.minor(status.st_rdev)) == (89, 1)
    assert stat.S_ISCHR(os.lstat("/dev/i2c-1").st_mode)
    assert {"gpiochip0", "gpiochip1", "i2c-1"} <= set(os.listdir("/dev"))
    assert sorted(path.name for path in Path("/dev").glob("gpiochip*")) == [
        "gpiochip0",
        "gpiochip1",
    ]


def test_a_link_into_the_world_resolves_to_the_path_that_programs_know(world: World) -> None:
    """By Python's realpath and by the C library's."""
    assert os.path.realpath("/sys/dev/char/254:0/subsystem") == "/sys/bus/gpio"
    shown = subprocess.run(
        ["realpath", "/sys/dev/char/254:0/subsystem"], capture_output=True, text=True, check=True
    )
    assert shown.stdout == "/sys/bus/gpio\n"


def test_the_device_tree_is_the_worlds(world: World) -> None:
    """And so is /proc/cpuinfo, for those who read that."""
    compatible = Path("/proc/device-tree/compatible").read_bytes()
    assert compatible == b"raspberrypi,4-model-b\0brcm,bcm2711\0"
    assert "c03114" in Path("/proc/cpuinfo").read_text()


def test_what_the_world_lacks_of_hardware_is_not_there(world: World) -> None:
    """Not even where the host has it."""
    for path in ("/dev/spidev0.0", "/dev/i2c-0", "/dev/ttyS0", "/sys/bus/i2c", "/sys/class/pwm"):
        assert not os.path.lexists(path), path
        with pytest.raises(FileNotFoundError):
            os.open(path, os.O_RDONLY)


def test_the_rest_of_the_system_is_as_it_is(world: World) -> None:
    """Only hardware is another."""
    assert os.path.exists("/dev/null")
    assert os.path.exists("/proc/self/stat")
    assert Path("/etc").is_dir()


def test_outside_a_world_nothing_is_changed(kernel_shim: None) -> None:
    """The shim is there, and does nothing."""
    assert "CPSHIM_WORLD" not in os.environ
    assert "cpshim" not in os.environ.get("LD_PRELOAD", "")
    assert os.path.realpath("/dev/null") == "/dev/null"


def test_processes_started_in_a_world_live_in_it(world: World) -> None:
    """And those started afterwards do not."""
    code = "import os; print(os.path.exists('/dev/gpiochip1'))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert shown.stdout == b"True\n"
