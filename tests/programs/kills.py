"""Boards whose processes are killed at random moments, and how long their lines stay driven.

Run as a program, ``kills.py FOLDER COUNT SEED``, it does so on one board and writes what came of it, as
JSON; several of them run side by side, each in a world of its own.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

ROOT = Path(__file__).parents[2]
if str(ROOT) not in sys.path:
    sys.path.append(str(ROOT))  # when it is a program; behind the installed cpcompat

from tests.programs.conftest import COMMAND, PATIENCE_S  # noqa: E402
from tests.shim.world import World  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

REAL = ("--board", "raspberry_pi_4b")
PINS = ("GPIO5", "GPIO6", "GPIO13", "GPIO17")
DRIVES = """
import board, digitalio
pins = [digitalio.DigitalInOut(pin) for pin in (board.D5, board.D6, board.D13, board.D17)]
for pin in pins:
    pin.switch_to_output(True)
print("driving")
while True:
    for pin in pins:
        pin.value = not pin.value
"""


class Killed(NamedTuple):
    """What came of one round.

    Attributes:
        victims: Who was killed, in this order.
        taken_s: For how long lines stayed driven.
    """

    victims: tuple[str, ...]
    taken_s: float


class Running:
    """A supervisor without a terminal, and the processes below it.

    Args:
        drive: The drive.
    """

    def __init__(self, drive: Path) -> None:
        self.process = subprocess.Popen(
            [COMMAND, "run", str(drive), "--console", "none", *REAL],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def pids(self) -> dict[str, int]:
        """Return the processes by what they are, when the program runs."""
        supervisor = self.process.pid
        (zygote,) = children(supervisor)
        broker, program = sorted(children(zygote), key=is_program)
        return {"supervisor": supervisor, "zygote": zygote, "broker": broker, "program": program}

    def end(self) -> None:
        """Kill what is left, and wait until nothing is."""
        self.process.kill()
        self.process.wait()


def children(pid: int) -> list[int]:
    """Return the children of a process."""
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(word) for word in text.split()]


def is_program(pid: int) -> bool:
    """Tell a program by what the kernel is told of it: it goes first when memory runs out."""
    return Path(f"/proc/{pid}/oom_score_adj").read_text().strip() == "500"


def wait_for(holds: Callable[[], bool]) -> float:
    """Wait until something holds; return how long that took, in seconds."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < PATIENCE_S
        time.sleep(0.002)
    return time.monotonic() - began


def kill_some(world: World, drive: Path, dice: random.Random) -> Killed:
    """Let a program drive lines, and kill some of the processes at a random moment."""
    running = Running(drive)
    try:
        wait_for(lambda: world.driven() == list(PINS))
        pids = running.pids()
        # One that ends the program must be among them; one that can clean up must not.
        victims = ["broker"] * dice.choice((0, 0, 0, 1))
        victims += dice.choice((["program"], ["zygote"], ["supervisor"], ["program", "zygote"]))
        if dice.random() < 0.2 and "broker" not in victims:
            victims += [name for name in ("zygote", "supervisor") if name not in victims]
        dice.shuffle(victims)
        time.sleep(dice.random() * 0.01)
        os.kill(pids[victims[0]], signal.SIGKILL)
        for name in victims[1:]:
            with suppress(ProcessLookupError):  # the first one's death may have ended it by now
                os.kill(pids[name], signal.SIGKILL)
        taken_s = wait_for(lambda: not world.driven())
    finally:
        running.end()
    return Killed(tuple(victims), taken_s)


def on_several_boards(folder: Path, count: int, seed: int) -> list[Killed]:
    """Kill so many times, on several boards side by side where there are processors enough.

    A board takes two, one of them for the program, which never rests: with fewer, what is measured
    would be how long a process waits for its turn.

    Args:
        folder: Theirs; each board has a world, a drive and a runtime folder of its own in it.
        count: How many times.
        seed: The first board's seed; the others have the numbers that follow.
    """
    boards = max(1, min(count, (os.cpu_count() or 1) // 2))
    shares = [count // boards + (turn < count % boards) for turn in range(boards)]
    started = []
    for turn, share in enumerate(shares):
        own = folder / f"board{turn}"
        own.mkdir()
        words = [sys.executable, "-P", __file__, str(own), str(share), str(seed + turn)]
        environment = {**os.environ, "XDG_RUNTIME_DIR": str(own)}
        started.append(subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=environment))
    written = [process.communicate()[0] for process in started]
    assert [process.returncode for process in started] == [0] * boards
    return [Killed(tuple(victims), s) for text in written for victims, s in json.loads(text)]


def main(folder: Path, count: int, seed: int) -> None:
    """Kill so many times on one board, and write what each was."""
    folder.chmod(0o700)
    drive = folder / "drive"
    drive.mkdir()
    (drive / "code.py").write_text(DRIVES)
    dice = random.Random(seed)
    # No log: these programs call the kernel without end.
    with World(folder / "world", log=False) as world:
        print(json.dumps([kill_some(world, drive, dice) for _ in range(count)]))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
