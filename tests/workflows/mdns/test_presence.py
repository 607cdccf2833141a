"""A board's presence on its network: it costs nothing where it is not wanted, and little where it is."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from cpcompat.workflows.mdns import presence
from cpcompat.workflows.mdns.announcement import Wanted
from cpcompat.workflows.mdns.presence import Presence
from tests.workflows.mdns.network import PATIENCE_S, Browse

if TYPE_CHECKING:
    from tests.workflows.mdns.network import Computer, Inside, Network

pytestmark = [pytest.mark.feature("name on the network"), pytest.mark.simulated]
NAME = "it"


class Present:
    """A board that is present at a computer.

    Args:
        computer: Where.
    """

    def __init__(self, computer: Computer) -> None:
        self.told: list[str] = []
        self.established = threading.Event()
        self.timers: list[asyncio.TimerHandle] = []
        self._inside: Inside = computer.runs(self._live)

    async def _live(self) -> None:
        loop = asyncio.get_running_loop()
        established = asyncio.Event()

        def told(name: str) -> None:
            self.told.append(name)
            loop.call_soon(established.set)

        made = Presence(Wanted(NAME, "cpy-123456", 8080, "0.0.0.0"), told)
        try:
            await established.wait()
            end_s = loop.time() + PATIENCE_S
            while (timers := _timers(loop)) and loop.time() < end_s:
                await asyncio.sleep(0)  # an answer is on its way, and waited for so long at most
            self.timers = timers
            self.established.set()
            await loop.create_future()
        finally:
            await made.close()

    def close(self) -> None:
        """End it."""
        self._inside.end()


def _timers(loop: asyncio.AbstractEventLoop) -> list[asyncio.TimerHandle]:
    return [timer for timer in vars(loop)["_scheduled"] if not timer.cancelled()]


def test_an_idle_board_that_avahi_announces_wakes_nobody(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It waits for the kernel and the bus, and for no time."""
    computer = network.computer()
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", computer.bus)
    board = Present(computer)
    assert board.established.wait(PATIENCE_S)
    assert board.timers == []
    board.close()


def test_a_bus_that_comes_again_is_told_anew(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever went wrong is tried again; whoever was told the name is not told again."""
    monkeypatch.setattr(presence, "_AGAIN_S", 0.05)
    judge, computer = network.computer(), network.computer()
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", computer.bus)
    board = Present(computer)
    browse = Browse(judge)
    browse.line("=", NAME)
    computer.stop_avahi()
    computer.stop_bus()
    browse.line("-", NAME)
    lines = browse.count
    computer.start_bus()
    computer.start_avahi()
    browse.line("=", NAME, lines)
    board.close()
    assert board.told == ["cpy-123456.local"]


def test_a_server_that_listens_on_loopback_loads_nothing_of_it() -> None:
    """Neither the libraries nor what uses them."""
    program = (
        "import sys\n"
        "import cpcompat.workflows.web.server, cpcompat.workflows.web.service, cpcompat.cli.run\n"
        "names = ('jeepney', 'zeroconf', 'cpcompat.workflows.mdns')\n"
        "print([name for name in names if name in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"
