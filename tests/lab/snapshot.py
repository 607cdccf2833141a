"""The machine as it is when it has booted, kept in a file: a job starts from there in a second."""

from __future__ import annotations

import sys
import time

from tests.lab.machine import NORMAL, Pi, Setup, snapshot_of
from tests.lab.qmp import LabError

BOOT_S = 180
TRIAL_S = 30
TRIES = 4


def make(setup: Setup) -> int:
    """Make a snapshot from which a job runs, and return its size in bytes.

    QEMU now and then writes one that does not go on: each is tried, and made again.

    Raises:
        LabError: None of several did.
    """
    for _ in range(TRIES):
        size = _take(setup)
        if _goes_on(setup):
            return size
        print("a snapshot that does not go on: made again", file=sys.stderr)
    snapshot_of(setup).unlink()
    raise LabError("no snapshot goes on; without one each job boots, which takes ten seconds more")


def _goes_on(setup: Setup) -> bool:
    try:
        with Pi(setup, timeout_s=TRIAL_S) as pi:
            # In some everything goes on but time: a job that never waits would not see it.
            return pi.run("sleep 0.2").status == 0
    except LabError:
        return False


def _take(setup: Setup) -> int:
    """Boot once, up to where the agent waits for a job, and keep that; return its size in bytes.

    Args:
        setup: `NORMAL`, or a live one.

    Raises:
        LabError: The machine did not come up.
    """
    kept = snapshot_of(setup)
    kept.parent.mkdir(exist_ok=True)
    unfinished = kept.with_suffix(".new")
    kept.unlink(missing_ok=True)
    with Pi(setup, timeout_s=BOOT_S) as pi:
        pi.boot()
        deadline = time.monotonic() + BOOT_S
        ready = pi.work / "ready"
        while not ready.exists() or not ready.stat().st_size:
            if time.monotonic() > deadline:
                raise LabError("the machine does not come up: `tests/lab/run --console` shows why")
            time.sleep(0.05)
        pi.monitor("migrate", uri=f"file:{unfinished}")
        while (status := pi.monitor("query-migrate")["status"]) != "completed":
            if status == "failed":
                raise LabError("QEMU cannot write its snapshot: is the disk full?")
            time.sleep(0.05)
    unfinished.replace(kept)
    return kept.stat().st_size


if __name__ == "__main__":
    made = sum(make(setup) for setup in (NORMAL, Setup(live=True)))
    print(f"two snapshots of {made >> 20} MiB", file=sys.stderr)
