"""``cpcompat doctor`` tells what works here."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from cpcompat.board import detect
from cpcompat.cli import doctor, main
from cpcompat.errors import UnknownBoardError
from cpcompat.hal.finding import Finding
from tests.running import cpcompat

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.feature("doctor")

FINDINGS = [
    Finding("ok", "GPIO", "28 pins"),
    Finding("off", "I2C 1", "switched off", ("sudo raspi-config nonint do_i2c 0", "sudo reboot")),
    Finding("note", "UART 0", "a console is on it"),
]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Finding]:
    """What the board's backend is going to find."""
    monkeypatch.chdir(tmp_path)
    found = list(FINDINGS)
    monkeypatch.setattr(doctor, "backend_findings", lambda backend, board: found)
    return found


def test_a_computer_without_a_board_is_told_the_truth(tmp_path: Path) -> None:
    """Nothing is broken, and no real pin is touched."""
    ran = cpcompat("doctor", cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert "on Simulated board (sim)" in ran.stdout
    assert "no board is detected here, and no real pin is touched" in ran.stdout
    assert "\x1b" not in ran.stdout, "colours are for terminals"


def test_cures_are_below_what_they_cure(
    told: list[Finding], capsys: pytest.CaptureFixture[str]
) -> None:
    """Each on a line of its own, to be copied."""
    assert main(["doctor", "--board", "sim"]) == 0
    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    at = next(number for number, line in enumerate(lines) if line.startswith("– I2C 1"))
    assert lines[at].split(maxsplit=3)[3] == "switched off"
    assert lines[at + 1 : at + 3] == ["sudo raspi-config nonint do_i2c 0", "sudo reboot"]
    assert lines[-1].startswith("All well. What is switched off")


def test_what_is_broken_makes_the_exit_status_1(
    told: list[Finding], capsys: pytest.CaptureFixture[str]
) -> None:
    """And is counted."""
    told.append(Finding("broken", "SPI 0", "no right to use it"))
    assert main(["doctor", "--board", "sim"]) == 1
    assert capsys.readouterr().out.endswith("1 thing is broken (✘).\n")
    told.append(Finding("broken", "SPI 1", "no right to use it"))
    assert main(["doctor", "--board", "sim"]) == 1
    assert capsys.readouterr().out.endswith("2 things are broken (✘).\n")


def test_as_json_it_says_the_same(told: list[Finding], capsys: pytest.CaptureFixture[str]) -> None:
    """One object, with every finding in it."""
    assert main(["doctor", "--board", "sim", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["board"], said["backend"]) == ("sim", "sim")
    assert {"cpcompat", "kernel", "machine", "python"} <= said.keys()
    by_topic = {finding["topic"]: finding for finding in said["findings"]}
    assert by_topic["I2C 1"] == {
        "level": "off",
        "topic": "I2C 1",
        "said": "switched off",
        "cure": ["sudo raspi-config nonint do_i2c 0", "sudo reboot"],
    }


def test_a_board_that_nobody_describes_is_broken_with_the_way_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The rest of the report still comes."""

    def unknown() -> str:
        raise UnknownBoardError("found the board 'acme,rocket'", "Describe it.")

    monkeypatch.setattr(detect, "detect", unknown)
    assert main(["doctor"]) == 1
    said = capsys.readouterr().out
    assert "on no known board" in said
    assert "found the board 'acme,rocket'" in said
    assert "Describe it." in said
    assert "names" in said


def test_how_the_board_was_found_is_said(
    monkeypatch: pytest.MonkeyPatch, told: list[Finding], capsys: pytest.CaptureFixture[str]
) -> None:
    """By the device tree, by the option, by the environment."""
    monkeypatch.delenv("CPCOMPAT_BOARD", raising=False)
    main(["doctor", "--board", "raspberry_pi_5"])
    assert "as chosen by --board" in capsys.readouterr().out
    monkeypatch.setenv("CPCOMPAT_BOARD", "raspberry_pi_5")
    main(["doctor"])
    assert "as chosen by CPCOMPAT_BOARD" in capsys.readouterr().out
    monkeypatch.delenv("CPCOMPAT_BOARD")
    monkeypatch.setattr(detect, "detect", lambda: "raspberry_pi_5")
    main(["doctor"])
    assert "found by the device tree" in capsys.readouterr().out
