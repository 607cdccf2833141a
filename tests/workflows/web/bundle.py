"""A bundle of libraries for circup, as it keeps them once it has downloaded some."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

TAG = "20260101"
BYTECODE = b"C\x06\x00\x1f\x03"
"""How a compiled file of releases 9 and 10 begins."""
PACKAGE, SINGLE = "cptest_bar", "cptest_foo"


def source(version: str) -> str:
    """Return a library of a version."""
    return f'__version__ = "{version}"\n__repo__ = "https://example.org/library.git"\n'


def make(home: Path, version: str) -> None:
    """Make a bundle with a package that needs a module, each as source and compiled.

    Args:
        home: The home folder for which circup has downloaded it.
        version: The version of both libraries.
    """
    data = home / ".local" / "share" / "circup"
    data.mkdir(parents=True, exist_ok=True)
    (data / "bundle_config.json").write_text(json.dumps({"t": "cpcompat/Test_Bundle"}))
    (data / "circup.json").write_text(json.dumps({"cpcompat/Test_Bundle": [TAG]}))
    compiled = BYTECODE + version.encode() + b"\0"
    kinds = (("py", "py", "py", source(version).encode()), ("10mpy", "10.x-mpy", "mpy", compiled))
    for platform, name, suffix, content in kinds:
        top = data / "cpcompat" / f"test-bundle-{platform}" / f"test-bundle-{name}-{TAG}"
        (top / "lib" / PACKAGE).mkdir(parents=True, exist_ok=True)
        (top / "lib" / PACKAGE / f"__init__.{suffix}").write_bytes(content)
        (top / "lib" / PACKAGE / f"more.{suffix}").write_bytes(content)
        (top / "lib" / f"{SINGLE}.{suffix}").write_bytes(content)
        (top / "examples").mkdir(exist_ok=True)
        needs = top / "requirements" / PACKAGE
        needs.mkdir(parents=True, exist_ok=True)
        (needs / "requirements.txt").write_text(f"{SINGLE}\n")
