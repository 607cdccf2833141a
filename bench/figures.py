"""The figures of the benchmark: each function measures one thing and returns its rows."""

from __future__ import annotations

import json
import os
import select
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.rows import Row, Stopwatch, each_call_ns, side_by_side

COMMAND = str(Path(sys.executable).with_name("cpcompat"))
_AGNOSTIC = {**os.environ, "BLINKA_OS_AGNOSTIC": "1"}


def _drive(folder: str, code: str) -> Path:
    drive = Path(folder, "drive")
    drive.mkdir(exist_ok=True)
    (drive / "code.py").write_text(code)
    return drive


def _python(code: str, environment: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env=environment or dict(os.environ),
    )
    return done.stdout


def start(rounds: int, seed: int) -> list[Row]:
    """From the command to the first line of code.py."""
    watch = Stopwatch()
    samples = []
    with tempfile.TemporaryDirectory() as folder:
        drive = _drive(folder, "print('first')\n")
        for _ in range(rounds):
            began = time.perf_counter()
            with subprocess.Popen(
                [COMMAND, "run", str(drive), "--board", "sim", "--runs", "1"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
            ) as process:
                assert process.stdout is not None
                for line in process.stdout:
                    if line == b"first\n":
                        samples.append((time.perf_counter() - began) * 1e3)
    return [
        Row(
            "start: cpcompat run to the first line of code.py",
            statistics.median(samples),
            "ms",
            rounds,
            watch.seconds,
            at_most=400,
        )
    ]


def reload(rounds: int, seed: int) -> list[Row]:
    """From a save to the first output of the new run, less the 750 ms of quiet."""
    watch = Stopwatch()
    samples, fresh = [], []
    with tempfile.TemporaryDirectory() as folder:
        drive = _drive(folder, "print('ready')\n")
        with subprocess.Popen(
            [COMMAND, "run", str(drive), "--board", "sim"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        ) as process:
            assert process.stdout is not None
            _until(process.stdout, b"Press any key")
            for _ in range(rounds):
                saved = time.monotonic_ns()
                (drive / "code.py").write_text("import board\nprint('new')\n")
                _until(process.stdout, b"new")
                samples.append((time.monotonic_ns() - saved) / 1e6 - 750)
                _until(process.stdout, b"Press any key")
                began = time.perf_counter()
                _python("import cpcompat; cpcompat.install(); import board; print('new')")
                fresh.append((time.perf_counter() - began) * 1e3)
            process.terminate()
    return [
        Row(
            "reload: saved to first output, less 750 ms",
            statistics.median(samples),
            "ms",
            rounds,
            watch.seconds,
            against="a new interpreter, to its end",
            theirs=statistics.median(fresh),
            at_most=40,
        )
    ]


def _until(stream: object, text: bytes) -> None:
    descriptor = stream.fileno()  # type: ignore[attr-defined]
    held = b""
    while text not in held:
        if not select.select([descriptor], [], [], 20)[0]:
            raise TimeoutError(f"{text!r} did not come")
        held += os.read(descriptor, 65536)


_IMPORT = (
    "import sys, time, json{before}\nn = len(sys.modules)\nt = time.process_time()\n"
    "import board, busio, digitalio\n"
    "print(json.dumps([(time.process_time() - t) * 1e3, len(sys.modules) - n]))\n"
)


def imports(rounds: int, seed: int) -> list[Row]:
    """What importing board, busio and digitalio costs a plain program."""
    watch = Stopwatch()
    modules: dict[str, int] = {}

    def sample(which: str) -> float:
        before = "\nimport cpcompat; cpcompat.install()" if which == "ours" else ""
        cpu_ms, count = json.loads(_python(_IMPORT.format(before=before), _AGNOSTIC))
        modules[which] = count
        return float(cpu_ms)

    ours, theirs = side_by_side(lambda: sample("ours"), lambda: sample("theirs"), rounds, seed)
    peer = "Blinka 10, agnostic board"
    return [
        Row(
            "import board, busio, digitalio: CPU",
            ours,
            "ms",
            rounds,
            watch.seconds,
            peer,
            theirs,
            ratio_at_most=1 / 3,
        ),
        Row(
            "import board, busio, digitalio: new modules",
            modules["ours"],
            "modules",
            rounds,
            watch.seconds,
            peer,
            modules["theirs"],
            ratio_at_most=1 / 3,
        ),
    ]


def memory(rounds: int, seed: int) -> list[Row]:
    """The proportional set size of supervisor, zygote and an idle program."""
    watch = Stopwatch()
    samples = []
    with tempfile.TemporaryDirectory() as folder:
        drive = _drive(folder, "import time\nprint('idle')\nwhile True:\n    time.sleep(60)\n")
        for _ in range(rounds):
            with subprocess.Popen(
                [COMMAND, "run", str(drive), "--board", "sim"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
            ) as process:
                _until(process.stdout, b"idle")
                pids = [process.pid, *below(process.pid)]
                circuit = min(below(below(process.pid)[0]))
                samples.append(sum(pss_mb(pid) for pid in pids if pid != circuit))
                process.terminate()
    note = "without the circuit's process, which is the simulation's own"
    return [
        Row(
            "memory: supervisor, zygote, idle program (PSS)",
            statistics.median(samples),
            "MB",
            rounds,
            watch.seconds,
            at_most=40,
            note=note,
        )
    ]


def below(pid: int) -> list[int]:
    """Return all processes below one."""
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    found = [int(word) for word in text.split()]
    return sorted(found + [deeper for one in found for deeper in below(one)])


def pss_mb(pid: int) -> float:
    """Return a process's proportional set size, in MB."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


_PIN = (
    "import time\nimport board, digitalio\npin = digitalio.DigitalInOut(board.{name})\n"
    "pin.switch_to_output()\nn = range(20000)\nt = time.perf_counter_ns()\n"
    "for _ in n:\n    pin.value = True\nprint((time.perf_counter_ns() - t) / 20000)\n"
)


def pin(rounds: int, seed: int) -> list[Row]:
    """``pin.value = True`` on a simulated pin, in a plain program."""
    watch = Stopwatch()

    def ours() -> float:
        return float(_python("import cpcompat; cpcompat.install()\n" + _PIN.format(name="D5")))

    def theirs() -> float:
        return float(_python(_PIN.format(name="Dx_OUTPUT"), _AGNOSTIC))

    try:
        mine, peer = side_by_side(ours, theirs, rounds, seed)
    except subprocess.CalledProcessError as error:
        raise RuntimeError(error.stderr) from error
    return [
        Row(
            "pin.value = True, in the process",
            mine,
            "ns",
            rounds * 20_000,
            watch.seconds,
            "Blinka 10, agnostic board",
            peer,
        )
    ]


_I2C = """
import json, statistics, time
import board
i2c = board.I2C()
while not i2c.try_lock():
    pass
out, into = b"\\xd0", bytearray(1)
def call():
    i2c.writeto_then_readfrom(0x77, out, into)
{clock}
samples = []
for _ in range(5000):
    t = now()
    call()
    samples.append(now() - t)
samples.sort()
print("figures", json.dumps([samples[2500], samples[4950]]), into[0])
"""
_PIPES = """
import json, os, time
asked, asks = os.pipe2(os.O_DIRECT)
answers, answered = os.pipe2(os.O_DIRECT)
if os.fork() == 0:
    os.close(asks)
    while data := os.read(asked, 64):
        os.write(answered, data)
    os._exit(0)
samples, message = [], bytes(16)
for _ in range(5000):
    t = time.monotonic_ns()
    os.write(asks, message)
    os.read(answers, 64)
    samples.append(time.monotonic_ns() - t)
samples.sort()
print("figures", json.dumps([samples[2500], samples[4950]]), 96)
"""
"""What such a request costs at least: its way through two pipes, and back, with nothing done."""
_BME = '[[i2c]]\npart = "bme280"\naddress = 0x77\n'
_HOST_CLOCK = "now = time.monotonic_ns"


def i2c(rounds: int, seed: int) -> list[Row]:
    """One register of a simulated BME280: in the process, and from ``cpcompat run``."""
    watch = Stopwatch()
    empty = statistics.median(each_call_ns(lambda: None, 5000))
    code = _I2C.format(clock=_HOST_CLOCK)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        drive = _drive(folder, code)
        (drive / "sim.toml").write_text(_BME)
        environment = {**os.environ, "CPCOMPAT_SIM": str(drive / "sim.toml")}
        inside = [
            _figures(_python("import cpcompat; cpcompat.install()\n" + code, environment))
            for _ in range(rounds)
        ]
        rows.append(
            Row(
                "I2C, one register, in the process, over an empty call",
                (statistics.median(p50 for p50, _ in inside) - empty) / 1e3,
                "µs",
                rounds * 5000,
                watch.seconds,
                "Blinka's agnostic board cannot",
                at_most=5,
            )
        )
        for words, name, limit in (
            ([], "two processors", 60),
            (["taskset", "-c", "0"], "one processor", 20),
        ):
            rows.append(_across(drive, words, name, limit, rounds))
    return rows


def _across(drive: Path, words: list[str], name: str, limit: float, rounds: int) -> Row:
    """One register from another process; by the bare way there and back, taken in turn with it."""
    watch = Stopwatch()
    mine, bare = [], []
    for _ in range(rounds):
        mine.append(_figures(_run(drive, words)))
        command = [*words, sys.executable, "-c", _PIPES]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        bare.append(_figures(said)[0])
    p99 = statistics.median(p99 for _, p99 in mine) / 1e3
    return Row(
        f"I2C, one register, from cpcompat run, {name}, p50",
        statistics.median(p50 for p50, _ in mine) / 1e3,
        "µs",
        rounds * 5000,
        watch.seconds,
        "two pipes there and back, nothing done",
        statistics.median(bare) / 1e3,
        at_most=limit,
        note=f"p99 {p99:.0f} µs",
    )


_PINS = """
import json, time
import board, digitalio
out, into = digitalio.DigitalInOut(board.D5), digitalio.DigitalInOut(board.D6)
out.switch_to_output()
def write():
    out.value = True
def read():
    return into.value
def median_of(call):
    samples = []
    for _ in range(5000):
        t = now()
        call()
        samples.append(now() - t)
    samples.sort()
    return samples[2500]
{clock}
print("figures", json.dumps([median_of(write), median_of(read)]), 96)
"""


def pins_under_run(rounds: int, seed: int) -> list[Row]:
    """A level written and one read from ``cpcompat run``: a post, and a look at a page of memory."""
    watch = Stopwatch()
    with tempfile.TemporaryDirectory() as folder:
        drive = _drive(folder, _PINS.format(clock=_HOST_CLOCK))
        both = [_figures(_run(drive, [])) for _ in range(rounds)]
    return [
        Row(
            f"a pin's level {what}, from cpcompat run, p50",
            statistics.median(pair[which] for pair in both) / 1e3,
            "µs",
            rounds * 5000,
            watch.seconds,
        )
        for which, what in enumerate(("written", "read"))
    ]


def _run(drive: Path, words: list[str]) -> str:
    command = [*words, COMMAND, "run", str(drive), "--board", "sim", "--runs", "1"]
    return subprocess.run(
        command, capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL
    ).stdout


def _figures(output: str) -> tuple[float, float]:
    line = next(line for line in output.splitlines() if line.startswith("figures"))
    assert line.endswith(" 96"), line
    p50, p99 = json.loads(line[len("figures ") : -len(" 96")])
    return float(p50), float(p99)


_LOOP = (
    "{clock}\ndef work():\n    total = 0\n    for n in range(300000):\n"
    "        total += min(len('abc'), abs(n))\n    return total\n"
    "work()\nt = now()\nwork()\nprint('figures', now() - t)\n"
)


def loop(rounds: int, seed: int) -> list[Row]:
    """A hot loop with built-ins in drive code, against the same in plain CPython."""
    watch = Stopwatch()
    code = _LOOP.format(clock="import time\nnow = time.monotonic_ns")
    with tempfile.TemporaryDirectory() as folder:
        drive = _drive(folder, code)

        def ours() -> float:
            return float(_run(drive, []).partition("figures ")[2].split()[0]) / 1e6

        def theirs() -> float:
            return float(_python(code).split()[1]) / 1e6

        mine, peer = side_by_side(ours, theirs, rounds, seed)
    return [
        Row(
            "a hot loop in drive code",
            mine,
            "ms",
            rounds,
            watch.seconds,
            "plain CPython",
            peer,
            ratio_at_most=1.15,
        )
    ]


FIGURES = (start, reload, imports, memory, pin, pins_under_run, i2c, loop)
