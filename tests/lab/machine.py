"""One emulated Raspberry Pi 3B: booted for one job, and gone after it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.lab import cache, job
from tests.lab.outside import Hand
from tests.lab.parts import DEVICES, FLASH_PIN, FLASH_SELECT
from tests.lab.qmp import LabError, Monitor, connect

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_TICK_S = 0.01
_GPIO = "/machine/soc/peripherals/gpio"


class Setup(NamedTuple):
    """How the machine is set up.

    Attributes:
        wires: Jumper wires: an output's GPIO number and that of the input which follows it.
        properties: Properties of parts (`tests.lab.parts`), such as
            ``{"thermometer.temperature": 21500}``.
        echo: Whether the other end of /dev/ttyAMA0 sends back what it hears.
        live: Whether this side talks with the running Pi, over `Pi.hand`, say. Then the Pi's time is as
            long as ours. Otherwise it is its work alone: an instruction is a nanosecond and waiting costs
            nothing, so that what takes time takes the same on every computer.
        append: Arguments for the kernel; with any it boots afresh, without the snapshot.
        trace: What QEMU reports of its devices, as a pattern of its trace events.
        selects: The GPIO that selects the flash memory.
        console: Whether the kernel's console is recorded too, in `Pi.console`; boots afresh.
    """

    wires: tuple[tuple[int, int], ...] = ()
    properties: Mapping[str, int] = {}
    echo: bool = False
    live: bool = False
    append: str = ""
    trace: str = ""
    selects: int = FLASH_SELECT
    console: bool = False

    @property
    def paced(self) -> bool:
        """Whether the Pi's time is as long as ours."""
        return bool(self.wires or self.echo or self.live)

    @property
    def from_snapshot(self) -> bool:
        """Whether it starts where the snapshot was taken."""
        return not self.append and not self.console


def snapshot_of(setup: Setup) -> Path:
    """Return where the booted machine is kept; one whose time is ours fits no other, and none fits it."""
    return cache.folder() / "snapshot" / ("live" if setup.paced else "work")


def _command(setup: Setup, work: Path) -> list[str]:
    lab = cache.folder()
    arguments = f"iomem=relaxed panic=-1 maxcpus=1 {setup.append}"
    arguments += " console=ttyS1,115200" if setup.console else " quiet"
    second = "file,id=uart1,path=console" if setup.console else "null,id=uart1"
    command = [f"{lab}/qemu/usr/bin/qemu-system-aarch64", "-L", f"{lab}/qemu/usr/share/qemu"]
    command += ["-M", "raspi3b", "-display", "none", "-no-reboot", "-nodefaults", "-S"]
    command += ["-global", "bcm2837.enabled-cpus=1"]  # else three parked ones spin
    command += ["-semihosting-config", "enable=on,target=native,userspace=on"]
    command += ["-kernel", f"{lab}/kernel/vmlinuz", "-dtb", f"{lab}/kernel/pi3b.dtb"]
    command += ["-initrd", f"{lab}/initramfs.cpio", "-append", arguments]
    command += ["-chardev", "socket,id=uart0,path=uart0,server=on,wait=off"]
    command += ["-serial", "chardev:uart0", "-chardev", second, "-serial", "chardev:uart1"]
    command += ["-qtest", "unix:qtest,server=on,wait=off", "-qtest-log", "none"]
    command += ["-qmp", "unix:qmp,server=on,wait=off"]
    command += [word for device in DEVICES for word in ("-device", device)]
    command += ["-icount", f"shift=0,sleep={'on' if setup.paced else 'off'}"]
    if setup.trace:
        command += ["-trace", f"enable={setup.trace}", "-D", str(work / "trace")]
    return command


def _environment() -> dict[str, str]:
    qemu = cache.folder() / "qemu"
    places = [str(path) for path in sorted(qemu.glob("usr/lib/*-linux-gnu"))]
    places += [str(path) for path in sorted(qemu.glob("lib/*-linux-gnu"))]
    kept = {name: value for name, value in os.environ.items() if name != "LD_PRELOAD"}
    return {**kept, "LD_LIBRARY_PATH": ":".join(places)}


def _echo(connection: socket.socket) -> None:
    try:
        while data := connection.recv(4096):
            connection.sendall(data)
    except OSError:
        pass


NORMAL = Setup()


class Pi:
    """The machine, inside ``with``. It takes one job.

    Args:
        setup: How it is set up.
        timeout_s: After how long a job is given up.

    Attributes:
        work: QEMU's working directory.
        monitor: QEMU's monitor.
        hand: The hand at its pins; only with `Setup.live` or wires.
    """

    monitor: Monitor
    hand: Hand

    def __init__(self, setup: Setup = NORMAL, timeout_s: float = 120) -> None:
        self.setup = setup
        self.timeout_s = timeout_s
        self.work = Path(tempfile.mkdtemp(prefix="lab-"))
        self._stack = ExitStack()
        self._stack.callback(shutil.rmtree, self.work, ignore_errors=True)

    def __enter__(self) -> Pi:
        try:
            self._power_up()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _power_up(self) -> None:
        command = _command(self.setup, self.work)
        state = snapshot_of(self.setup)
        use = self.setup.from_snapshot and state.exists()
        if use:
            command += ["-incoming", f"file:{state}"]
        said = self._stack.enter_context((self.work / "qemu.log").open("wb"))
        self._qemu = subprocess.Popen(
            command, cwd=self.work, env=_environment(), stdin=subprocess.DEVNULL, stderr=said
        )
        self._stack.callback(self._power_down)
        self.monitor = Monitor(self._socket("qmp"))
        self._stack.callback(self.monitor.close)
        while use and self.monitor("query-status")["status"] == "inmigrate":
            time.sleep(_TICK_S)
        self._wire_up()

    def _wire_up(self) -> None:
        self.monitor.put(_GPIO, f"unnamed-gpio-out[{self.setup.selects}]", FLASH_PIN)
        for name, value in self.setup.properties.items():
            part, _, wanted = name.partition(".")
            self.monitor.put(f"/machine/peripheral/{part}", wanted, value)
        if self.setup.echo:
            other_end = self._socket("uart0")
            self._stack.callback(other_end.close)
            threading.Thread(target=_echo, args=(other_end,), daemon=True).start()
        if self.setup.paced:
            self.hand = Hand(self._socket("qtest"), self.setup.wires)
            self._stack.callback(self.hand.close)

    def _socket(self, name: str) -> socket.socket:
        return connect(self.work / name, lambda: self._qemu.poll() is None)

    def _power_down(self) -> None:
        if self._qemu.poll() is None:
            self._qemu.terminate()
            try:
                self._qemu.wait(5)
            except subprocess.TimeoutExpired:
                self._qemu.kill()
                self._qemu.wait()

    def boot(self) -> None:
        """Let it run; the agent in it waits for a job."""
        self.monitor("cont")

    def start(
        self, command: str, put: Mapping[str, Path | str] | None = None, get: Iterable[str] = ()
    ) -> None:
        """Begin a job; see `tests.lab.job.hand_over`."""
        job.hand_over(self.work, command, put or {}, get)
        (self.work / "go").touch()
        self.boot()

    def said(self) -> str:
        """Return what the running job has written to its standard output so far."""
        path = self.work / "stdout"
        return path.read_text("utf-8", errors="replace") if path.exists() else ""

    def wait_for(self, text: str) -> None:
        """Wait until the running job has written a text.

        Raises:
            LabError: It ended without, or time is up.
        """
        deadline = time.monotonic() + self.timeout_s
        while text not in self.said():
            if self._qemu.poll() is not None or time.monotonic() > deadline:
                raise LabError(f"no {text!r} from the job, but:\n{self.said()}{self._errors()}")
            time.sleep(_TICK_S)

    def wait(self) -> job.Ended:
        """Return how the job ended.

        Raises:
            LabError: It did not in time, or the machine went down before.
        """
        try:
            self._qemu.wait(self.timeout_s)
        except subprocess.TimeoutExpired:
            raise LabError(
                f"no end within {self.timeout_s:g} s, but:\n{self.said()}{self._errors()}"
            ) from None
        ended = job.take_back(self.work)
        if ended is None:
            raise LabError(f"the machine went down before its job ended\n{self._errors()}")
        return ended

    def run(
        self, command: str, put: Mapping[str, Path | str] | None = None, get: Iterable[str] = ()
    ) -> job.Ended:
        """Begin a job, and return how it ended."""
        self.start(command, put, get)
        return self.wait()

    def traced(self) -> str:
        """Return what QEMU reported for `Setup.trace`."""
        path = self.work / "trace"
        return path.read_text("utf-8", errors="replace") if path.exists() else ""

    def _errors(self) -> str:
        paths = [self.work / name for name in ("stderr", "qemu.log", "console")]
        return "".join(p.read_text("utf-8", errors="replace") for p in paths if p.exists())
