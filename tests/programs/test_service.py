"""The example of a systemd unit: systemd understands it, and a stop by it is a good end."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.programs.conftest import COMMAND, PROMPT, Board
from tests.running import ROOT

pytestmark = [pytest.mark.feature("cpcompat run"), pytest.mark.simulated]

UNIT = ROOT / "docs/service/cpcompat@.service"
WANTED = {
    "ExecStart": "%h/cpcompat/bin/cpcompat run %f --console pty:%t/cpcompat-%j",
    "ExecStopPost": "%h/cpcompat/bin/cpcompat safe-pins",
    "Restart": "always",
    "KillMode": "mixed",
    "StartLimitIntervalSec": "0",
    "OOMPolicy": "continue",
}


def test_the_unit_starts_again_for_ever_and_makes_pins_safe() -> None:
    """Each setting stands once."""
    lines = [line.partition("=") for line in UNIT.read_text().splitlines() if "=" in line]
    said = [(key, value) for key, _, value in lines if not key.startswith("#")]
    assert len(dict(said)) == len(said)
    assert WANTED.items() <= dict(said).items()


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed here")
def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    """Not a word of complaint, with the command where it is here."""
    unit = tmp_path / "cpcompat@tmp-drive.service"
    unit.write_text(UNIT.read_text().replace("%h/cpcompat/bin/cpcompat", COMMAND))
    words = ["systemd-analyze", "--user", "--man=no", "verify", str(unit)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    complaints = [line for line in done.stderr.splitlines() if "cpcompat@" in line]
    assert complaints == []
    assert done.returncode == 0


def test_a_stop_by_the_service_manager_is_a_good_end(board: Callable[..., Board]) -> None:
    """SIGTERM to the supervisor alone, as KillMode=mixed sends it: atexit runs, and it goes in time."""
    one = board(
        "import atexit, time\natexit.register(print, 'put away')\nprint('go')\ntime.sleep(60)\n"
    )
    one.sees(b"go\r\n")
    os.kill(one.pid, signal.SIGTERM)
    one.sees(b"put away\r\n")
    assert one.ends() == -signal.SIGTERM
    again = board("print('fine')")
    again.sees(b"fine\r\n", PROMPT)
