"""Runs the same program by cpcompat or by another library, each in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from tests.shim.records import Call
    from tests.shim.world import World

LIMIT_S = 60
_STEPPED = """\
{setup}
import sys
print("ready", flush=True)
for line in sys.stdin:
{step}
    print("done", flush=True)
"""


def command(ours: bool, script: Path) -> list[str]:
    """Return the command that runs a script with our modules, or as plain Python does."""
    return [sys.executable, "-P", *(["-m", "cpcompat"] if ours else []), str(script)]


def environment(**more: str) -> dict[str, str]:
    """Return this environment without what chooses a board or forces Blinka's hand."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("BLINKA_", "CPCOMPAT_"))}
    return {**clean, **more}


def run(code: str, folder: Path, *, ours: bool, **more: str) -> str:
    """Run a program to its end and return what it printed; an error's last line counts as printed.

    Args:
        code: The program.
        folder: Where it is put.
        ours: By cpcompat, or as plain Python runs it.
        more: Variables of its environment.
    """
    script = folder / f"program-{'ours' if ours else 'theirs'}.py"
    script.write_text(textwrap.dedent(code))
    done = subprocess.run(
        command(ours, script),
        capture_output=True,
        text=True,
        check=False,
        timeout=LIMIT_S,
        env=environment(**more),
        cwd=folder,
    )
    errors = done.stderr.strip().splitlines()[-1:] if done.returncode else []
    return "\n".join([*done.stdout.splitlines(), *errors]).strip()


class Stepped:
    """A program that makes one step at a time, so that each step's calls can be told from the rest.

    Args:
        world: The world that it runs in.
        setup: What it does first.
        step: What it does at each step.
        ours: By cpcompat, or as plain Python runs it.
    """

    def __init__(self, world: World, setup: str, step: str, *, ours: bool) -> None:
        self._world = world
        script = world.folder / f"stepped-{world.mark()}.py"
        step = textwrap.indent(textwrap.dedent(step), "    ")
        script.write_text(_STEPPED.format(setup=textwrap.dedent(setup), step=step))
        self._process = subprocess.Popen(
            command(ours, script),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment(),
            cwd=world.folder,
        )
        self._expect("ready")

    def _expect(self, word: str) -> None:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line == word + "\n", f"the program said {line!r}"

    def step(self) -> list[Call]:
        """Let it make one step and return the calls of it."""
        assert self._process.stdin is not None
        start = self._world.mark()
        self._process.stdin.write("go\n")
        self._process.stdin.flush()
        self._expect("done")
        return self._world.calls(start)

    def __enter__(self) -> Stepped:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(LIMIT_S)
