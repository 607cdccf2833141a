"""Unmodified drivers read the right values from parts on a real kernel's I2C bus, under the supervisor."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.lab import parts
from tests.lab.machine import Setup
from tests.running import ROOT, printed_by_code_py

if TYPE_CHECKING:
    from tests.lab.fixtures import Lab
    from tests.lab.job import Ended

pytestmark = [pytest.mark.emulated, pytest.mark.slow, pytest.mark.feature("busio")]

SETUP = Setup(
    live=True,  # the clock counts our seconds
    properties={
        "thermometer.temperature": 21_500,  # thousandths of a degree
        "thermometer2.temperature": -5_500,
        "magnetometer.mag-x": 30_000,  # nanotesla
        "magnetometer.mag-y": 20_000,
        "magnetometer.mag-z": 10_000,
    },
)


@pytest.fixture(scope="module", params=["cpcompat run", "python3 -m cpcompat"])
def ended(lab: Lab, request: pytest.FixtureRequest) -> Ended:
    """Run the drive under the supervisor and its broker; and its program without them."""
    command = {
        "cpcompat run": "cpcompat run /job/drive --runs 1",
        "python3 -m cpcompat": "python3 -m cpcompat /job/drive/code.py",
    }[request.param]
    return lab.run(command, SETUP, {"drive": ROOT / "tests/lab/drives/parts"})


@pytest.fixture(scope="module")
def said(ended: Ended) -> dict[str, Any]:
    """Return what the program said of each part."""
    lines = printed_by_code_py(ended.out) or ended.out.splitlines()
    assert ended.status == 0, ended.out + ended.err
    return {name: value for line in lines for name, value in json.loads(line).items()}


def test_everybody_on_the_bus_is_found(said: dict[str, Any]) -> None:
    """In the order of their addresses, and nobody else."""
    assert said["scan"] == list(parts.ADDRESSES)


def test_a_thermometer_reads_what_it_is_set_to(said: dict[str, Any]) -> None:
    """adafruit_pct2075 on a TMP105, which has its registers; to its half degree."""
    assert said["thermometer"] == pytest.approx(21.5, abs=0.26)
    assert said["threshold"] == 35.5


def test_a_clock_keeps_the_time_that_was_set(said: dict[str, Any]) -> None:
    """adafruit_ds1307 on a DS1338: two and a half seconds later."""
    assert said["clock"][:5] == [2031, 2, 3, 4, 5]
    assert said["clock"][5] in (8, 9)


def test_a_memory_gives_back_what_was_written(said: dict[str, Any]) -> None:
    """adafruit_24lc32 on a 24C32: four bytes, and what is beside them is untouched."""
    assert said["eeprom"] == [4096, "0061626364" + said["eeprom"][1][-2:]]


def test_a_magnetometer_reads_the_field_it_is_in(said: dict[str, Any]) -> None:
    """adafruit_lsm303dlh_mag on an LSM303DLHC: in microtesla."""
    assert said["magnetometer"] == pytest.approx([30, 20, 10], abs=0.5)


def test_a_part_behind_a_multiplexer_is_reached(said: dict[str, Any]) -> None:
    """adafruit_tca9548a on a PCA9546; below zero, too."""
    assert said["mux"] == pytest.approx(-5.5, abs=0.26)
