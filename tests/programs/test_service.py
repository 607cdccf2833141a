"""The example of a systemd unit: systemd understands it, and a stop by it is a good end."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
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
    "Type": "notify",
    "WatchdogSec": "30",
    "WatchdogSignal": "SIGUSR1",
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


@pytest.mark.feature("USB drive")
@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed here")
def test_systemd_understands_the_unit_of_the_usb_device(tmp_path: Path) -> None:
    """The one that root has."""
    unit = tmp_path / "cpcompat-usb@tmp-drive.service"
    text = UNIT.with_name("cpcompat-usb@.service").read_text()
    unit.write_text(text.replace("/home/pi/cpcompat/bin/cpcompat", COMMAND))
    words = ["systemd-analyze", "--man=no", "verify", str(unit)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert [line for line in done.stderr.splitlines() if "cpcompat-usb@" in line] == []


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


class Manager:
    """What systemd is to a service: a socket that is told things.

    Args:
        name: The socket's name, with an ``@`` first for one that is in no folder.
    """

    def __init__(self, name: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.settimeout(20)
        self._socket.bind("\0" + name[1:] if name.startswith("@") else name)

    def hears(self, text: str) -> list[str]:
        """Wait until something is told; return what was told before it."""
        before = []
        while (told := self._socket.recv(4096).decode()) != text:
            before.append(told)
        return before

    def close(self) -> None:
        """Listen no more."""
        self._socket.close()


@pytest.fixture(params=["in a folder", "abstract"])
def manager(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Manager]:
    """A service manager that takes a service for dead after a fifth of a second."""
    name = str(tmp_path / "notify") if request.param == "in a folder" else f"@{tmp_path.name}"
    made = Manager(name)
    monkeypatch.setenv("NOTIFY_SOCKET", name)
    monkeypatch.setenv("WATCHDOG_USEC", "200000")
    yield made
    made.close()


def test_the_service_manager_hears_that_it_is_up_lives_and_ends(
    manager: Manager, board: Callable[..., Board]
) -> None:
    """And what the board is doing, for its list of services."""
    one = board("print('go')\ninput()\n")
    assert manager.hears("READY=1") == []
    manager.hears("WATCHDOG=1")
    manager.hears("STATUS=The board's state is CODE.")
    one.sees(b"go\r\n")
    for _ in range(3):  # also while a program runs and nothing else happens
        manager.hears("WATCHDOG=1")
    one.types(b"\r")
    one.sees(PROMPT)
    assert one.leaves() == 0
    manager.hears("STOPPING=1")


def test_a_supervisor_that_hangs_is_not_said_to_live_and_comes_back_in_safe_mode(
    manager: Manager, board: Callable[..., Board]
) -> None:
    """Ended as systemd does it; the next start says where it hung."""
    one = board("print('ran')\n")
    one.sees(b"ran\r\n", PROMPT)
    manager.hears("WATCHDOG=1")
    os.kill(one.pid, signal.SIGUSR1)
    assert one.ends() == -signal.SIGUSR1
    again = board(None)
    seen = again.sees(b"You are in safe mode because:\r\n")
    assert b"the supervisor failed: it hung, in" in seen, seen
    assert b"ran\r\n" not in seen
    again.sees(b"Internal watchdog timer expired.\r\n", PROMPT)


def test_a_stopped_supervisor_says_nothing(manager: Manager, board: Callable[..., Board]) -> None:
    """So systemd notices within its time."""
    one = board("print('ran')\n")
    one.sees(b"ran\r\n", PROMPT)
    os.kill(one.pid, signal.SIGSTOP)
    manager._socket.settimeout(1)  # five times what it is asked for
    with pytest.raises(TimeoutError):
        while True:
            manager.hears("never")
    os.kill(one.pid, signal.SIGCONT)
    manager._socket.settimeout(20)
    manager.hears("WATCHDOG=1")


def test_a_service_manager_that_has_gone_ends_nothing(
    manager: Manager, board: Callable[..., Board]
) -> None:
    """It is told of once, and the board lives."""
    one = board("print('ran')\n")
    one.sees(b"ran\r\n", PROMPT)
    manager.close()
    one.sees(b"the service manager does not listen any more")
    one.types(b"\x04")
    one.sees(b"ran\r\n", PROMPT)
