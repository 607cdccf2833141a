"""What a drive costs whose program has ended: wake-ups, and bytes written to the disk."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.rows import Row, Stopwatch

COMMAND = str(Path(sys.executable).with_name("cpcompat"))
_SECONDS = 5.0
_STARTS_S = 20.0


def _family(pid: int) -> list[int]:
    """Return a process and all below it."""
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [pid, *(one for child in text.split() for one in _family(int(child)))]


def _number(pid: int, file: str, key: str) -> int:
    for line in Path(f"/proc/{pid}/{file}").read_text().splitlines():
        name, _, value = line.partition(":")
        if name == key:
            return int(value)
    raise LookupError(f"/proc/{pid}/{file} has no {key}")


def _count(pids: list[int]) -> tuple[int, int]:
    """Return how often the processes have waited for something, and what they have written."""
    waits = sum(_number(pid, "status", "voluntary_ctxt_switches") for pid in pids)
    return waits, sum(_number(pid, "io", "write_bytes") for pid in pids)


def measured(drive: Path, seconds: float) -> tuple[float, int]:
    """Run a drive whose program has ended; return wake-ups a second, and bytes written.

    Supervisor, zygote and circuit count together.

    Args:
        drive: The drive; its program ends by itself.
        seconds: For how long to look.
    """
    words = [COMMAND, "run", str(drive), "--board", "sim", "--console", "pty"]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(words, stdin=quiet, stdout=quiet, stderr=quiet) as process:
        try:
            _wait_until_idle(drive)
            pids = _family(process.pid)
            before = _count(pids)
            time.sleep(seconds)
            after = _count(pids)
        finally:
            process.terminate()
    return (after[0] - before[0]) / seconds, after[1] - before[1]


def _wait_until_idle(drive: Path) -> None:
    ends = time.monotonic() + _STARTS_S
    while time.monotonic() < ends:
        words = [COMMAND, "status", str(drive), "--json"]
        said = subprocess.run(words, capture_output=True, text=True, check=False)
        if "waits for a key" in said.stdout:
            time.sleep(0.2)  # what asked has gone by then
            return
        time.sleep(0.1)
    raise TimeoutError("the program did not end")


def idle(rounds: int, seed: int) -> list[Row]:
    """Wake-ups and disk writes while nothing happens and there is no status light."""
    watch = Stopwatch()
    with tempfile.TemporaryDirectory() as folder:
        drive = Path(folder, "drive")
        drive.mkdir()
        (drive / "code.py").write_text("pass\n")
        wakes, written = measured(drive, _SECONDS)
    what = "idle, supervisor, zygote and circuit"
    return [
        Row(f"{what}: wake-ups", wakes, "a second", 1, watch.seconds, at_most=2),
        Row(f"{what}: written to the disk", written, "bytes", 1, 0, at_most=0),
    ]
