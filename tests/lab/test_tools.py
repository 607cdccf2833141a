"""``cpcompat doctor`` and ``cpcompat selftest`` on a real kernel."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.lab.machine import NORMAL, Setup

if TYPE_CHECKING:
    from tests.lab.fixtures import Lab

pytestmark = [pytest.mark.emulated, pytest.mark.slow]


@pytest.mark.feature("doctor")
def test_doctor_finds_the_board_and_all_well(lab: Lab) -> None:
    """A Raspberry Pi 3B with I2C and SPI switched on."""
    ended = lab.run("cpcompat doctor --json")
    report = json.loads(ended.out)
    assert (report["board"], report["backend"]) == ("raspberry_pi_3b", "linux")
    assert report["machine"] == "aarch64"
    assert report["python"].startswith("3.13.")
    levels = {finding["topic"]: finding["level"] for finding in report["findings"]}
    assert "broken" not in levels.values(), ended.out
    assert ended.status == 0


@pytest.mark.feature("doctor")
def test_doctor_says_what_nobody_may_not_use_and_what_cures_it(lab: Lab) -> None:
    """The nodes of this machine are root's."""
    ended = lab.run("chmod 755 /job; setpriv=; su nobody -s /bin/bash -c 'cpcompat doctor'")
    assert "/dev/gpiochip0 is for root alone" in ended.out, ended.out + ended.err
    assert "usermod -aG" in ended.out
    assert ended.status == 1


@pytest.mark.feature("selftest")
def test_selftest_with_a_wire_passes_and_reports(lab: Lab) -> None:
    """D17 to D27. What it cannot show here is what QEMU's GPIO lacks: pulls and edges."""
    setup = Setup(wires=((17, 27),))
    ended = lab.run(
        "cpcompat selftest --loop D17:D27 --i2c 1 --report report.json",
        setup,
        get=["report.json"],
    )
    report = json.loads(ended.files["report.json"])
    print(json.dumps(report, indent=1))
    failed = {check["name"] for check in report["checks"] if check["outcome"] == "failed"}
    assert all("edge" in name or "pull" in name for name in failed), failed
    assert report["board"] == "raspberry_pi_3b"


@pytest.mark.feature("installation")
def test_the_guest_is_what_it_is_said_to_be(lab: Lab) -> None:
    """Python 3.13, an arm64 kernel, and cpcompat from its wheel."""
    ended = lab.run(
        "python3 -V; uname -m; cpcompat --version; python3 -c 'import cpcompat; print(cpcompat.__file__)'",
        NORMAL,
    )
    python, machine, version, place = ended.out.splitlines()
    assert python.startswith("Python 3.13.")
    assert machine == "aarch64"
    assert version.startswith("cpcompat ")
    assert place == "/job/site/cpcompat/__init__.py"
