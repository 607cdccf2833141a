"""Makes docs/status.md from the marks of the tests: what was seen working, and on what."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pytest

ROOT = Path(__file__).parent.parent
LEVELS = ("board", "emulated", "shim", "simulated")
HEADINGS = (
    "on a board",
    "in the emulated Pi",
    "against the kernel shim",
    "simulated",
    "not seen",
)
INTRODUCTION = """\
# Status

What has been seen working, and on what. This page is made by `make docs` from the marks of the tests;
a test fails when it is out of date. A tick says that tests of that level exist for the feature; they
all pass, or the change is not accepted. **No real board has been used yet.**

- *on a board*: a real board, with real parts.
- *in the emulated Pi*: a real kernel with a Raspberry Pi's drivers, in an emulator.
- *against the kernel shim*: the real backend's system calls, answered by a stand-in for the kernel.
- *simulated*: the simulated board, on any computer.
- *not seen*: no test shows it; most likely it does not exist yet.
"""


class Collector:
    """A pytest plugin that notes for each feature the levels at which tests show it."""

    def __init__(self) -> None:
        self.seen: dict[str, set[str]] = {}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """See pytest; a test without a level mark is one on the simulated board."""
        for item in items:
            levels = {level for level in LEVELS if item.get_closest_marker(level)}
            for mark in item.iter_markers("feature"):
                self.seen.setdefault(mark.args[0], set()).update(levels or {"simulated"})


def collect(root: Path) -> dict[str, list[str]]:
    """Return the levels of each feature that the tests of a tree have marks for.

    Raises:
        RuntimeError: The tests cannot be collected.
    """
    with tempfile.TemporaryDirectory() as folder:
        found = Path(folder, "seen.json")
        ran = subprocess.run(
            [sys.executable, "-P", __file__, "--collect", str(root), str(found)],
            cwd=root,
            capture_output=True,
            text=True,
            check=False,
        )
        if ran.returncode != 0 or not found.exists():
            raise RuntimeError(f"the tests cannot be collected:\n{ran.stdout}{ran.stderr}")
        return dict(json.loads(found.read_text("utf-8")))


def read_features(root: Path) -> list[dict[str, object]]:
    """Return the features that docs/features.toml lists."""
    return list(tomllib.loads((root / "docs" / "features.toml").read_text("utf-8"))["feature"])


def unlisted(features: Iterable[Mapping[str, object]], seen: Iterable[str]) -> set[str]:
    """Return the names in marks that are in no entry of the list: misspelt, or forgotten there."""
    return set(seen) - {str(feature["name"]) for feature in features}


def page(features: Iterable[Mapping[str, object]], seen: Mapping[str, Iterable[str]]) -> str:
    """Return the text of docs/status.md.

    Args:
        features: The list, as `read_features` returns it.
        seen: The levels at which each feature was seen, as `collect` returns them.
    """
    lines = [
        INTRODUCTION,
        "| feature | " + " | ".join(HEADINGS) + " |",
        "|---|" + ":-:|" * len(HEADINGS),
    ]
    for feature in features:
        levels = set(seen.get(str(feature["name"]), ()))
        cells = ["✔" if level in levels else "" for level in LEVELS]
        if not feature.get("hardware", True):
            cells = [cell or "·" for cell in cells[:3]] + cells[3:]
        cells.append("" if levels else "✘")
        lines.append(
            f"| **{feature['name']}**: {feature['about']} | "
            + " | ".join(cell or " " for cell in cells)
            + " |"
        )
    lines.append("\n«·»: nothing in it that a board could show otherwise than a computer does.")
    return "\n".join(lines) + "\n"


def make(root: Path) -> str:
    """Return what docs/status.md has to be for the tests of a tree."""
    return page(read_features(root), collect(root))


def main(arguments: list[str]) -> int:
    """Collect the marks of a tree's tests into a file: ``--collect ROOT FILE``."""
    import pytest

    _, root, found = arguments
    collector = Collector()
    status = pytest.main(
        ["--collect-only", "-q", "-p", "no:cacheprovider", f"--rootdir={root}", f"{root}/tests"],
        plugins=[collector],
    )
    seen = {name: sorted(levels) for name, levels in sorted(collector.seen.items())}
    Path(found).write_text(json.dumps(seen), "utf-8")
    return int(status)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
