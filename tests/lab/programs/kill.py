"""Runs a drive, and kills those who watch over it when the hand outside says so.

``python3 kill.py WHO...``: of ``supervisor``, ``zygote``, ``broker`` and ``program``. The hand's sign is
GPIO 26: high for «kill», low again for «end».
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

from tests.lab.guest.pins import Pins

SIGN = 26
RUN = "import sys; from cpcompat.cli import main; sys.exit(main())"


def children(pid: int) -> list[int]:
    """Return the children of a process, oldest first."""
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as listed:
        return [int(word) for word in listed.read().split()]


def family(supervisor: int) -> dict[str, list[int]]:
    """Return who is who below a supervisor: its child is the zygote, whose children are the others."""
    (zygote,) = children(supervisor)
    return {"supervisor": [supervisor], "zygote": [zygote], "others": children(zygote)}


def wait_for_sign(pins: Pins, level: bool) -> None:
    """Wait until the hand outside drives the sign."""
    while pins.level(SIGN) is not level:
        time.sleep(0.01)


def main(who: list[str]) -> None:
    """Run, wait, kill, wait."""
    pins = Pins()
    pins.drive(SIGN, False)
    run = subprocess.Popen(
        [sys.executable, "-P", "-c", RUN, "run", "/job/drive"], stdout=subprocess.PIPE, text=True
    )
    assert run.stdout is not None
    for line in run.stdout:
        if "driven" in line:
            break
    people = family(run.pid)
    print("driven", flush=True)
    wait_for_sign(pins, True)
    for name in who:
        for pid in people[name]:
            os.kill(pid, signal.SIGKILL)
    run.wait()
    print("killed", flush=True)
    wait_for_sign(pins, False)


main(sys.argv[1:])
