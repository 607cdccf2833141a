"""Paths, headers and whole requests, driven by atheris towards code that no other has reached."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from cpcompat.workflows.files import beneath, paths
from tests.workflows.fuzz import doubles, targets

pytestmark = [pytest.mark.feature("web workflow"), pytest.mark.simulated]
RUNS = {"path": 20_000, "header": 20_000, "request": 2_000, "let in": 2_000}


@pytest.mark.parametrize("name", targets.TARGETS)
def test_what_fuzzing_begins_with_breaks_nothing(name: str) -> None:
    """On every computer, also without atheris."""
    for seed in targets.SEEDS[name]:
        targets.timed(targets.TARGETS[name])(seed)


@pytest.mark.skipif(find_spec("atheris") is None, reason="atheris has no wheel for this computer")
@pytest.mark.parametrize("name", RUNS)
def test_nothing_that_is_made_of_it_breaks_anything(name: str, tmp_path: Path) -> None:
    """As far as the coverage leads in so many runs."""
    script = Path(targets.__file__)
    options = [
        f"-runs={RUNS[name]}",
        "-seed=20261124",
        "-timeout=5",
        f"-artifact_prefix={tmp_path}/",
    ]
    done = subprocess.run(
        [sys.executable, "-P", str(script), name, *options],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    found = re.search(r"^Done ([0-9]+) runs", done.stderr, re.MULTILINE)
    assert found is not None
    assert int(found[1]) >= RUNS[name]


@pytest.mark.parametrize("name", ["path", "let in"])
def test_a_planted_way_out_is_found(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Dots that are looked for before the path is decoded."""
    monkeypatch.setattr(paths, "place", paths.place)
    monkeypatch.setattr(beneath, "RESOLVE", beneath.RESOLVE)
    doubles.BUGS["decoded dots"]()
    with pytest.raises(AssertionError):
        for seed in targets.SEEDS[name]:
            targets.TARGETS[name](seed)
