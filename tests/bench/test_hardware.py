"""The benchmark of hardware calls measures what it says, with everybody who can do it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bench import edges, hardware
from bench.contestants import CONTESTANTS, OPERATIONS
from tests.shim.world import World

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.feature("peers"), pytest.mark.shim]


def test_everybody_does_every_operation_of_theirs(
    kernel_shim: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nobody is faster than the loop in C, nor we slower than Blinka."""
    monkeypatch.setattr(hardware, "ROUNDS", 3)
    monkeypatch.setattr(hardware, "ROUND_NS", 200_000)
    measured = hardware.calls(tmp_path)
    assert list(measured) == list(OPERATIONS)
    for operation, taken in measured.items():
        able = {c.name for c in CONTESTANTS if operation.key in c.steps}
        assert set(taken) == able | {hardware.FLOOR}
        assert min(took.times_floor for took in taken.values()) == 1
        assert taken["cpcompat"].times_floor < taken["Blinka"].times_floor


def test_no_edge_is_lost(
    kernel_shim: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By us; Blinka's polling does not see them all."""
    monkeypatch.setattr(edges, "SECONDS", 1)
    with World(tmp_path / "world", enter=True, log=False) as world:
        ours = edges.count(world, edges._WAYS["cpcompat"], 5_000)
        polled = edges.count(world, edges._WAYS["Blinka, polling"], 20_000)
    assert ours.seen == ours.made == 5_000
    assert polled.seen < polled.made == 20_000
