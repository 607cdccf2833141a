"""Has ``import board`` and its siblings mean cpcompat's modules while a test runs."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from cpcompat.vm import names

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType


@contextmanager
def board_names() -> Iterator[None]:
    """Put the finder of names in force, and Blinka's modules aside that are loaded already.

    A program that has called `cpcompat.install` itself keeps the finder afterwards.
    """
    installed = any(isinstance(finder, names.NameFinder) for finder in sys.meta_path)
    aside = {name: module for name, module in sys.modules.items() if _is_blinkas(name)}
    for name in aside:
        del sys.modules[name]
    names.install()
    try:
        yield
    finally:
        if not installed:
            names.uninstall()
        sys.modules.update(aside)


def _is_blinkas(name: str) -> bool:
    """Tell whether a loaded module, or the package that it is in, stands beside Blinka's own."""
    top = name.partition(".")[0]
    if top not in names.FACES:
        return False
    module: ModuleType | None = sys.modules.get(top)
    file = getattr(module, "__file__", None)
    if file is None:
        return False
    folder = Path(file).parent
    site = folder.parent if hasattr(module, "__path__") else folder
    return (site / "adafruit_blinka").is_dir()
