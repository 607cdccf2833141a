"""The rules of the tree, as functions from a file's text to what is wrong with it.

Pure: they parse, and import nothing of the product. ``tests/test_architecture.py`` applies them.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

FUNCTION_LINES = 50
FILE_LINES = 300
NAMES_THAT_SAY_NOTHING = frozenset(
    {"utils", "util", "helpers", "helper", "common", "base", "misc", "manager"}
)
OS_MODULES = frozenset(
    {
        *("asyncio", "ctypes", "fcntl", "io", "mmap", "multiprocessing", "os", "pathlib", "posix"),
        *("pty", "resource", "select", "selectors", "shutil", "signal", "socket", "subprocess"),
        *("tempfile", "termios", "tty"),
    }
)
# Where the OS may be touched; everything else decides, and is handed what it needs.
OS_LAYERS = frozenset(
    {
        *("backend", "process", "drive", "vm", "detect", "workflows", "cli"),
        # The messages' link is a socket; scripts and tests have files.
        *("protocol", "main", "testing", "durable", "unix_socket"),
        # Open files are streams, which ``io`` makes.
        "fat",
    }
)
PURE_FILES = frozenset(
    {
        "cpcompat.backends.linux.cures",
        "cpcompat.backends.linux.diagnosis",
        "cpcompat.backends.linux.generic_board",
        "cpcompat.storage.drive.changes",
        "cpcompat.supervisor.process.boot_out",
        "cpcompat.supervisor.process.cooking",
        "cpcompat.supervisor.process.light_patterns",
        "cpcompat.supervisor.process.machine",
        "cpcompat.supervisor.process.memory",
        "cpcompat.supervisor.process.states",
        "cpcompat.workflows.mdns.announcement",
        "cpcompat.workflows.mdns.choice",
        "cpcompat.workflows.mdns.neighbours",
        "cpcompat.workflows.web.gate",
        "cpcompat.workflows.files.paths",
        "cpcompat.workflows.web.plan",
        "cpcompat.workflows.web.policy",
        "cpcompat.workflows.web.turning",
        "cpcompat.workflows.usb.choosing",
        "cpcompat.workflows.usb.merging",
        "cpcompat.workflows.usb.sharing",
    }
)

# Which layers each layer may import. What is not named may be imported by nobody but itself.
MAY_IMPORT: dict[str, frozenset[str]] = {
    "face": frozenset({"face", "hal", "errors", "definition", "settings", "fat"}),
    "fat": frozenset({"fat", "hal", "errors"}),
    "hal": frozenset({"hal", "errors"}),
    "definition": frozenset({"definition", "hal", "errors"}),
    "detect": frozenset({"detect", "definition", "hal", "errors", "table"}),
    "backend": frozenset({"backend", "hal", "errors", "definition", "protocol", "unix_socket"}),
    "vm": frozenset(
        {
            "vm",
            "face",
            "hal",
            "errors",
            "definition",
            "detect",
            "identity",
            "protocol",
            "settings",
            "durable",
        }
    ),
    "process": frozenset(
        {
            "process",
            "drive",
            "protocol",
            "errors",
            "hal",
            "definition",
            "identity",
            "settings",
            "durable",
            "unix_socket",
        }
    ),
    "drive": frozenset({"drive", "errors", "settings"}),
    "workflows": frozenset(
        {
            *("workflows", "process", "drive", "protocol", "errors", "settings"),
            *("definition", "durable", "fat", "hal", "identity"),
        }
    ),
    "testing": frozenset({"testing", "hal", "errors", "definition", "detect", "backend", "vm"}),
    "protocol": frozenset({"errors"}),
    "settings": frozenset({"errors"}),
    "durable": frozenset(),
    "unix_socket": frozenset(),
    "identity": frozenset(),
    "errors": frozenset(),
    "table": frozenset(),
    "root": frozenset({"vm"}),
    "main": frozenset({"cli", "vm", "errors"}),
    "cli": frozenset(
        {
            *("backend", "definition", "detect", "drive", "durable", "errors", "hal", "main"),
            *(
                "process",
                "protocol",
                "root",
                "settings",
                "testing",
                "unix_socket",
                "vm",
                "workflows",
            ),
        }
    ),
}
# (who, what): why. Each is looked at once more whenever this list grows.
EXCEPTIONS: dict[tuple[str, str], str] = {
    ("cpcompat.hal", "cpcompat.board.detect"): "machine() finds the board when first asked",
    (
        "cpcompat.backends.sim.process",
        "cpcompat.board.detect",
    ): "a process of its own has its board",
    (
        "cpcompat.backends.linux.broker_process",
        "cpcompat.board.detect",
    ): "a process of its own has its board",
    (
        "cpcompat.backends.linux.safing",
        "cpcompat.board.detect",
    ): "whoever makes the lines of the dead safe knows the board from their ledger alone",
}

_OWN_LAYER = {
    "cpcompat": "root",
    "cpcompat.__main__": "main",
    "cpcompat.board._table": "table",
    "cpcompat.board.definition": "definition",
    "cpcompat.board.detect": "detect",
    "cpcompat.board.files": "detect",
    "cpcompat.board.header": "definition",
    "cpcompat.board.inclusion": "definition",
    "cpcompat.board.matching": "definition",
    "cpcompat.durable": "durable",
    "cpcompat.errors": "errors",
    "cpcompat.identity": "identity",
    "cpcompat.protocol": "protocol",
    "cpcompat.settings": "settings",
    "cpcompat.unix_socket": "unix_socket",
}
_PACKAGES = (
    ("cpcompat.supervisor.process", "process"),
    ("cpcompat.storage.drive", "drive"),
    ("cpcompat.storage.fat", "fat"),
    ("cpcompat.backends", "backend"),
    ("cpcompat.cli", "cli"),
    ("cpcompat.hal", "hal"),
    ("cpcompat.testing", "testing"),
    ("cpcompat.vm", "vm"),
    ("cpcompat.workflows", "workflows"),
)


class Import(NamedTuple):
    """One import in a file.

    Attributes:
        module: The full name.
        line: Where it stands.
        for_types: It stands under ``if TYPE_CHECKING:``.
    """

    module: str
    line: int
    for_types: bool


def module_name(path: str) -> str:
    """Return the module that a file of the tree is: ``cpcompat/hal/pin.py`` → cpcompat.hal.pin."""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def layer(module: str) -> str:
    """Return the layer that a module belongs to; a package of no other layer is a face."""
    if module in _OWN_LAYER:
        return _OWN_LAYER[module]
    for package, name in _PACKAGES:
        if module == package or module.startswith(package + "."):
            return name
    return "face"


def imports(tree: ast.Module, module: str, is_package: bool) -> Iterator[Import]:
    """Yield every import of a file, at whatever depth, with relative ones made full."""
    types_only = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for statement in node.body
        for inner in ast.walk(statement)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, node.lineno, id(node) in types_only)
        elif isinstance(node, ast.ImportFrom):
            start = node.module or ""
            if node.level:
                parts = module.split(".")
                kept = parts[: len(parts) - node.level + is_package]
                start = ".".join([*kept, *filter(None, [start])])
            for alias in node.names:
                yield Import(f"{start}.{alias.name}", node.lineno, id(node) in types_only)


def _crosses(module: str, wanted: Import) -> str | None:
    """Return what is wrong with an import of our own, or None."""
    mine = layer(module)
    theirs = layer(wanted.module)
    # `from cpcompat.x import Name` may name a thing in the package: judge it by the package then.
    parent = wanted.module.rpartition(".")[0]
    if wanted.module not in _OWN_LAYER and theirs == "face" and parent in _OWN_LAYER:
        theirs = layer(parent)
    if theirs == mine or theirs in MAY_IMPORT[mine]:
        return None
    if mine == "hal" and theirs == "definition" and wanted.for_types:
        return None
    if any(
        module == who and (wanted.module + ".").startswith(what + ".") for who, what in EXCEPTIONS
    ):
        return None
    return f"{mine} imports {theirs}: {wanted.module}"


def import_violations(path: str, text: str) -> list[str]:
    """Hold the dependency rule: who may import whom."""
    module = module_name(path)
    found = imports(ast.parse(text), module, path.endswith("__init__.py"))
    own = [wanted for wanted in found if wanted.module.partition(".")[0] == "cpcompat"]
    verdicts = ((wanted, _crosses(module, wanted)) for wanted in own)
    return [f"{path}:{wanted.line}: {verdict}" for wanted, verdict in verdicts if verdict]


def os_violations(path: str, text: str) -> list[str]:
    """Hold that only the outer layers touch the operating system."""
    module = module_name(path)
    if layer(module) in OS_LAYERS and module not in PURE_FILES:
        return []
    tree = ast.parse(text)
    found = [
        f"{path}:{wanted.line}: {layer(module)} touches the OS: imports {wanted.module}"
        for wanted in imports(tree, module, path.endswith("__init__.py"))
        if wanted.module.partition(".")[0] in OS_MODULES and not wanted.for_types
    ]
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    found += [
        f"{path}:{node.lineno}: {layer(module)} touches the OS: open()"
        for node in calls
        if isinstance(node.func, ast.Name) and node.func.id == "open"
    ]
    return found


def printing_violations(path: str, text: str) -> list[str]:
    """Hold that only the command line prints or exits."""
    if layer(module_name(path)) in {"cli", "main"}:
        return []
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"print", "sys.exit", "exit"}:
            found.append(f"{path}:{node.lineno}: only cli may call {ast.unparse(node.func)}")
        if isinstance(node, ast.Raise) and node.exc and "SystemExit" in ast.unparse(node.exc):
            found.append(f"{path}:{node.lineno}: only cli may raise SystemExit")
    return found


def size_violations(path: str, text: str) -> list[str]:
    """Hold the length of files and functions (docstrings not counted), and telling names."""
    found = []
    if path.rpartition("/")[2].removesuffix(".py") in NAMES_THAT_SAY_NOTHING:
        found.append(f"{path}: a name that says nothing")
    if text.count("\n") > FILE_LINES:
        found.append(f"{path}: {text.count(chr(10))} lines, the limit is {FILE_LINES}")
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            told = ast.get_docstring(node, clean=False)
            size = (node.end_lineno or 0) - node.lineno + 1 - (told.count("\n") + 1 if told else 0)
            if size > FUNCTION_LINES:
                found.append(
                    f"{path}:{node.lineno}: {node.name} has {size} lines, stop is {FUNCTION_LINES}"
                )
    return found


def handler_violations(path: str, text: str) -> list[str]:
    """Hold that every ``except`` names what it expects."""
    return [
        f"{path}:{node.lineno}: bare except"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.ExceptHandler) and node.type is None
    ]


def docstring_violations(path: str, text: str) -> list[str]:
    """Hold that every public thing says what it is."""
    tree = ast.parse(text)
    found = [] if ast.get_docstring(tree) else [f"{path}: no docstring"]
    return found + [f"{path}:{line}: no docstring: {name}" for line, name in _silent(tree.body, "")]


def _silent(body: list[ast.stmt], within: str) -> Iterator[tuple[int, str]]:
    """Yield public classes and functions without a docstring; an overload or setter needs none."""
    for node in body:
        if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if node.name.startswith("_"):
            continue
        marks = " ".join(ast.unparse(mark) for mark in node.decorator_list)
        if not ast.get_docstring(node) and "overload" not in marks and ".setter" not in marks:
            yield node.lineno, within + node.name
        if isinstance(node, ast.ClassDef):
            yield from _silent(node.body, f"{node.name}.")


RULES = (
    import_violations,
    os_violations,
    printing_violations,
    size_violations,
    handler_violations,
    docstring_violations,
)
