"""A board that is plugged in: the gadget's files as a folder, and a host that uses mtools on the medium.

What only a kernel does is not here: it refuses to give a mounted medium back. The tests in tests/lab have a
real one.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cpcompat.workflows.usb.gadget import serial_of
from tests.workflows.conftest import LOOP, PASSWORD, WebBoard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PATIENCE_S = 20.0
RUN = Path(__file__).with_name("run_plugged.py")


class Host:
    """The computer that the board is plugged into.

    Args:
        folder: Where the gadget's files are made.
        drive: Whose gadget it is.
    """

    def __init__(self, folder: Path, drive: Path) -> None:
        self.configfs, self.controllers = folder / "config", folder / "udc"
        gadget = self.configfs / "usb_gadget" / "cpcompat"
        self.slot = gadget / "functions/mass_storage.0/lun.0"
        self._state = self.controllers / "fake.usb" / "state"
        for path in (self.slot, gadget / "strings/0x409", self._state.parent):
            path.mkdir(parents=True)
        for name in ("file", "ro", "forced_eject"):
            (self.slot / name).write_text("")
        (gadget / "strings/0x409/serialnumber").write_text(serial_of(drive))
        (gadget / "UDC").write_text("fake.usb")
        self.plug()

    def plug(self) -> None:
        """Take the device up."""
        self._state.write_text("configured\n")

    def unplug(self) -> None:
        """Pull the cable."""
        self._state.write_text("not attached\n")

    @property
    def medium(self) -> str:
        """The medium that is in; empty for none."""
        return (self.slot / "file").read_text().strip()

    @property
    def may_write(self) -> bool:
        """Whether the medium is there to be written."""
        return (self.slot / "ro").read_text().strip() == "0"

    def eject(self) -> None:
        """Put the medium out, as «eject» does."""
        (self.slot / "file").write_text("\n")

    def wait(self, condition: Callable[[], object], what: str) -> None:
        """Wait until something is the case."""
        end_s = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < end_s, f"not within {PATIENCE_S:g} s: {what}"
            time.sleep(0.01)

    def sees(self, *, writable: bool = True) -> None:
        """Wait until the medium is in."""
        self.wait(lambda: self.medium and self.may_write == writable, "the medium is in")

    def sees_nothing(self) -> None:
        """Wait until the medium is out."""
        self.wait(lambda: not self.medium, "the medium is out")

    def does(self, tool: str, *words: str, data: bytes | None = None) -> bytes:
        """Use one of the mtools on the medium's partition."""
        image = f"{self.medium}@@512"
        done = subprocess.run(
            [tool, "-i", image, *words],
            input=data,
            capture_output=True,
            check=False,
            env={"LANG": "C.UTF-8", "PATH": "/usr/bin:/bin", "MTOOLS_SKIP_CHECK": "1"},
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def writes(self, name: str, data: bytes) -> None:
        """Write a file, as an editor does: over the old one."""
        self.does("mcopy", "-o", "-", f"::{name}", data=data)

    def reads(self, name: str) -> bytes:
        """Return a file's bytes."""
        return self.does("mtype", f"::{name}")


class PluggedBoard(WebBoard):
    """A board with a web workflow, plugged into a host.

    Attributes:
        host: The host.
    """

    host: Host

    def output(self, wanted: str) -> None:
        """Wait for a line of the program's."""
        self.host.wait(lambda: wanted in self.log.read_text(errors="replace"), wanted)

    def restart(self) -> None:
        """Start it again, after it was killed."""
        self.process.wait(PATIENCE_S)
        WebBoard.__init__(self, self.drive, self.environment, *self.words, command=self.command)

    words: tuple[str, ...]
    command: tuple[str, ...]


@pytest.fixture
def plugged(tmp_path: Path) -> Iterator[Callable[..., PluggedBoard]]:
    """Starts a board that is plugged in: ``plugged(code, boot=…, **files)``."""
    if shutil.which("mcopy") is None:
        pytest.skip("mtools is not here: sudo apt install mtools")
    boards: list[PluggedBoard] = []

    def start(code: str = LOOP, *, boot: str = "", **files: str) -> PluggedBoard:
        drive = tmp_path / "drive"
        drive.mkdir()
        texts = {"code.py": code, "boot.py": boot, **files}
        texts["settings.toml"] = f'CIRCUITPY_WEB_API_PASSWORD = "{PASSWORD}"\n'
        for name, text in texts.items():
            if text:
                (drive / name).write_text(text)
        host = Host(tmp_path, drive)
        board = PluggedBoard.__new__(PluggedBoard)
        board.host = host
        board.words = ("--web", "0", "--console", "stdio")
        board.command = (sys.executable, "-P", str(RUN), str(host.configfs), str(host.controllers))
        environment = {
            "XDG_RUNTIME_DIR": str(tmp_path / "run"),
            "XDG_STATE_HOME": str(tmp_path / "state"),
        }
        (tmp_path / "run").mkdir(mode=0o700)
        WebBoard.__init__(board, drive, environment, *board.words, command=board.command)
        boards.append(board)
        return board

    yield start
    for one in boards:
        one.close()
