"""The ports' contracts hold in the emulated Raspberry Pi, on a real kernel's drivers."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest

from tests.contract import matrix
from tests.lab.machine import NORMAL, Setup

if TYPE_CHECKING:
    from tests.lab.fixtures import Lab

pytestmark = [pytest.mark.emulated, pytest.mark.slow]

WAYS = [way for way in matrix.WAYS if way.module.startswith("guest_")]
FEATURES = {
    "Gpio": "digitalio",
    "Edges": "digitalio",
    "Pwm": "pwmio",
    "HardwareWatchdog": "hardware watchdog",
}
SETUPS = {"guest_header": Setup(wires=((20, 21),), echo=True), "guest_gpio_sim": NORMAL}


def shown() -> list[object]:
    """Return each way with each contract that it shows, marked with the feature."""
    cases: list[object] = []
    for way in WAYS:
        for contract in matrix.contracts():
            if (way.words, contract) not in matrix.MISSING:
                name = contract.removesuffix("Contract")
                mark = pytest.mark.feature(FEATURES.get(name, "busio"))
                cases.append(pytest.param(way, contract, marks=mark, id=f"{way.module}-{name}"))
    return cases


@pytest.fixture(scope="module")
def reports(lab: Lab) -> dict[str, dict[tuple[str, str], str]]:
    """Run the guest's modules; by module: class and test, and how it came out or why it was left out."""
    return {way.module: _run(lab, way.module) for way in WAYS}


def _run(lab: Lab, module: str) -> dict[tuple[str, str], str]:
    ended = lab.run(
        f"python3 -P -m pytest -q -p no:cacheprovider --import-mode=importlib "
        f"--rootdir=/job --junitxml=/job/report.xml tests/contract/{module}.py",
        SETUPS[module],
        get=["report.xml"],
    )
    assert "report.xml" in ended.files, ended.out + ended.err
    found: dict[tuple[str, str], str] = {}
    for case in ElementTree.fromstring(ended.files["report.xml"]).iter("testcase"):
        key = case.get("classname", "").rpartition(".")[2], case.get("name", "").partition("[")[0]
        outcome = _outcome(case)
        if found.get(key, "passed") == "passed":
            found[key] = outcome
    return found


def _outcome(case: ElementTree.Element) -> str:
    for kind in ("failure", "error"):
        if (trouble := case.find(kind)) is not None:
            return f"{kind}: {trouble.text}"
    left_out = case.find("skipped")
    return "passed" if left_out is None else str(left_out.get("message"))


@pytest.mark.parametrize(("way", "contract"), shown())
def test_a_contract_holds(
    reports: dict[str, dict[tuple[str, str], str]], way: matrix.Way, contract: str
) -> None:
    """Every test of it passed, but for those that the matrix names with their reasons."""
    report = reports[way.module]
    for test in matrix.tests_of(contract):
        outcome = report.get((str(matrix.cell(way, contract)), test), "did not run")
        assert outcome == matrix.ABSENT.get((way.words, test), "passed"), f"{test}: {outcome}"
