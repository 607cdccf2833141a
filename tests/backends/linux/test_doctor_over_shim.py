"""The doctor and the generic board, against the kernel shim's Raspberry Pi 4."""

from __future__ import annotations

import errno
import json
from typing import TYPE_CHECKING

import pytest

from cpcompat.backends.linux import line_names
from tests.running import cpcompat

if TYPE_CHECKING:
    from tests.shim.world import World

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
