"""The self-test of a Raspberry Pi, against the kernel shim."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from cpcompat.backends.linux import gpio_uapi
from tests.running import cpcompat

if TYPE_CHECKING:
    from pathlib import Path

    from tests.shim.world import World

pytestmark = [pytest.mark.feature("selftest"), pytest.mark.shim]


def tried(folder: Path, *arguments: str) -> dict[str, dict[str, str]]:
    """Run the self-test; return what its report says of each check, by name."""
    cpcompat("selftest", "--report", "r.json", *arguments, cwd=folder)
    written = json.loads((folder / "r.json").read_text("utf-8"))
    assert written["board"] == "raspberry_pi_4b"
    assert written["model"] == "Raspberry Pi 4 Model B Rev 1.4"
    return {check["name"]: check for check in written["checks"]}


def outcomes(found: dict[str, dict[str, str]], topic: str) -> set[str]:
    """Return how the checks of a topic came out."""
    return {check["outcome"] for check in found.values() if check["topic"] == topic}


def test_two_wired_lines_of_the_kernel_pass(world: World, tmp_path: Path) -> None:
    """Levels, pulls, open drain and edges; afterwards no line is driven or held."""
    world.wire("GPIO17", "GPIO27")
    found = tried(tmp_path, "--loop", "D17:D27")
    assert outcomes(found, "lines") == {"passed"}, found
    assert outcomes(found, "edges") == {"passed"}, found
    assert world.driven() == []
    assert world.opened("request") == 0


def test_lines_that_are_not_wired_are_never_driven(world: World, tmp_path: Path) -> None:
    """No request of an output is made."""
    start = world.mark()
    found = tried(tmp_path, "--loop", "D17:D27")
    assert found["an output drives the wire"]["outcome"] == "skipped"
    requests = [call for call in world.calls(start) if call.op in ("get_line", "set_config")]
    assert requests
    assert not [call for call in requests if call.a & gpio_uapi.OUTPUT]


def test_a_line_that_the_kernel_holds_is_named(world: World, tmp_path: Path) -> None:
    """With its holder."""
    world.set_line("GPIO17", "GPIO17", consumer="onewire@11")
    found = tried(tmp_path, "--loop", "D17:D27")
    check = found["the two pins are wired together and follow their pulls"]
    assert check["outcome"] == "failed"
    assert "onewire@11" in check["said"]
