"""The doctor and the generic board, against the kernel shim's Raspberry Pi 4."""

from __future__ import annotations

import errno
import json
from typing import TYPE_CHECKING

import pytest

from cpcompat.backends.linux import line_names
from tests.running import cpcompat
from tests.shim.world import World

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.feature("doctor"), pytest.mark.shim]


def findings(*arguments: str) -> tuple[int, dict[str, str]]:
    """Run the doctor; return its exit status and what it says by topic."""
    ran = cpcompat("doctor", "--json", *arguments)
    said: dict[str, str] = {}
    for found in json.loads(ran.stdout)["findings"]:
        text = f"{found['level']}: {found['said']}"
        said[found["topic"]] = f"{said.get(found['topic'], '')}{text} "
    return ran.returncode, said


def test_a_pi_is_found_and_its_lines_are_counted(world: World) -> None:
    """Nothing is asked of a line but what it is."""
    start = world.mark()
    status, said = findings()
    assert status == 0
    assert said["board"] == "ok: found by the device tree "
    assert said["GPIO"] == "ok: 28 pins on pinctrl-bcm2711 at /dev/gpiochip0 "
    assert said["I2C 1"] == "off: switched off "
    assert not {"get_line", "set_config"} & {call.op for call in world.calls(start)}


@pytest.mark.parametrize(
    ("model", "board", "chip", "tty", "pwm"),
    [
        ("rpi4", "raspberry_pi_4b", "pinctrl-bcm2711", "ttyS0", "fe20c000.pwm"),
        ("rpi5", "raspberry_pi_5", "pinctrl-rp1", "ttyAMA0", "1f00098000.pwm"),
    ],
)
def test_a_header_with_all_interfaces_on_is_well(
    kernel_shim: None, tmp_path: Path, model: str, board: str, chip: str, tty: str, pwm: str
) -> None:
    """The port is the header's, never the Bluetooth chip's; the chip selects are no news."""
    with World(tmp_path / "world", model) as world:
        world.add_header()
        world.tree.write("/proc/cmdline", "console=tty1 root=/dev/mmcblk0p2\n")
        ran = cpcompat("doctor")
        status, said = findings()
    assert status == 0
    assert f"({board})" in ran.stdout.splitlines()[0]
    assert said["GPIO"] == f"ok: 28 pins on {chip} at /dev/gpiochip0 "
    assert said["I2C 1"] == "ok: /dev/i2c-1 "
    assert said["SPI 0"] == "ok: /dev/spidev0.0, /dev/spidev0.1 "
    assert said["UART 0"] == f"ok: /dev/{tty} "
    assert said["PWM"].startswith(f"ok: controller {pwm}; ")


def test_a_kernel_without_the_interface_is_broken(kernel_shim: None, tmp_path: Path) -> None:
    """Before 5.10."""
    with World(tmp_path / "world", without_v2=True):
        status, said = findings()
    assert status == 1
    assert "does not describe its lines" in said["GPIO"]


def test_a_bus_that_is_switched_on_is_seen(world: World) -> None:
    """By its node."""
    world.add_i2c(1)
    assert findings()[1]["I2C 1"] == "ok: /dev/i2c-1 "


def test_the_kernel_s_own_holder_of_a_line_is_named(world: World) -> None:
    """As LINEINFO tells it."""
    world.set_line("GPIO17", "GPIO17", consumer="onewire@11")
    assert "note: D17 in use by «onewire@11»" in findings()[1]["GPIO"]


def test_a_chip_that_may_not_be_opened_is_broken(world: World) -> None:
    """With its node and its group."""
    world.inject("open", errno.EACCES, path="gpiochip0", times=0)
    world.inject("open", errno.EACCES, path="gpiochip1", times=0)
    status, said = findings()
    assert status == 1
    assert said["GPIO"].startswith("broken: /dev/gpiochip0 is for ")


def test_chips_tell_their_labels_and_their_lines(world: World) -> None:
    """The header's lines by their names, and who holds one."""
    world.set_line("GPIO4", "GPIO4", consumer="w1")
    chip = line_names.chips()[0]
    assert (chip.label, chip.fault) == ("pinctrl-bcm2711", "")
    assert chip.lines[17] == line_names.Line("GPIO17", "", False)
    assert chip.lines[4] == line_names.Line("GPIO4", "w1", True)


@pytest.mark.feature("generic board")
def test_the_generic_board_has_the_kernel_s_names(world: World) -> None:
    """Its pins, and the buses that are switched on."""
    world.add_i2c(1)
    ran = cpcompat("boards", "linux")
    assert ran.returncode == 0, ran.stderr
    assert "with pinctrl-bcm2711, by the backend 'linux'" in ran.stdout
    words = ran.stdout.split()
    assert {"ID_SDA", "GPIO17", "SCL", "SDA"} <= set(words)
    assert "I2C 1 = board.I2C()" in ran.stdout
