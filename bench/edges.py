"""How many edges a second are counted without a loss, and what part of a core that takes."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, NamedTuple

from tests.shim.world import World

if TYPE_CHECKING:
    from pathlib import Path

SECONDS = 3
RATES = (1_000, 20_000)
LINE = 17
CORE_PERCENT = 10

# Each counts rising edges until its input ends, then says how many it had and what that cost.
_COUNTING = """
import os, sys, time
{setup}
print("ready", flush=True)
os.set_blocking(0, False)
began = time.process_time()
going = True
while going:
    try:
        going = os.read(0, 1) != b""
    except BlockingIOError:
        pass
    {step}
print(count, time.process_time() - began, flush=True)
"""
_OURS = """
from cpcompat.hal import machine
from cpcompat.hal.gpio import Pull
from cpcompat import board
source = machine().backend.edges(board.D17, Pull.DOWN, True, False, 0)
count = last = 0
def drain():
    global count, last
    while edges := source.read(1024):
        count, last = count + len(edges), edges[-1].sequence
    assert count == last, (count, last)
"""
_GPIOD = """
import gpiod
from gpiod.line import Bias, Edge
settings = gpiod.LineSettings(edge_detection=Edge.RISING, bias=Bias.PULL_DOWN)
lines = gpiod.request_lines("/dev/gpiochip0", config={17: settings}, event_buffer_size=1024)
count = 0
def drain():
    global count
    while lines.wait_edge_events(0):
        count += len(lines.read_edge_events(1024))
"""
_BLINKA = """
import board, digitalio
pin = digitalio.DigitalInOut(board.D17)
pin.switch_to_input(digitalio.Pull.DOWN)
count, last = 0, False
def look():
    global count, last
    for _ in range(100):
        level = pin.value
        count, last = count + (level and not last), level
"""
_WAYS = {
    "cpcompat": (_OURS, "time.sleep(0.02); drain()"),
    "gpiod": (_GPIOD, "time.sleep(0.02); drain()"),
    "Blinka, polling": (_BLINKA, "look()"),
}


class Counted(NamedTuple):
    """What came of a run.

    Attributes:
        made: Edges made.
        seen: Edges counted.
        core: Part of a core that the counting took, in percent.
    """

    made: int
    seen: int
    core: float


def count(world: World, way: tuple[str, str], rate_hz: int) -> Counted:
    """Make rising edges at a rate and let a contestant count them."""
    code = _COUNTING.format(setup=way[0], step=way[1])
    with subprocess.Popen(
        [sys.executable, "-P", "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        if process.stdout.readline() != "ready\n":
            raise RuntimeError("a contestant did not start")
        edges = rate_hz * SECONDS
        world.toggle(LINE, 2 * edges, 500_000_000 // rate_hz)
        process.stdin.close()
        seen, cpu_s = process.stdout.readline().split()
    return Counted(edges, int(seen), float(cpu_s) / SECONDS * 100)


def table(folder: Path) -> list[str]:
    """Return the lines of the table."""
    lines = ["| rising edges | made | counted | part of a core | limit | kept |", "|---" * 6 + "|"]
    with World(folder / "edges", enter=True, log=False) as world:
        for rate_hz in RATES:
            for name, way in _WAYS.items():
                result = count(world, way, rate_hz)
                limit = kept = ""
                if name == "cpcompat":
                    limit = f"all, < {CORE_PERCENT} %"
                    good = result.seen == result.made and result.core < CORE_PERCENT
                    kept = "yes" if good else "**no**"
                lines.append(
                    f"| {rate_hz} a second, {name} | {result.made} | {result.seen} "
                    f"| {result.core:.1f} % | {limit} | {kept} |"
                )
    return lines
