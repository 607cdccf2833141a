"""Makes docs/compatibility.md: the list of differences, and what the modules themselves say of Linux."""

from __future__ import annotations

import ast
import re
import textwrap
import tomllib
from pathlib import Path
from typing import Any

from cpcompat.vm.names import FACES

_HEAD = """# What differs from a board

Made by `make docs` from `docs/differences.toml` and from the modules' own documentation. What is not
named here is meant to be as CircuitPython 10.3.1 has it; the console's bytes are held against files in
`tests/vectors/console/`, and [parity.md](parity.md) counts names and parameters. Each row of the first
tables is shown by a test.
"""
_REMARK = "On Linux: "


def differences(root: Path) -> list[dict[str, Any]]:
    """Return the groups of `docs/differences.toml`."""
    groups: list[dict[str, Any]] = tomllib.loads(
        (root / "docs/differences.toml").read_text("utf-8")
    )["group"]
    return groups


def remarks(root: Path) -> list[tuple[str, str]]:
    """Return what the public modules say of Linux: the thing's full name, and the remark."""
    found = []
    for name in sorted(FACES):
        folder = root / "cpcompat" / name
        for path in sorted(folder.glob("*.py")):
            for thing, text in _documented(ast.parse(path.read_text("utf-8")), name):
                paragraph = text.partition(_REMARK)[2].partition("\n\n")[0]
                if paragraph:
                    found.append((thing, " ".join(textwrap.dedent(paragraph).split())))
    return found


def _documented(tree: ast.Module, module: str) -> list[tuple[str, str]]:
    """Return name and docstring of a module and of the public things in it."""
    rows = [(module, ast.get_docstring(tree) or "")]

    def visit(body: list[ast.stmt], path: str) -> None:
        for node in body:
            if isinstance(node, ast.ClassDef | ast.FunctionDef) and not node.name.startswith("_"):
                rows.append((f"{path}.{node.name}", ast.get_docstring(node) or ""))
                if isinstance(node, ast.ClassDef):
                    visit(node.body, f"{path}.{node.name}")

    visit(tree.body, module)
    return rows


def make(root: Path) -> str:
    """Return the page."""
    text = _HEAD
    for group in differences(root):
        text += f"\n## {group['name']}\n\n| what | on a board | here |\n|---|---|---|\n"
        for row in group["differs"]:
            text += f"| {row['what']} | {row['upstream']} | {row['here']} |\n"
    text += "\n## What the modules say\n\n| | on Linux |\n|---|---|\n"
    for thing, remark in remarks(root):
        plain = re.sub(r"``([^`]*)``", r"`\1`", remark)
        text += f"| `{thing}` | {plain.replace('|', chr(92) + '|')} |\n"
    return text
