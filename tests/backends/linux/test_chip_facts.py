"""What the kernel tells of the processor."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cpcompat import hal, microcontroller
from cpcompat.backends.linux import chip_facts
from cpcompat.backends.linux.backend import LinuxBackend
from cpcompat.backends.linux.nodes import DirectNodes
from cpcompat.board.detect import definition
from cpcompat.microcontroller import cpu
from tests.shim.world import World

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.feature("microcontroller"), pytest.mark.shim]

BOARD = definition("raspberry_pi_4b")


@pytest.fixture
def machine(world: World) -> Iterator[None]:
    """Make the world's hardware the machine of this process."""
    hal.set_machine(hal.Machine(BOARD, LinuxBackend(BOARD, DirectNodes(BOARD))))
    yield
    hal.set_machine(None)


def test_the_zone_of_the_processor_tells_its_temperature(world: World, machine: None) -> None:
    """Not the first zone, which may be a radio's."""
    world.tree.write("/sys/class/thermal/thermal_zone0/type", "wifi\n")
    world.tree.write("/sys/class/thermal/thermal_zone0/temp", "20000\n")
    world.tree.write("/sys/class/thermal/thermal_zone1/type", "cpu-thermal\n")
    world.tree.write("/sys/class/thermal/thermal_zone1/temp", "48312\n")
    assert cpu.temperature == 48.312


def test_a_monitor_of_the_processor_tells_where_no_zone_does(world: World, machine: None) -> None:
    """On a PC, say."""
    world.tree.write("/sys/class/hwmon/hwmon0/name", "acpitz\n")
    world.tree.write("/sys/class/hwmon/hwmon0/temp1_input", "1000\n")
    world.tree.write("/sys/class/hwmon/hwmon3/name", "k10temp\n")
    world.tree.write("/sys/class/hwmon/hwmon3/temp1_input", "-1500\n")
    assert cpu.temperature == -1.5


def test_without_a_sensor_the_temperature_is_none(world: World, machine: None) -> None:
    """Nothing is made up."""
    assert cpu.temperature is None


def test_the_device_trees_serial_number_is_the_uid(world: World, machine: None) -> None:
    """The firmware has it from the chip."""
    assert cpu.uid == bytes.fromhex("10000000abcdef01")


def test_without_a_serial_number_the_uid_follows_from_the_machine_id_and_hides_it(
    world: World,
) -> None:
    """machine-id(5): the id itself is not to be told."""
    world.tree.at("/sys/firmware/devicetree/base/serial-number").unlink()
    world.tree.write("/etc/machine-id", "0123456789abcdef0123456789abcdef\n")
    one = chip_facts.uid()
    assert len(one) == 8
    assert one == chip_facts.uid()
    assert one.hex() not in "0123456789abcdef0123456789abcdef"
    world.tree.write("/etc/machine-id", "0123456789abcdef0123456789abcdee\n")
    assert chip_facts.uid() != one


def test_each_processor_tells_its_own_clock(world: World, machine: None) -> None:
    """In hertz, as it is at the moment; one that tells nothing is as fast as the board's file says."""
    world.tree.write("/sys/devices/system/cpu/present", "0-3\n")
    world.tree.write("/sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq", "600000\n")
    world.tree.write("/sys/devices/system/cpu/cpu3/cpufreq/scaling_cur_freq", "1800000\n")
    cpus = microcontroller.cpus
    assert len(cpus) == 4
    assert cpus[0] is cpu
    assert cpus[3] is microcontroller.cpus[3]
    assert [one.frequency for one in cpus] == [
        600_000_000,
        *[BOARD.frequency_hz] * 2,
        1_800_000_000,
    ]
    world.tree.write("/sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq", "1500000\n")
    assert cpu.frequency == 1_500_000_000


@pytest.mark.parametrize(("present", "count"), [("0\n", 1), ("0,2-5\n", 6), ("", 1), ("?\n", 1)])
def test_the_kernels_list_of_processors_is_understood(
    world: World, machine: None, present: str, count: int
) -> None:
    """Ranges, single ones, and a kernel that tells nothing."""
    world.tree.write("/sys/devices/system/cpu/present", present)
    assert len(microcontroller.cpus) == count


def test_a_regulator_for_the_processors_tells_their_supply(world: World, machine: None) -> None:
    """Not any regulator; and what measures it wins."""
    assert cpu.voltage is None
    world.tree.write("/sys/class/regulator/regulator.1/name", "vcc_sdio\n")
    world.tree.write("/sys/class/regulator/regulator.1/microvolts", "3300000\n")
    assert cpu.voltage is None
    world.tree.write("/sys/class/regulator/regulator.2/name", "vdd-cpu\n")
    world.tree.write("/sys/class/regulator/regulator.2/microvolts", "1050000\n")
    assert cpu.voltage == 1.05
    world.tree.write("/sys/class/hwmon/hwmon1/in1_label", "+3.3V\n")
    world.tree.write("/sys/class/hwmon/hwmon1/in1_input", "3296\n")
    world.tree.write("/sys/class/hwmon/hwmon1/in2_label", "Vcore\n")
    world.tree.write("/sys/class/hwmon/hwmon1/in2_input", "992\n")
    assert cpu.voltage == 0.992
