"""What a program on a drive sees of files, time and the interpreter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import CodePyRuns, Write

pytestmark = [pytest.mark.feature("drive world"), pytest.mark.simulated]


@pytest.mark.parametrize(
    "place",
    [
        "print(open('/data.txt').read())",
        "def f():\n    return open('/data.txt').read()\nprint(f())",
        "class C:\n    x = [open('/data.txt').read() for _ in range(1)]\nprint(C.x[0])",
        "print({k: open(k).read() for k in ['/data.txt']}['/data.txt'])",
        "def g():\n    yield open('/data.txt').read()\nprint(next(g()))",
        "print((lambda: (lambda: open('data.txt').read())())())",
        "ns = {}\nexec(\"r = open('/data.txt').read()\", ns)\nprint(ns['r'])",
        "def f():\n    x = 1\n    exec(\"print(open('/data.txt').read())\")\nf()",
        "print(eval(\" open('/data.txt').read()\"))",
        "print(eval(compile(\"open('/data.txt').read()\", 'x', 'eval')))",
        "import io\nprint(io.open('/data.txt').read())",
        "import builtins\nassert builtins.open is open\nprint(builtins.open('/data.txt').read())",
        "import importlib\nprint(importlib.import_module('io').open('/data.txt').read())",
        "print(__import__('io').open('/data.txt').read())",
        "import threading\nt = threading.Thread(target=lambda: print(open('/data.txt').read()))\n"
        "t.start()\nt.join()",
        "import asyncio\nasync def main():\n    await asyncio.sleep(0)\n"
        "    print(open('/data.txt').read())\nasyncio.run(main())",
        "from functools import lru_cache\n@lru_cache\ndef f():\n"
        "    return open('/data.txt').read()\nprint(f())",
    ],
)
def test_open_means_the_drive_wherever_it_is_called(
    code_py_runs: CodePyRuns, write: Write, place: str
) -> None:
    """Every kind of code that can call `open` reaches the drive."""
    write("data.txt", "on the drive")
    assert code_py_runs(place).lines == ["on the drive"]
