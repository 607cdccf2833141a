"""What is found when the board is powered on."""

from __future__ import annotations

from pathlib import Path

import pytest

from cpcompat.supervisor.process import power_on
from cpcompat.supervisor.process.states import Memory

pytestmark = [pytest.mark.feature("safe mode"), pytest.mark.simulated]


@pytest.mark.parametrize(
    ("name", "alarm", "low"),
    [("rpi_volt", "1", True), ("rpi_volt", "0", False), ("acpitz", "1", False)],
)
def test_the_firmware_s_sensor_alone_tells_of_a_low_supply(
    tmp_path: Path, name: str, alarm: str, low: bool
) -> None:
    """The kernel's raspberrypi-hwmon, and while its alarm is on."""
    sensor = tmp_path / "hwmon2"
    sensor.mkdir()
    (sensor / "name").write_text(f"{name}\n")
    (sensor / "in0_lcrit_alarm").write_text(f"{alarm}\n")
    assert power_on.supply_is_low(tmp_path) is low


def test_a_computer_without_sensors_has_no_low_supply(tmp_path: Path) -> None:
    """As any laptop in a container."""
    assert not power_on.supply_is_low(tmp_path / "nowhere")


def test_a_drive_that_cannot_be_read_leads_into_safe_mode(tmp_path: Path) -> None:
    """And auto-reload is off there; a reason that is known already stays."""
    gone = tmp_path / "gone"
    found = power_on.looked_at(gone, Memory(), "POWER_ON", 1.0)
    assert (found.safe, found.auto_reload, found.window) == ("NO_CIRCUITPY", False, False)
    known = power_on.looked_at(gone, Memory(safe="WATCHDOG"), "POWER_ON", 1.0)
    assert known.safe == "WATCHDOG"


@pytest.mark.parametrize(
    ("reason", "window"), [("POWER_ON", True), ("SOFTWARE", True), ("BROWNOUT", False)]
)
def test_there_is_a_window_unless_the_reset_was_the_supply_s_or_a_watchdog_s(
    tmp_path: Path, reason: str, window: bool
) -> None:
    """Source: CircuitPython ``supervisor/shared/safe_mode.c``."""
    assert power_on.looked_at(tmp_path, Memory(), reason, 1.0).window is window
