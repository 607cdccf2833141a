"""Runs one file of a drive in a process of its own, and says as JSON how it ended.

Usage: run_drive.py FOLDER FILE real|virtual
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

from cpcompat.hal.clock import RealClock
from cpcompat.vm import report
from cpcompat.vm.drive_world import DriveWorld


class JumpingClock:
    """A clock on which sleeping takes no time."""

    def __init__(self) -> None:
        self._now_ns = 5_000_000_000

    def now_ns(self) -> int:
        """Return the time."""
        return self._now_ns

    def sleep_ns(self, duration_ns: int) -> None:
        """Jump."""
        self._now_ns += duration_ns


def main(folder: str, file: str, kind: str) -> None:
    """Run it."""
    clock = RealClock() if kind == "real" else JumpingClock()
    started_s = time.monotonic()
    world = DriveWorld(Path(folder), clock)
    world.install()
    ending = world.run_file(file)
    world.atexit_run()
    sys.stdout.flush()
    told = {
        "kind": ending.kind,
        "message": ending.message,
        "text": report.format_exception(ending.error, notes=True) if ending.error else "",
        "place": report.innermost(ending.error) if ending.error else (0, ""),
        "real_s": time.monotonic() - started_s,
        "virtual_s": clock.now_ns() / 1e9 - 5,
    }
    os.write(3, json.dumps(told).encode())
    os._exit(0)


main(*sys.argv[1:])
