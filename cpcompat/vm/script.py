"""A program that is started by itself: the folder it lies in is its drive, as far as that goes.

`storage`, `supervisor.get_setting` and the settings find the files beside the program; ``open``
and ``os`` stay CPython's.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from cpcompat import hal
from cpcompat.settings import keys, lookup
from cpcompat.vm.root import Root

if TYPE_CHECKING:
    from pathlib import Path


def settle(folder: Path) -> None:
    """Make a folder the drive of this process, and its ``settings.toml`` part of the environment.

    A setting never replaces what the environment has already, so that a service's own environment
    or a word before the command decides. ``os.getenv`` finds it, as on a board.

    Args:
        folder: Where the program lies.
    """
    root = Root(folder)
    hal.set_drive(root)
    try:
        text = root.read("/settings.toml")
    except OSError:
        return
    for key in keys(text):
        value = lookup(text, key)
        if isinstance(value, str) and "\0" not in value:  # which an environment cannot hold
            os.environ.setdefault(key, value)
