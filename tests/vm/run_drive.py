"""Runs one file of a drive in a process of its own, and says as JSON how it ended.

Usage: run_drive.py FOLDER FILE real|virtual. The hardware is the simulated board, with what the
drive's sim.toml wires to it.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

from cpcompat import hal
from cpcompat.backends.sim.backend import SimBackend
from cpcompat.backends.sim.circuit import Circuit
from cpcompat.backends.sim.circuit_file import load
from cpcompat.backends.sim.clock import VirtualClock
from cpcompat.board.detect import definition
from cpcompat.hal.clock import Clock, RealClock
from cpcompat.vm import report
from cpcompat.vm.drive_world import DriveWorld

START_NS = 5_000_000_000


def main(folder: str, file: str, kind: str) -> None:
    """Run it."""
    clock: Clock = RealClock() if kind == "real" else VirtualClock(START_NS)
    circuit = Circuit(definition("sim"), clock)
    if (Path(folder) / "sim.toml").exists():
        load(circuit, Path(folder) / "sim.toml")
    hal.set_machine(hal.Machine(circuit.board, SimBackend(circuit)))
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
        "virtual_s": (clock.now_ns() - START_NS) / 1e9,
    }
    os.write(3, json.dumps(told).encode())
    os._exit(0)


main(*sys.argv[1:])
