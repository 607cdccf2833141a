"""Scores the faces against circuitpython-stubs; ``make docs`` writes docs/parity.md with it.

A name is a module, a class, a method, an attribute or a member of an enum-like class; what begins
with an underscore counts only where it is a protocol (``__enter__``). A parameter counts when it
has the same name, kind, order and default. A function that only raises NotImplementedError is
not provided, nor is an attribute that is None because nothing is there. A name counts as tested
when a test calls it; `called` runs the faces' tests and sees which they are (`tools.calls`).
"""

from __future__ import annotations

import ast
import functools
import importlib
import importlib.metadata
import inspect
import json
import re
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

REQUIRED = (
    *("board", "digitalio", "busio", "analogio", "pwmio", "storage", "rtc"),
    *("microcontroller", "nvm", "countio", "keypad", "neopixel_write", "pulseio", "rotaryio"),
)
OTHERS = ("alarm", "micropython", "rainbowio", "supervisor", "watchdog")
TESTS = (
    *("alarm", "analogio", "board", "busio", "digitalio", "microcontroller", "nvm", "pwmio", "rtc"),
    *("countio", "keypad", "neopixel_write", "pulseio", "rotaryio"),
    *("storage", "supervisor", "watchdog"),
)
"""The folders in ``tests/`` that test faces."""

_ROOT = Path(__file__).parent.parent
_SKIPPED = ("__init__",)


class Score(NamedTuple):
    """What a module has of its stub.

    Attributes:
        names: How many names the stub has.
        parameters: How many parameters the stub has.
        missing: The names and parameters that the face does not have, or has otherwise.
        found: The names that it has.
    """

    names: int
    parameters: int
    missing: list[str]
    found: list[str]


def stub(module: str) -> ast.Module:
    """Return the installed stub of a module."""
    folder = Path(sysconfig.get_path("purelib"), f"{module}-stubs")
    text = (folder / "__init__.pyi").read_text("utf-8")
    return ast.parse(re.sub(r"^(\s*def \w+)\[\w+\]", r"\1", text, flags=re.M))  # Python 3.12's


def score(module: str) -> Score:
    """Compare a face with its stub."""
    face = importlib.import_module(f"cpcompat.{module}")
    found: list[str] = [module]
    missing: list[str] = []
    parameters = [0]

    def visit(body: list[ast.stmt], owner: Any, path: str) -> None:
        for node in body:
            name = _name(node)
            if name is None:
                continue
            full = f"{path}.{name}"
            declared = f"{full} (declared)" if _declared(owner, name) else None
            there = inspect.getattr_static(owner, name, declared)
            if isinstance(node, ast.FunctionDef):
                parameters[0] += len(_stub_parameters(node, path != module))
            if name not in _SKIPPED:
                (missing if _absent(there, full) else found).append(full)
            if there is None:
                if isinstance(node, ast.FunctionDef):
                    wanted = _stub_parameters(node, path != module)
                    missing.extend(f"{full} parameter {row[0]}" for row in wanted)
                continue
            if isinstance(node, ast.FunctionDef):
                missing.extend(_differences(node, there, full, path != module))
            elif isinstance(node, ast.ClassDef):
                visit(node.body, there, full)

    visit(stub(module).body, face, module)
    return Score(len(found) + sum(" " not in m for m in missing), parameters[0], missing, found)


def _name(node: ast.stmt) -> str | None:
    """Return the name that a statement of a stub declares, if it counts."""
    if isinstance(node, ast.ClassDef):
        typing_only = any(ast.unparse(base) == "Protocol" for base in node.bases)
        return None if typing_only else node.name
    if isinstance(node, ast.FunctionDef):
        protocol = node.name.startswith("__")
        return None if node.name.startswith("_") and not protocol else node.name
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return node.target.id
    return None


def _declared(owner: Any, name: str) -> bool:
    """Tell whether a module gives that name by its ``__getattr__``."""
    return inspect.ismodule(owner) and name in getattr(owner, "__annotations__", {})


def _absent(there: Any, full: str) -> bool:
    if there is None:
        return True
    if not inspect.isfunction(there):
        return False
    body = ast.parse(inspect.cleandoc("\n" + inspect.getsource(there))).body[0]
    assert isinstance(body, ast.FunctionDef)
    real = [
        s for s in body.body if not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))
    ]
    return (
        len(real) == 1
        and isinstance(real[0], ast.Raise)
        and "NotImplemented" in ast.unparse(real[0])
    )


def _stub_parameters(node: ast.FunctionDef, method: bool) -> list[tuple[str, str, object]]:
    """Return name, kind and default (evaluated) of each parameter but self."""
    required = inspect.Parameter.empty
    spots = [*node.args.posonlyargs, *node.args.args]
    defaults = [required] * (len(spots) - len(node.args.defaults))
    values = [*defaults, *(_value(default) for default in node.args.defaults)]
    static = any(ast.unparse(d) == "staticmethod" for d in node.decorator_list)
    rows = [(a.arg, "any", value) for a, value in zip(spots, values, strict=True)]
    rows = rows[1:] if method and not static else rows
    for a, default in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True):
        rows.append((a.arg, "keyword", required if default is None else _value(default)))
    return rows


def _value(node: ast.expr) -> object:
    try:
        return ast.literal_eval(node)
    except ValueError:
        text = ast.unparse(node)
        return {"sys.maxsize": sys.maxsize, "1 << 15": 1 << 15}.get(text, text)


def _differences(node: ast.FunctionDef, there: Any, full: str, method: bool) -> list[str]:
    """Return the stub's parameters that the face's callable does not take in the same way."""
    wanted = _stub_parameters(node, method)
    if not wanted or not callable(there):
        return [] if not wanted else [f"{full} parameter {name}" for name, _, _ in wanted]
    has = [p for p in inspect.signature(there).parameters.values() if p.name != "self"]
    rows = [
        (p.name, "keyword" if p.kind is p.KEYWORD_ONLY else "any", p.default)
        for p in has
        if p.kind in (p.KEYWORD_ONLY, p.POSITIONAL_OR_KEYWORD)
    ]
    wrong = []
    for at, (name, kind, default) in enumerate(wanted):
        row = rows[at] if at < len(rows) else ("", "", None)
        # A member of an enum-like class shows its module, which the stub's text leaves out.
        named = isinstance(default, str) and repr(row[2]).endswith(f".{default}")
        same = default == row[2] or named
        if row[:2] != (name, kind) or not same:
            wrong.append(f"{full} parameter {name}")
    return wrong


def names() -> set[str]:
    """Return every name that the faces have."""
    return {name for module in (*REQUIRED, *OTHERS) for name in score(module).found}


def called() -> frozenset[str]:
    """Return the names that the faces' tests call; they run once, in a process of their own.

    Raises:
        RuntimeError: They did not pass.
    """
    status, output, found = _recorded(TESTS)
    if status != 0:
        raise RuntimeError(f"the tests of the faces do not pass:\n{output[-3000:]}")
    return found


@functools.cache
def _recorded(folders: tuple[str, ...]) -> tuple[int, str, frozenset[str]]:
    """Run tests with the recorder; return the exit status, the output and the names."""
    with tempfile.TemporaryDirectory(prefix="parity-") as folder:
        file = Path(folder, "called.json")
        command = [sys.executable, "-P", "-m", "pytest", "-q", "-p", "no:cacheprovider"]
        done = subprocess.run(
            [*command, f"--record-calls={file}", *(f"tests/{name}" for name in folders)],
            cwd=_ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        found = json.loads(file.read_text("utf-8")) if file.exists() else []
        return done.returncode, done.stdout, frozenset(found)


_HEAD = """# What there is of CircuitPython's modules

Made by `make docs`: measured against circuitpython-stubs {version}. What counts is said at the top of
`tools/parity.py`. «Called» are the names that the faces' own tests really call, as seen while they run;
`tests/test_parity.py` fails when one of the first {count} modules lacks a name or a test of it.

| module | names | called | parameters | not provided | not called |
|---|---:|---:|---:|---|---|
"""
_TAIL = """
What raises `NotImplementedError` does so as upstream's boards without that part do.

Other tools that read the sources without importing them find the modules with `cpcompat/` as their root:
in it `digitalio/__init__.py` is the module `digitalio`. What a module takes from its own folder it imports
relatively, so that such a tool can follow it there.
"""


def make(root: Path) -> str:
    """Return docs/parity.md."""
    text = _HEAD.format(
        version=importlib.metadata.version("circuitpython-stubs"), count=len(REQUIRED)
    )
    for module in (*REQUIRED, *OTHERS):
        result = score(module)
        absent = [m.removeprefix(module + ".") for m in result.missing if " " not in m]
        wrong = sum(" " in m for m in result.missing)
        silent = [n.removeprefix(module + ".") for n in result.found if n not in called()]
        text += (
            f"| {module} | {len(result.found)} of {result.names} "
            f"| {len(result.found) - len(silent)} | {result.parameters - wrong} of "
            f"{result.parameters} | {', '.join(absent)} | {', '.join(silent)} |\n"
        )
    return text + _TAIL
