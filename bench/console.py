"""What the console carries, and what a program that floods it costs the supervisor."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
import tty
from pathlib import Path

from bench.rows import Row, Stopwatch

COMMAND = str(Path(sys.executable).with_name("cpcompat"))
_MB = 1_000_000
_END = b"\nCode done running."
_BLOCKS = (
    "import sys\nblock = b'x' * 8191 + b'\\n'\n"
    "for _ in range({count}):\n    sys.stdout.buffer.write(block)\n"
)
_LINES = "line = 'x' * 79\nfor _ in range({count}):\n    print(line)\n"
_SIZE_MB = 40


def _carried(drive: Path, on_terminal: bool) -> tuple[float, float]:
    """Run a program once; return MB/s from its first byte to its end, and the supervisor's share.

    The share is its time on a processor, by the time that passed.
    """
    ours, theirs = os.openpty() if on_terminal else os.pipe()
    if on_terminal:
        tty.setraw(theirs)
    words = [COMMAND, "run", str(drive), "--board", "sim"]
    with subprocess.Popen(
        words, stdin=subprocess.DEVNULL, stdout=theirs, stderr=subprocess.DEVNULL
    ) as process:
        os.close(theirs)
        try:
            return _read(ours, process.pid)
        finally:
            os.close(ours)
            process.kill()


def _read(descriptor: int, pid: int) -> tuple[float, float]:
    held = b""
    while b"code.py output:" not in held:
        held += os.read(descriptor, 4096)
    began, busy = time.monotonic(), _busy_s(pid)
    count, tail = 0, b""
    while _END.strip() not in tail:
        data = os.read(descriptor, 1 << 18)
        count += len(data)
        tail = tail[-64:] + data[-256:]
    took = time.monotonic() - began
    return count / took / _MB, (_busy_s(pid) - busy) / took


def _busy_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def console(rounds: int, seed: int) -> list[Row]:
    """Blocks and lines to a pipe and to a terminal, and the supervisor's share of a processor."""
    rows = []
    programs = {
        "8 KiB blocks": (_BLOCKS.format(count=_SIZE_MB * _MB // 8192), 20),
        "lines of 80 bytes": (_LINES.format(count=_SIZE_MB * _MB // 80), 15),
    }
    for what, (code, least) in programs.items():
        for where in ("a pipe", "a terminal"):
            watch = Stopwatch()
            with tempfile.TemporaryDirectory() as folder:
                drive = Path(folder, "drive")
                drive.mkdir()
                (drive / "code.py").write_text(code)
                taken = [_carried(drive, where == "a terminal") for _ in range(rounds)]
            speed, share = (statistics.median(row[which] for row in taken) for which in (0, 1))
            # A terminal's own speed is its maker's; the promise is about who just reads.
            limit = least if where == "a pipe" else None
            figure = f"console: {what} to {where}"
            rows += [
                Row(figure, speed, "MB/s", rounds, watch.seconds, at_least=limit),
                Row(f"{figure}, the supervisor's share", share, "cores", rounds, 0, at_most=1),
            ]
    return rows
