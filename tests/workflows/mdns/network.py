"""A network of the test's own: computers that are namespaces, at one switch, which leads nowhere else.

Each computer has its own network, its own ``/run``, and, when asked, its own message bus and Avahi.
What a test runs there never sees the network of the computer that runs the tests.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

PATIENCE_S = 30
_APART = ("unshare", "--net", "--mount", "--propagation", "private", "sh", "-c")
_NEW_NETWORK = 0x40000000  # CLONE_NEWNET
_PROGRAMS = ("unshare", "nsenter", "ip", "dbus-daemon", "avahi-daemon", "avahi-browse")
_BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "busconfig.dtd">
<busconfig>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/> <allow own="*"/>
    <allow send_destination="*" eavesdrop="false"/> <allow receive_sender="*"/>
  </policy>
</busconfig>
"""
_AVAHI = """[server]
host-name={name}
use-ipv4=yes
use-ipv6=no
allow-interfaces=eth0
[publish]
publish-workstation=no
publish-hinfo=no
"""
_libc = ctypes.CDLL(None, use_errno=True)


def impossible() -> str:
    """Return why this computer has no networks for tests, empty if it has."""
    for program in _PROGRAMS:
        if shutil.which(program, path=_path()) is None:
            return f"{program} is not here; tools/system-packages installs it"
    done = subprocess.run(
        ["unshare", "--net", "--mount", "ip", "link", "add", "x0", "type", "bridge"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PATH": _path()},
    )
    return f"no network namespaces here: {done.stderr.strip()}" if done.returncode else ""


def _path() -> str:
    return os.environ.get("PATH", "") + ":/usr/sbin:/sbin"


class Computer:
    """One computer of a network.

    Args:
        folder: Where its files are.
        number: Which one it is: its address is 10.99.0.NUMBER.
    """

    def __init__(self, folder: Path, number: int) -> None:
        self.folder = folder
        self.number = number
        self.address = f"10.99.0.{number}"
        folder.mkdir()
        self.bus = f"unix:path={folder / 'bus'}"
        self.environment = {**os.environ, "PATH": _path(), "DBUS_SYSTEM_BUS_ADDRESS": self.bus}
        self._started: list[subprocess.Popen[Any]] = []
        self._bus: subprocess.Popen[Any] | None = None
        self._avahi: subprocess.Popen[Any] | None = None
        # It is there for as long as this process holds the other end of its input.
        self._holder = subprocess.Popen(
            [
                *_APART,
                "mount -t tmpfs none /run && mount -t sysfs none /sys && echo ready && exec cat",
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=self.environment,
        )
        assert self._holder.stdout is not None
        assert self._holder.stdout.readline() == "ready\n"
        self.does("ip", "link", "set", "lo", "up")

    @property
    def pid(self) -> int:
        """The process that holds its namespaces."""
        return self._holder.pid

    def words(self, *command: str) -> list[str]:
        """Return the command line that runs a command there."""
        return ["nsenter", "--target", str(self.pid), "--net", "--mount", "--", *command]

    def does(self, *command: str, check: bool = True) -> str:
        """Run a command there; return what it says."""
        done = subprocess.run(
            self.words(*command),
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE_S,
            env=self.environment,
        )
        assert not check or done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        return done.stdout

    def starts(self, *command: str, **more: Any) -> subprocess.Popen[Any]:
        """Start a command there that goes on."""
        started = subprocess.Popen(self.words(*command), env=self.environment, **more)
        self._started.append(started)
        return started

    def start_bus(self) -> None:
        """Start its message bus."""
        configuration = self.folder / "bus.conf"
        configuration.write_text(_BUS.format(socket=self.folder / "bus"))
        bus = self.starts(
            *("dbus-daemon", "--nofork", "--print-address", f"--config-file={configuration}"),
            stdout=subprocess.PIPE,
        )
        self._bus = bus
        assert bus.stdout is not None
        assert bus.stdout.readline().startswith(b"unix:")  # it listens

    def stop_bus(self) -> None:
        """End its message bus."""
        assert self._bus is not None
        self._bus.terminate()
        self._bus.wait(PATIENCE_S)

    def start_avahi(self) -> None:
        """Start Avahi at its bus, and wait until it answers."""
        configuration = self.folder / "avahi.conf"
        configuration.write_text(_AVAHI.format(name=f"computer-{self.number}"))
        command = ("avahi-daemon", "--no-drop-root", "--no-chroot", f"--file={configuration}")
        self._avahi = self.starts(*command, stderr=subprocess.PIPE, text=True)
        assert self._avahi.stderr is not None
        for line in self._avahi.stderr:
            if "startup complete" in line:
                break
        else:
            raise AssertionError("avahi-daemon does not start")
        threading.Thread(target=self._avahi.stderr.read, daemon=True).start()

    def stop_avahi(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End its Avahi."""
        assert self._avahi is not None
        self._avahi.send_signal(number)
        self._avahi.wait(PATIENCE_S)
        self._started.remove(self._avahi)

    def runs(self, work: Callable[[], Coroutine[Any, Any, Any]]) -> Inside:
        """Have a coroutine of this process run there, in a thread with a loop of its own."""
        return Inside(self, work)

    def close(self) -> None:
        """End what runs there, and the computer with it."""
        for process in reversed(self._started):
            if process.poll() is None:
                process.terminate()
        for process in self._started:
            try:
                process.wait(PATIENCE_S)
            except subprocess.TimeoutExpired:
                process.kill()
        self._holder.communicate()


class Inside:
    """A coroutine that runs at a computer of a test's network.

    The thread's sockets are that computer's: a thread may have a network of its own.

    Args:
        computer: Where.
        work: Makes the coroutine.
    """

    def __init__(self, computer: Computer, work: Callable[[], Coroutine[Any, Any, Any]]) -> None:
        self._computer = computer
        self._work = work
        self._begun = threading.Event()
        self._failure: BaseException | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[Any] | None = None
        self._thread = threading.Thread(target=self._live, daemon=True)
        self._thread.start()
        assert self._begun.wait(PATIENCE_S)

    def _live(self) -> None:
        try:
            with open(f"/proc/{self._computer.pid}/ns/net", "rb") as network:
                if _libc.setns(network.fileno(), _NEW_NETWORK):
                    raise OSError(ctypes.get_errno(), "setns")
            asyncio.run(self._main())
        except asyncio.CancelledError:
            pass
        except BaseException as error:
            self._failure = error
        finally:
            self._begun.set()

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.current_task()
        self._begun.set()
        await self._work()

    def end(self) -> None:
        """Cancel it, and wait until it has ended.

        Raises:
            BaseException: What it raised.
        """
        if self._loop is not None and self._task is not None and self._thread.is_alive():
            with contextlib.suppress(RuntimeError):  # it has ended just now
                self._loop.call_soon_threadsafe(self._task.cancel)
        self.wait()

    def wait(self) -> None:
        """Wait until it has ended.

        Raises:
            BaseException: What it raised.
        """
        self._thread.join(PATIENCE_S)
        assert not self._thread.is_alive()
        if self._failure is not None:
            raise self._failure


class Network:
    """Computers at one switch.

    Args:
        folder: Where their files are.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._switch = Computer(folder / "switch", 0)
        self.computers: list[Computer] = []
        self._switch.does("ip", "link", "add", "br0", "type", "bridge", "mcast_snooping", "0")
        self._switch.does("ip", "link", "set", "br0", "up")

    def computer(self, *, bus: bool = True, avahi: bool = True) -> Computer:
        """Add a computer.

        Args:
            bus: It has a message bus.
            avahi: Avahi runs there.
        """
        number = len(self.computers) + 1
        made = Computer(self._folder / f"computer-{number}", number)
        self.computers.append(made)
        port = f"port{number}"
        self._switch.does(
            *("ip", "link", "add", port, "type", "veth", "peer", "name", "eth0"),
            *("netns", str(made.pid)),
        )
        self._switch.does("ip", "link", "set", port, "master", "br0", "up")
        made.does("ip", "address", "add", f"{made.address}/24", "dev", "eth0")
        made.does("ip", "link", "set", "eth0", "up")
        made.does("ip", "route", "add", "default", "via", "10.99.0.254")
        if bus:
            made.start_bus()
        if avahi:
            made.start_avahi()
        return made

    def close(self) -> None:
        """End all of it."""
        for computer in (*self.computers, self._switch):
            computer.close()


class Browse:
    """``avahi-browse`` at a computer: what an independent judge sees come and go.

    Args:
        computer: Where it looks.
        service: What it looks for.
    """

    def __init__(self, computer: Computer, service: str = "_circuitpython._tcp") -> None:
        self._lines: list[tuple[str, ...]] = []
        self._more = threading.Condition()
        self._process = computer.starts(
            *(
                "stdbuf",
                "-oL",
                "avahi-browse",
                "--parsable",
                "--resolve",
                "--no-db-lookup",
                service,
            ),
            stdout=subprocess.PIPE,
            text=True,
        )
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            with self._more:
                self._lines.append(tuple(map(unescaped, line.rstrip("\n").split(";"))))
                self._more.notify_all()

    def line(self, mark: str, name: str, after: int = 0) -> tuple[str, ...]:
        """Wait for a line of its output; return its fields.

        Args:
            mark: ``=`` for found with address, ``-`` for gone.
            name: The instance's name.
            after: How many lines before do not count.
        """
        found: list[tuple[str, ...]] = []

        def seen() -> bool:
            found[:] = [one for one in self._lines[after:] if (one[0], one[3]) == (mark, name)]
            return bool(found)

        with self._more:
            assert self._more.wait_for(seen, PATIENCE_S), f"no {mark} {name!r}: {self._lines}"
        return found[0]

    @property
    def count(self) -> int:
        """How many lines there have been."""
        with self._more:
            return len(self._lines)

    @property
    def names(self) -> set[str]:
        """The names that have been seen."""
        with self._more:
            return {one[3] for one in self._lines}


def unescaped(text: str) -> str:
    r"""Return a field of ``avahi-browse --parsable`` without its escapes (``\032`` for a space)."""
    out = bytearray()
    data = text.encode()
    at = 0
    while at < len(data):
        if data[at : at + 1] == b"\\":
            digits = data[at + 1 : at + 4]
            three = len(digits) == 3 and digits.isdigit()
            out += bytes([int(digits)]) if three else data[at + 1 : at + 2]
            at += 4 if three else 2
        else:
            out.append(data[at])
            at += 1
    return out.decode("utf-8", "replace")


def name_of(computer: Computer, address: str) -> str:
    """Return what ``avahi-resolve`` at a computer makes of a host name."""
    said = computer.does("avahi-resolve", "-4", "--name", address, check=False)
    return said.split()[-1] if said else ""


def skip_unless_possible() -> None:
    """Skip the test where there can be no network of its own."""
    reason = impossible()
    if reason:
        pytest.skip(reason)
