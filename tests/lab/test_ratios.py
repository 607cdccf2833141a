"""What an operation costs over the bare call of the kernel may only fall."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.lab import ratios
from tests.running import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.lab.fixtures import Lab

pytestmark = pytest.mark.feature("cost")


@pytest.mark.emulated
@pytest.mark.slow
def test_no_operation_has_become_dearer(lab: Lab) -> None:
    """Counted in instructions, kernel's and ours, so that it repeats on every computer."""
    ended = lab.run("python3 -m cpcompat tests/lab/programs/measure.py")
    assert ended.status == 0, ended.err
    (ROOT / "build").mkdir(exist_ok=True)
    (ROOT / "build" / "ratios.json").write_text(ended.out)
    measured = {name: row[1] for name, row in json.loads(ended.out).items()}
    assert measured.keys() == ratios.read().keys()
    assert ratios.too_dear(measured, ratios.read()) == []


def test_the_gate_lets_through_its_margin_and_no_more() -> None:
    """5 %; and what it does not know, not at all."""
    gate = {"pin set": 2.0}
    assert ratios.too_dear({"pin set": 2.09}, gate) == []
    assert len(ratios.too_dear({"pin set": 2.11}, gate)) == 1
    assert len(ratios.too_dear({"pin get": 1.0}, gate)) == 1


def test_the_gate_is_only_ever_lowered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A ratio within the margin does not raise it; one above changes nothing."""
    monkeypatch.setattr(ratios, "FILE", tmp_path / "ratios.toml")
    ratios.write({"a": 2.0, "b": 3.0})
    report = tmp_path / "report.json"
    report.write_text(json.dumps({"a": [100, 2.05], "b": [100, 2.5], "c": [100, 7.0]}))
    assert ratios.main([str(report)]) == 0
    assert ratios.read() == {"a": 2.0, "b": 2.5, "c": 7.0}
    report.write_text(json.dumps({"a": [100, 3.0], "b": [100, 1.0]}))
    assert ratios.main([str(report)]) == 1
    assert ratios.read() == {"a": 2.0, "b": 2.5, "c": 7.0}
