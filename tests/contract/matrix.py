"""Which test class shows each port's contract on each way to hardware; what is missing says why.

``python -P -c "from tests.contract import matrix; print(matrix.table())"`` prints it.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
BACKENDS = HERE.parent.parent / "cpcompat" / "backends"


class Way(NamedTuple):
    """One way to hardware that is tested.

    Attributes:
        backend: The backend's package.
        words: What it is.
        module: The tests' module, in this folder.
    """

    backend: str
    words: str
    module: str


WAYS = (
    Way("sim", "sim, in the process", "test_sim"),
    Way("sim", "sim, in its own process", "test_sim_process"),
    Way("sim", "sim, as a supervised program reaches it", "test_sim_separate"),
    Way("linux", "linux, on the kernel shim", "test_linux_shim"),
    Way("linux", "linux, through the broker", "test_linux_broker"),
)

MISSING: dict[tuple[str, str], str] = {}
"""Why a port is not shown, by the words of the way and the contract's name."""


def _classes(path: Path) -> dict[str, list[str]]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {
        node.name: [base.id for base in node.bases if isinstance(base, ast.Name)]
        for node in tree.body
        if isinstance(node, ast.ClassDef)
    }


def contracts() -> list[str]:
    """Return the names of the contracts in this folder, one for each port."""
    found = (_classes(path) for path in sorted(HERE.glob("*.py")) if path.stem[:5] != "test_")
    return [name for classes in found for name in classes if name.endswith("Contract")]


def backends() -> set[str]:
    """Return the names of the backends in the package."""
    return {path.parent.name for path in BACKENDS.glob("*/__init__.py")}


def cell(way: Way, contract: str) -> str | None:
    """Return the class that shows a contract, or the reason why none does, or None for a gap."""
    for name, bases in _classes(HERE / f"{way.module}.py").items():
        if contract in bases and name.startswith("Test"):
            return name
    reason = MISSING.get((way.words, contract))
    return None if reason is None else f"not shown: {reason}"


def table() -> str:
    """Return the whole table as text."""
    names = contracts()
    lines = [f"{'':28}{''.join(f'{name:20}' for name in names)}"]
    for way in WAYS:
        cells = "".join(f"{cell(way, name) or 'GAP':20}" for name in names)
        lines.append(f"{way.words:28}{cells}")
    return "\n".join(lines)
