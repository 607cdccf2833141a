"""Gets the kernel shim into the test process: pytest starts itself anew, once, with it preloaded.

The dynamic linker takes ``LD_PRELOAD`` only at a program's start. The new process takes the setting
out of its environment at once: only inside a `tests.shim.world.World` do processes that it starts have
the shim too.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from tests.shim.build import CannotBuild, library

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

OPT_OUT = "CPCOMPAT_NO_SHIM"
_STARTED = "CPSHIM_STARTED"


class _State:
    path: Path | None = None
    reason = "pytest was not started through tests/conftest.py"


def loaded() -> bool:
    """Whether this process has the shim, so that a world can be entered here."""
    return _State.path is not None


def reason() -> str:
    """Return why it is not loaded, and what to do about it."""
    return _State.reason


def start_anew(config: pytest.Config) -> None:
    """Start this run of pytest anew with the shim, unless it has it or cannot have it."""
    if loaded() or hasattr(config, "workerinput"):
        return
    if os.environ.get(OPT_OUT):
        _State.reason = f"{OPT_OUT} is set"
        return
    try:
        path = library()
    except CannotBuild as error:
        _State.reason = str(error)
        return
    if os.environ.pop(_STARTED, None) == str(path):
        _arrive(path)
        return
    others = os.environ.get("LD_PRELOAD", "")
    environment = {
        **os.environ,
        "LD_PRELOAD": f"{path}:{others}".rstrip(":"),
        _STARTED: str(path),
    }
    capture = config.pluginmanager.getplugin("capturemanager")
    if capture is not None:
        capture.stop_global_capturing()
    sys.stdout.flush()
    sys.stderr.flush()
    os.execve(sys.executable, sys.orig_argv, environment)


def _arrive(path: Path) -> None:
    rest = os.environ.pop("LD_PRELOAD", "").split(":", 1)[1:]
    if rest:
        os.environ["LD_PRELOAD"] = rest[0]
    with open("/proc/self/maps", encoding="utf-8") as maps:
        if not any(str(path) in line for line in maps):
            _State.reason = "the dynamic linker ignores LD_PRELOAD here"
            return
    _State.path = path
