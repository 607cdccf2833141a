"""``make fuzz``: tries the web workflow for as long as it is told, and writes what came of it.

Three ways, which share the time: sequences of requests against a model of the drive, requests that
schemathesis makes of docs/openapi.yaml, and atheris on paths, headers and whole requests. The exit
status is 1 when a promise was broken.
"""

from __future__ import annotations

import argparse
import random
import re
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).parent.parent
if str(ROOT) not in sys.path:
    sys.path.append(str(ROOT))

from hypothesis.errors import HypothesisException  # noqa: E402

from tests.workflows.conftest import COMMAND  # noqa: E402
from tests.workflows.fuzz import from_openapi, stateful, targets  # noqa: E402
from tests.workflows.fuzz.prober import Prober, probed  # noqa: E402
from tools import reliability  # noqa: E402
from tools.reliability import Tried  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

_STEPS = 30
_HEAD = """## The web workflow

Written by `make fuzz`, against a server as users start it (atheris: in its own process). The promises:
nothing escapes from the drive, nothing takes more than a second, nothing is written without the
password, an upload is there whole or not at all, and the server never fails. Ten bugs are planted in
copies of the server; tests/workflows/fuzz/test_planted.py says which way finds which.

"""
_WORDS = {
    "path": "atheris: paths and X-Destination, against a second reading of them",
    "header": "atheris: Host, Origin, Authorization, and what --web is given",
    "request": "atheris: bytes of a stranger, as whole requests",
    "let in": "atheris: methods and paths of somebody with the password",
}


def _sequences(probe: Prober, seed: int) -> None:
    stateful.run(probe, 40, _STEPS, seed)


def _operations(probe: Prober, seed: int) -> None:
    from_openapi.run(probe, 10, seed)


def asked(what: str, ask: Callable[[Prober, int], None], seconds: float, seed: int) -> Tried:
    """Ask a board again and again until the time is over.

    Args:
        what: What it is, in words.
        ask: Asks for a while, as drawn by a seed.
        seconds: For how long.
        seed: The first seed; each round has the next one.
    """
    began_s = time.monotonic()
    broken, count, draws = "", 0, seed
    while time.monotonic() - began_s < seconds and not broken:
        with probed((COMMAND,)) as probe:
            try:
                ask(probe, draws)
                probe.is_well()
            except (AssertionError, ExceptionGroup, HypothesisException, OSError) as error:
                broken = (probe.broken or [str(error)])[0].partition("\n")[0] + f" (seed {draws})"
            count += probe.asked
        draws += 1
    return Tried(what, count, "requests", time.monotonic() - began_s, seed, broken)


def driven(name: str, seconds: float, seed: int) -> Tried:
    """Let atheris drive a target.

    Args:
        name: Of `targets.TARGETS`.
        seconds: For how long.
        seed: Draws the inputs.
    """
    options = [f"-max_total_time={int(seconds)}", f"-seed={seed}", "-timeout=5"]
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-P", targets.__file__, name, *options, f"-artifact_prefix={folder}/"],
            capture_output=True,
            text=True,
            check=False,
        )
    found = re.search(r"^Done ([0-9]+) runs in ([0-9]+) second", done.stderr, re.MULTILINE)
    if found is None:
        told = re.search(r"^AssertionError: .*", done.stdout + done.stderr, re.MULTILINE)
        return Tried(_WORDS[name], 0, "inputs", 0, seed, told[0] if told else done.stderr[-200:])
    return Tried(_WORDS[name], int(found[1]), "inputs", int(found[2]), seed)


def tried(seconds: float, seed: int) -> list[Tried]:
    """Try everything; each way has its share of the time.

    Args:
        seconds: For all of it.
        seed: Draws it.
    """
    rows = [
        asked("files and consoles, by friends and strangers, in any order, against a model",
              _sequences, seconds * 0.4, seed),
        asked("schemathesis: what docs/openapi.yaml allows and forbids, with the password and without",
              _operations, seconds * 0.2, seed),
    ]  # fmt: skip
    if find_spec("atheris") is None:
        print("atheris is not here: it has no wheel for this computer", file=sys.stderr)
        return rows
    return rows + [driven(name, seconds * 0.1, seed) for name in targets.TARGETS]


def main() -> int:
    """Run the command; returns its exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=600.0, help="for all of it (600)")
    parser.add_argument("--seed", type=int, default=None, help="draws it; any if not given")
    given = parser.parse_args()
    seed = random.randrange(2**31) if given.seed is None else given.seed
    rows = tried(given.seconds, seed)
    text = reliability.table(rows)
    print(text)
    reliability.write("web", _HEAD + text)
    return 1 if any(row.broken for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
