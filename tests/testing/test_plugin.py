"""The pytest plugin, used as a driver's author uses it."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.feature("pytest plugin"), pytest.mark.simulated]


def run(folder: Path, text: str) -> str:
    """Run a test file in a pytest of its own; return what it printed."""
    (folder / "test_driver.py").write_text(text)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-rA", "."]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, timeout=60
    ).stdout


def test_an_unmodified_driver_reads_a_simulated_part_without_waiting(tmp_path: Path) -> None:
    """From a circuit file's text, by the board's usual names."""
    said = run(
        tmp_path,
        """
def test_driver(circuit, circuit_file):
    circuit_file('[[i2c]]\\npart = "bme280"\\ntemperature = 23.5')
    import board
    from adafruit_bme280 import basic
    assert abs(basic.Adafruit_BME280_I2C(board.I2C()).temperature - 23.5) < 0.1
    assert circuit.now_ns() > 0

def test_trace(circuit, input_trace):
    import board, digitalio
    input_trace({"D4": [(5_000_000, True)]})
    with digitalio.DigitalInOut(board.D4) as pin:
        assert not pin.value
        circuit.clock.sleep_ns(5_000_000)
        assert pin.value
""",
    )
    assert "2 passed" in said, said


def test_contention_fails_the_test_unless_it_is_allowed(tmp_path: Path) -> None:
    """At its end, with both parties named."""
    said = run(
        tmp_path,
        """
import pytest
def fight(circuit):
    circuit.drive("D4", True)
    circuit.press("D4")
def test_not_allowed(circuit):
    fight(circuit)
@pytest.mark.circuit(allow_contention=True)
def test_allowed(circuit):
    fight(circuit)
""",
    )
    assert "2 passed, 1 error" in said, said
    assert "ERROR test_driver.py::test_not_allowed" in said
    assert "contention on GPIO4: the outside world at GPIO4" in said


def test_each_test_has_a_board_of_its_own(tmp_path: Path) -> None:
    """A pin that a test left in use is free in the next; afterwards the names are as before."""
    said = run(
        tmp_path,
        """
import sys
kept = []
def use(circuit):
    import board, digitalio
    kept.append(digitalio.DigitalInOut(board.D4))
def test_one(circuit):
    use(circuit)
def test_two(circuit):
    use(circuit)
def test_three():
    assert not any(type(f).__name__ == "NameFinder" for f in sys.meta_path)
""",
    )
    assert "3 passed" in said, said
