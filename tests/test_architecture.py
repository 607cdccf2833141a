"""The tree keeps the rules of docs/architecture.md; and the rules notice what breaks them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tools import architecture

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parent.parent
FILES = sorted(
    path.relative_to(ROOT).as_posix()
    for path in (ROOT / "cpcompat").rglob("*.py")
    if path.name != "_table.py"
)

pytestmark = pytest.mark.feature("developer's house")


@pytest.mark.parametrize("rule", architecture.RULES, ids=lambda rule: rule.__name__)
def test_the_tree_keeps_the_rule(rule: Callable[[str, str], list[str]]) -> None:
    """Each rule, over every file of the package."""
    found = [line for path in FILES for line in rule(path, (ROOT / path).read_text("utf-8"))]
    assert not found, "\n" + "\n".join(found)


def test_the_rules_see_the_whole_package() -> None:
    """An empty list of files would let everything pass."""
    assert len(FILES) > 20
    assert {"cpcompat/hal/pin.py", "cpcompat/board/definition.py"} <= set(FILES)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("cpcompat/busio/i2c.py", "from cpcompat.backends.sim import circuit"),
        ("cpcompat/busio/i2c.py", "from cpcompat import backends"),
        ("cpcompat/busio/i2c.py", "def f():\n    import cpcompat.vm.names"),
        ("cpcompat/backends/sim/backend.py", "from cpcompat.digitalio import DigitalInOut"),
        ("cpcompat/backends/sim/backend.py", "from ...digitalio import DigitalInOut"),
        ("cpcompat/hal/gpio.py", "from cpcompat.backends.sim.backend import SimBackend"),
        ("cpcompat/hal/gpio.py", "from cpcompat.board.definition import I2cPins"),
        ("cpcompat/hal/gpio.py", "from cpcompat.board.detect import connect"),
        ("cpcompat/vm/report.py", "from cpcompat.supervisor.process import loop"),
        ("cpcompat/supervisor/process/loop.py", "from cpcompat.vm import report"),
        ("cpcompat/supervisor/__init__.py", "from cpcompat.supervisor.process import loop"),
        ("cpcompat/storage/drive/writes.py", "from cpcompat.supervisor.process import loop"),
        ("cpcompat/errors.py", "from cpcompat.hal import Pin"),
    ],
)
def test_a_forbidden_import_is_noticed(path: str, text: str) -> None:
    """Each crossing of the dependency rule, planted."""
    assert architecture.import_violations(path, text)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("cpcompat/busio/i2c.py", "from cpcompat.hal.i2c import I2cBus"),
        ("cpcompat/board/__init__.py", "from cpcompat.board.definition import BoardDefinition"),
        ("cpcompat/hal/__init__.py", "def f():\n    from cpcompat.board.detect import connect"),
        (
            "cpcompat/hal/gpio.py",
            "if TYPE_CHECKING:\n    from cpcompat.board.definition import I2cPins",
        ),
        ("cpcompat/backends/sim/backend.py", "from .circuit import Circuit"),
        ("cpcompat/supervisor/process/loop.py", "from cpcompat import protocol"),
        ("cpcompat/vm/__main__.py", "from cpcompat.protocol import Message"),
        ("cpcompat/cli/run.py", "from cpcompat.supervisor.process.loop import Supervisor"),
    ],
)
def test_a_permitted_import_passes(path: str, text: str) -> None:
    """The ways that the design foresees."""
    assert architecture.import_violations(path, text) == []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("cpcompat/busio/i2c.py", "import os"),
        ("cpcompat/hal/pin.py", "from pathlib import Path"),
        ("cpcompat/supervisor/process/machine.py", "import socket"),
        ("cpcompat/supervisor/process/machine.py", "import os.path"),
        ("cpcompat/board/definition.py", "def f():\n    return open('x')"),
        ("cpcompat/microcontroller/__init__.py", "def f():\n    import subprocess"),
    ],
)
def test_touching_the_os_in_the_wrong_place_is_noticed(path: str, text: str) -> None:
    """What decides gets no file, process or socket."""
    assert architecture.os_violations(path, text)


@pytest.mark.parametrize(
    "path",
    [
        "cpcompat/backends/sim/process.py",
        "cpcompat/supervisor/process/loop.py",
        "cpcompat/storage/drive/writes.py",
        "cpcompat/board/detect.py",
        "cpcompat/vm/names.py",
        "cpcompat/cli/new.py",
    ],
)
def test_what_does_may_touch_the_os(path: str) -> None:
    """The layers whose work is with the OS."""
    assert architecture.os_violations(path, "import os, socket\nopen('x')") == []


@pytest.mark.parametrize(
    ("rule", "path", "text"),
    [
        (architecture.printing_violations, "cpcompat/vm/report.py", "print('x')"),
        (architecture.printing_violations, "cpcompat/hal/pin.py", "import sys\nsys.exit(1)"),
        (architecture.printing_violations, "cpcompat/hal/pin.py", "raise SystemExit(1)"),
        (architecture.size_violations, "cpcompat/hal/utils.py", ""),
        (architecture.size_violations, "cpcompat/hal/pin.py", "\n" * 301),
        (architecture.size_violations, "cpcompat/hal/pin.py", "def f():\n" + "    x = 1\n" * 51),
        (
            architecture.handler_violations,
            "cpcompat/hal/pin.py",
            "try:\n    x = 1\nexcept:\n    pass",
        ),
        (architecture.docstring_violations, "cpcompat/hal/pin.py", "x = 1"),
        (architecture.docstring_violations, "cpcompat/hal/pin.py", '"""M."""\ndef f(): ...'),
        (
            architecture.docstring_violations,
            "cpcompat/hal/pin.py",
            '"""M."""\nclass A:\n    """A."""\n    def f(self): ...',
        ),
    ],
)
def test_a_broken_rule_is_noticed(
    rule: Callable[[str, str], list[str]], path: str, text: str
) -> None:
    """Printing, length, names, bare excepts and missing docstrings, planted."""
    assert rule(path, text)


def test_a_docstring_does_not_count_as_length() -> None:
    """Saying more is never punished."""
    text = 'def f():\n    """A.\n' + "    b\n" * 60 + '    """\n'
    assert architecture.size_violations("cpcompat/hal/pin.py", text) == []
