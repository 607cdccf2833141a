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
_BEGIN, _END = b"code.py output:", b"Code done running."
_BLOCKS = (
    "import sys\nblock = b'x' * 8191 + b'\\n'\n"
    "for _ in range({count}):\n    sys.stdout.buffer.write(block)\n"
)
_LINES = "line = 'x' * 79\nfor _ in range({count}):\n    print(line)\n"
_SIZE_MB = 40


def _carried(words: list[str], on_terminal: bool) -> tuple[float, float]:
    """Run a program once; return MB/s from its first byte to its end, and the process's share.

    The share is its time on a processor, by the time that passed.
    """
    ours, theirs = os.openpty() if on_terminal else os.pipe()
    if on_terminal:
        tty.setraw(theirs)
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
    while _BEGIN not in held:
        held += os.read(descriptor, 4096)
    began, busy = time.monotonic(), _busy_s(pid)
    count, tail = 0, b""
    while _END not in tail:
        data = os.read(descriptor, 1 << 18)
        count += len(data)
        tail = tail[-64:] + data[-256:]
    took = time.monotonic() - began
    return count / took / _MB, (_busy_s(pid) - busy) / took


def _plain(code: str) -> list[str]:
    """Return the command that runs a program without cpcompat, between the same two texts."""
    said = f"print({_BEGIN.decode()!r}, flush=True)\n{{}}print({_END.decode()!r}, flush=True)\n"
    return [sys.executable, "-c", said.format(code)]


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
        for on_terminal in (False, True):
            rows += _figures(what, code, least, rounds, on_terminal)
    return rows


def _figures(what: str, code: str, least: float, rounds: int, on_terminal: bool) -> list[Row]:
    watch = Stopwatch()
    taken, peer = [], []
    with tempfile.TemporaryDirectory() as folder:
        drive = Path(folder, "drive")
        drive.mkdir()
        (drive / "code.py").write_text(code)
        for _ in range(rounds):
            taken.append(_carried([COMMAND, "run", str(drive), "--board", "sim"], on_terminal))
            # Python alone to a pipe is no peer: it keeps lines back until it has 8 KiB.
            peer += [_carried(_plain(code), on_terminal)[0]] if on_terminal else []
    speed, share = (statistics.median(row[which] for row in taken) for which in (0, 1))
    figure = f"console: {what} to {'a terminal' if on_terminal else 'a pipe'}"
    return [
        Row(
            figure,
            speed,
            "MB/s",
            rounds,
            watch.seconds,
            "plain CPython, nothing between" if peer else "",
            statistics.median(peer) if peer else None,
            # A terminal's own speed is its maker's; the promise is about who just reads.
            at_least=None if on_terminal else least,
        ),
        Row(f"{figure}, the supervisor's share", share, "cores", rounds, 0, at_most=1),
    ]
