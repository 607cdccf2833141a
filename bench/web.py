"""``python bench/web.py``: the web workflow: its speed, and what it costs the program beside it."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

ROOT = Path(__file__).parent.parent
sys.path.insert(1, str(ROOT))

from bench import results  # noqa: E402
from bench.board import Board, ask  # noqa: E402
from bench.figures import below, pss_mb  # noqa: E402
from bench.rows import Row, Stopwatch, side_by_side  # noqa: E402
from bench.run import line  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROUNDS = 7
SEED = 20261124
_FILES = 1000
_MB = 1_000_000
_IDLE = "import time\nprint('idle')\nwhile True:\n    time.sleep(60)\n"
_VERSION = "/cp/version.json"
_RATE_HZ = 50
_LOAD_S = 10
_PERIOD_S = 0.02


def _timed_ms(action: Callable[[], object]) -> float:
    began = time.perf_counter()
    action()
    return (time.perf_counter() - began) * 1e3


def drive(rounds: int, seed: int) -> list[Row]:
    """A folder of 1,000 files listed, and 1 MB read and written."""
    watch = Stopwatch()
    data = os.urandom(_MB)
    with tempfile.TemporaryDirectory() as folder, Board(Path(folder), _IDLE) as board:
        many = board.drive / "many"
        many.mkdir()
        for number in range(_FILES):
            (many / f"file{number:04}.txt").write_text("x")
        board.prints("idle")
        client = board.client()
        ask(client, "/fs/big.bin", "PUT", data)
        timed = {
            f"a folder of {_FILES:,} files listed": lambda: ask(client, "/fs/many/"),
            "GET of 1 MB": lambda: ask(client, "/fs/big.bin"),
            "PUT of 1 MB": lambda: ask(client, "/fs/big.bin", "PUT", data),
        }
        taken = {what: [_timed_ms(way) for _ in range(rounds)] for what, way in timed.items()}
        client.close()
    return [
        Row(what, statistics.median(samples), "ms", rounds, watch.seconds)
        for what, samples in taken.items()
    ]


def reloads(rounds: int, seed: int) -> list[Row]:
    """How often the program starts again after a file of 1 MB has come in."""
    watch = Stopwatch()
    counts = []
    with tempfile.TemporaryDirectory() as folder, Board(Path(folder), _IDLE) as board:
        board.prints("idle")
        client = board.client()
        for _ in range(min(rounds, 3)):
            before = board.output.count("idle")
            ask(client, "/fs/big.bin", "PUT", os.urandom(_MB))
            time.sleep(3.0)  # four times the quiet before a reload: a second one would be over
            counts.append(board.output.count("idle") - before)
        client.close()
    figure = "reloads after one PUT of 1 MB"
    worst = max(counts, key=lambda count: abs(count - 1))
    return [Row(figure, worst, "reloads", len(counts), watch.seconds, at_most=1, at_least=1)]


# A loop that is due every 20 ms, toggles a pin a hundred times and prints 1 MB/s.
_BUSY = """
import time
import board, digitalio
pin = digitalio.DigitalInOut(board.D5)
pin.switch_to_output()
text = ("x" * 99 + "\\n") * {lines}
count = {count}
print("idle")
time.sleep(2)
due = time.monotonic_ns()
late, busy = [], []
for _ in range(count):
    began = time.monotonic_ns()
    late.append(began - due)
    for _ in range(50):
        pin.value = True
        pin.value = False
    print(text, end="")
    busy.append(time.monotonic_ns() - began)
    due += {period_ns}
    rest = due - time.monotonic_ns()
    if rest > 0:
        time.sleep(rest / 1e9)
late.sort()
busy.sort()
print("figures", busy[count // 2] / 1e6, late[count * 99 // 100] / 1e6, "ms")
while True:
    time.sleep(60)
"""


def _ask_in_time(board: Board, path: str, rate_hz: float, until: threading.Event) -> list[float]:
    """Ask so many times a second; return the milliseconds from when each was due."""
    client = board.client()
    taken = []
    due = time.perf_counter()
    while not until.is_set():
        time.sleep(max(due - time.perf_counter(), 0))
        ask(client, path)
        taken.append((time.perf_counter() - due) * 1e3)
        due += 1 / rate_hz
    client.close()
    return taken


_LOOKER = """
import sys
from websockets.sync.client import connect
from bench.board import LOGIN
address = f"ws://127.0.0.1:{sys.argv[1]}/cp/serial/"
with connect(address, additional_headers=LOGIN, compression=None, proxy=None) as console:
    for _ in console:
        pass
"""


class Loaded(NamedTuple):
    """What came of a run of the busy program.

    Attributes:
        taken: Milliseconds of each request, from when it was due.
        busy: The median of its work in a loop, in milliseconds.
        late: The 99th percentile of its loop's lateness, in milliseconds.
    """

    taken: list[float]
    busy: float
    late: float


def loaded(rate_hz: float, *, console: bool = False) -> Loaded:
    """Run the busy program beside so many requests a second.

    Args:
        rate_hz: How many.
        console: Whether somebody reads the console as well, as a WebSocket.
    """
    code = _BUSY.format(
        lines=int(_MB * _PERIOD_S) // 100,
        count=int(_LOAD_S / _PERIOD_S),
        period_ns=int(_PERIOD_S * 1e9),
    )
    with tempfile.TemporaryDirectory() as folder, Board(Path(folder), code) as board:
        board.prints("idle")
        taken: list[float] = []
        over = threading.Event()
        asking = threading.Thread(
            target=lambda: taken.extend(_ask_in_time(board, _VERSION, rate_hz, over))
        )
        with _looked_at(board) if console else nullcontext():
            if rate_hz:
                time.sleep(1.5)  # the program waits two seconds, and the server is there by then
                asking.start()
            try:
                time.sleep(_LOAD_S)
                board.prints(" ms\n")
            finally:
                over.set()
                if rate_hz:
                    asking.join()
        words = board.output.partition("figures ")[2].split()
    return Loaded(taken, float(words[0]), float(words[1]))


@contextmanager
def _looked_at(board: Board) -> Iterator[None]:
    words = [sys.executable, "-P", "-c", _LOOKER, str(board.port)]
    with subprocess.Popen(words, env={**os.environ, "PYTHONPATH": str(ROOT)}) as looker:
        try:
            yield
            if looker.poll() is not None:
                raise RuntimeError("nobody read the console")
        finally:
            looker.terminate()


def load(rounds: int, seed: int) -> list[Row]:
    """50 requests a second while the program prints 1 MB/s and toggles pins."""
    watch = Stopwatch()
    ways = {"without": (0, False), "with": (_RATE_HZ, False), "and a console": (_RATE_HZ, True)}
    runs: dict[str, list[Loaded]] = {name: [] for name in ways}
    for _ in range(3):
        for name, (rate_hz, console) in ways.items():
            runs[name].append(loaded(rate_hz, console=console))
    figure = f"{_RATE_HZ} requests/s for version.json beside a program that prints 1 MB/s"
    rows = []
    for name, more in (("with", ""), ("and a console", ", its console open")):
        times = sorted(ms for run in runs[name] for ms in run.taken)
        p99, count = times[len(times) * 99 // 100], len(times)
        rows.append(Row(f"{figure}{more}: p99", p99, "ms", count, watch.seconds, at_most=50))
    ours, theirs = runs["with"], runs["without"]
    loops, against = int(_LOAD_S / _PERIOD_S) * 3, "without requests"
    work = [statistics.median(run.busy for run in side) for side in (ours, theirs)]
    late = [statistics.median(run.late for run in side) for side in (ours, theirs)]
    what = "that program's loop of 20 ms"
    return [
        *rows,
        Row(f"{what}: work, median", work[0], "ms", loops, 0, against, work[1], ratio_at_most=1.2),
        Row(f"{what}: lateness, p99", late[0], "ms", loops, 0, against, late[1], at_most=5),
    ]


def connections(rounds: int, seed: int) -> list[Row]:
    """A connection that is kept against a new one for each request."""
    watch = Stopwatch()
    rows = []
    with tempfile.TemporaryDirectory() as folder, Board(Path(folder), _IDLE) as board:
        board.prints("idle")
        (board.drive / "lib").mkdir()
        client = board.client()
        for what, path in (("version.json", _VERSION), ("a small folder", "/fs/lib/")):
            ask(client, path)

            def kept(path: str = path) -> float:
                return _timed_ms(lambda: [ask(client, path) for _ in range(50)]) / 50

            def fresh(path: str = path) -> float:
                return _timed_ms(lambda: [_once(board, path) for _ in range(50)]) / 50

            ours, theirs = side_by_side(kept, fresh, rounds, seed)
            against = "a new connection each time, as upstream makes clients do"
            figure = f"{what}, the connection kept"
            rows.append(
                Row(
                    figure, ours, "ms", rounds * 50, watch.seconds, against, theirs, ratio_at_most=1
                )
            )
        client.close()
    return rows


def _once(board: Board, path: str) -> bytes:
    client = board.client()
    try:
        return ask(client, path)
    finally:
        client.close()


def memory_mb(web: bool) -> float:
    """Return the memory of an idle board's processes, with a web workflow or without (PSS)."""
    with tempfile.TemporaryDirectory() as folder, Board(Path(folder), _IDLE, web=web) as board:
        board.prints("idle")
        if web:
            client = board.client()
            for path in (_VERSION, "/fs/", "/fs/code.py", "/"):
                ask(client, path)
            ask(client, "/fs/x", "PUT", bytes(_MB))
            client.close()
            board.prints("idle", times=2)
        pid = board.process.pid
        return sum(pss_mb(one) for one in (pid, *below(pid)))


def memory(rounds: int, seed: int) -> list[Row]:
    """What a server that has served everything adds to the board's processes."""
    watch = Stopwatch()
    ours, theirs = side_by_side(lambda: memory_mb(True), lambda: memory_mb(False), rounds, seed)
    figure = "memory that the web workflow adds (PSS)"
    note = f"{ours:.3g} MB with it, {theirs:.3g} MB without, the circuit's process included"
    return [Row(figure, ours - theirs, "MB", rounds, watch.seconds, at_most=20, note=note)]


def _start_ms(web: bool) -> float:
    with tempfile.TemporaryDirectory() as folder, Board(Path(folder), _IDLE, web=web) as board:
        return board.prints("idle") * 1e3


def start(rounds: int, seed: int) -> list[Row]:
    """From the command to the first line of code.py, with the web workflow and without."""
    watch = Stopwatch()
    ours, theirs = side_by_side(lambda: _start_ms(True), lambda: _start_ms(False), rounds, seed)
    figure, against = "start to the first line of code.py, with --web", "without"
    return [Row(figure, ours, "ms", rounds, watch.seconds, against, theirs, ratio_at_most=1.15)]


FIGURES = (drive, reloads, connections, load, memory, start)
_HEAD = """## The web workflow

Written by `make bench`; medians unless it says otherwise. The client is on the same
computer and takes its share of it. A request under load is timed from when it was due.

| figure | cpcompat | against | theirs | ratio | limit | kept | samples | seconds |
|---|---:|---|---:|---:|---|---|---:|---:|
"""


def main() -> None:
    """Measure everything and write the table."""
    text = _HEAD
    for figure in FIGURES:
        for row in figure(ROUNDS, SEED):
            text += line(row)
            print(line(row), end="", flush=True)
    results.write("web", text + results.machine(SEED, ROUNDS))


if __name__ == "__main__":
    main()
