"""Boards as users start them, each at a computer of its own, at a network that the test made."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.workflows.conftest import COMMAND, LOOP, PASSWORD, WebBoard, make_board
from tests.workflows.mdns.network import PATIENCE_S, Browse, name_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.workflows.mdns.network import Computer, Network

pytestmark = [pytest.mark.feature("name on the network"), pytest.mark.simulated]
Start = Callable[..., "Board"]


def until(holds: Callable[[], Any]) -> None:
    """Ask until something holds: a board tells its state to who asks, and to nobody else."""
    end_s = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < end_s


class Board:
    """A board at a computer.

    Args:
        computer: Where.
        folder: Where its drive is.
        listen: Where it listens; as its settings say if None.
        name: What it is called.
        toml: Its cpcompat.toml.
    """

    def __init__(
        self, computer: Computer, folder: Path, listen: str | None, name: str, toml: str = ""
    ) -> None:
        folder.mkdir()
        settings = f'CIRCUITPY_WEB_API_PASSWORD = "{PASSWORD}"\n'
        settings += f'CIRCUITPY_WEB_INSTANCE_NAME = "{name}"\n'
        self.computer = computer
        self.web: WebBoard = make_board(
            folder,
            LOOP,
            *(("--web", listen) if listen else ("--no-reload",)),
            settings=settings,
            toml=toml,
            command=computer.words(COMMAND),
        )

    def asks(self, path: str, *words: str) -> Any:
        """Return what it answers, asked at its own computer."""
        url = f"http://127.0.0.1:{self.web.port}{path}"
        return json.loads(self.computer.does("curl", "-s", "--noproxy", "*", *words, url))

    def lists(self, names: list[str]) -> list[dict[str, object]]:
        """Ask for the other boards until they have these names; return them."""
        said: dict[str, Any] = {}

        def listed() -> bool:
            said.update(self.asks("/cp/devices.json"))
            return [one["instance_name"] for one in said["devices"]] == names

        until(listed)
        assert said["total"] == len(names)
        return list(said["devices"])

    def status(self, verb: str = "status", *words: str) -> str:
        """Return what ``cpcompat web`` says of it."""
        done = subprocess.run(
            self.computer.words(COMMAND, "web", verb, str(self.web.drive), *words),
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE_S,
            env=self.web.environment,
        )
        return done.stdout + done.stderr

    @property
    def host(self) -> str:
        """Its host name."""
        return f"{self.asks('/cp/version.json')['hostname']}.local"


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Starts boards: ``start(computer, name, listen, toml)``."""
    boards: list[Board] = []

    def made(
        computer: Computer, name: str, listen: str | None = "0.0.0.0:8080", toml: str = ""
    ) -> Board:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", computer.bus)
        folder = tmp_path / f"board-{len(boards)}"
        boards.append(Board(computer, folder, listen, name, toml))
        return boards[-1]

    yield made
    for board in boards:
        board.web.close()


def test_boards_on_a_network_find_each_other(network: Network, start: Start) -> None:
    """One that Avahi announces and one that answers itself; each is listed until it has ended."""
    judge = network.computer()
    one = start(network.computer(), "one")
    two = start(network.computer(bus=False, avahi=False), "two", "0.0.0.0:8123")
    browse = Browse(judge)
    assert browse.line("=", "one")[6:] == (one.host, "10.99.0.2", "8080", "")
    assert browse.line("=", "two")[6:] == (two.host, "10.99.0.3", "8123", "")
    assert one.lists(["two"]) == [
        {
            "hostname": two.host.removesuffix(".local"),
            "instance_name": "two",
            "port": 8123,
            "ip": "10.99.0.3",
        }
    ]
    two.lists(["one"])
    two.web.close()
    browse.line("-", "two")
    one.lists([])
    one.web.close()
    browse.line("-", "one")


def test_a_board_that_is_killed_is_taken_off_by_avahi(network: Network, start: Start) -> None:
    """Whoever answers for itself leaves its records to run out; Avahi lives on, and says goodbye."""
    one = start(network.computer(), "one")
    two = start(network.computer(), "two")
    one.lists(["two"])
    two.web.process.kill()
    one.lists([])


def test_the_name_is_printed_once_it_is_announced(network: Network, start: Start) -> None:
    """By the start, and by the command that asks."""
    judge = network.computer()
    board = start(network.computer(), "one")
    Browse(judge).line("=", "one")
    url = f"http://{board.host}:8080/"
    assert f"Its network finds it at {url}" in board.status()
    assert f"its network finds the web workflow at {url}" in board.web.log.read_text()
    said = board.computer.does(
        "curl", "-sI", "--noproxy", "*", "-H", f"Host: {board.host}", url_of(board)
    )
    assert said.startswith("HTTP/1.1 ")
    assert "421" not in said.splitlines()[0]


def url_of(board: Board) -> str:
    """Return where a board is reached at its own computer."""
    return f"http://127.0.0.1:{board.web.port}/"


def test_a_board_that_listens_on_loopback_is_not_announced(network: Network, start: Start) -> None:
    """It is for this computer alone; nothing of it is on the network, and nothing is said of that."""
    computer = network.computer()
    quiet = start(computer, "quiet", "8080")
    assert quiet.asks("/cp/version.json")["ip"] == "127.0.0.1"
    loud = start(network.computer(), "loud")
    browse = Browse(computer)
    browse.line("=", "loud")
    assert loud.lists([]) == []
    assert browse.names == {"loud"}
    assert ".local" not in quiet.status()
    assert "announced" not in quiet.status() + quiet.web.log.read_text()


def test_turned_on_and_off_it_comes_and_goes(network: Network, start: Start) -> None:
    """From loopback to the network, to another port under the same name, and off."""
    judge, computer = network.computer(), network.computer()
    board = start(computer, "it", None)
    browse = Browse(judge)
    host = board.host
    assert f"Its network finds it at http://{host}:8080/" in board.status("on")
    assert browse.line("=", "it")[8] == "8080"
    lines = browse.count
    assert f"http://{host}:8081/" in board.status("on", "--listen", "8081")
    assert browse.line("=", "it", lines)[8] == "8081"
    lines = browse.count
    assert "listens no more" in board.status("off")
    browse.line("-", "it", lines)
    assert browse.names == {"it"}


@pytest.mark.parametrize("avahi", [True, False], ids=["avahi", "zeroconf"])
def test_a_new_address_of_the_computer_is_announced(
    network: Network, start: Start, avahi: bool
) -> None:
    """The network may give it one only while the program runs."""
    judge, computer = network.computer(), network.computer(avahi=False)
    computer.does("ip", "address", "flush", "dev", "eth0")
    if avahi:
        computer.start_avahi()
    board = start(computer, "it")
    browse = Browse(judge)
    assert "no name for it yet" in board.status()
    computer.does("ip", "address", "add", "10.99.0.77/24", "dev", "eth0")
    assert browse.line("=", "it")[7] == "10.99.0.77"
    assert name_of(judge, board.host) == "10.99.0.77"


def test_when_avahi_restarts_a_running_board_is_announced_again(
    network: Network, start: Start
) -> None:
    """Meanwhile no name is promised; and its name is printed no second time."""
    judge, computer = network.computer(), network.computer()
    board = start(computer, "it")
    browse = Browse(judge)
    browse.line("=", "it")
    computer.stop_avahi()
    browse.line("-", "it")
    until(lambda: ".local" not in board.status())
    lines = browse.count
    computer.start_avahi()
    browse.line("=", "it", lines)
    until(lambda: f"http://{board.host}:8080/" in board.status())
    assert board.web.log.read_text().count("its network finds") == 1


def test_the_shared_name_leads_to_the_board_that_answers(network: Network, start: Start) -> None:
    """Only where the drive asks for it; it sends on to the board's own name."""
    judge = network.computer()
    board = start(network.computer(), "it", toml="[web]\nshared_name = true\n")
    Browse(judge).line("=", "it")
    until(lambda: name_of(judge, "circuitpython.local"))
    address = name_of(judge, "circuitpython.local")
    said = judge.does(
        *("curl", "-sI", "--noproxy", "*", "--resolve", f"circuitpython.local:8080:{address}"),
        "http://circuitpython.local:8080/fs/",
    )
    assert " 307 " in said.splitlines()[0]
    assert f"Location: http://{board.host}:8080/fs/" in said


def test_without_anybody_to_announce_it_the_board_says_how_to_have_one(
    network: Network, start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once, and the web workflow goes on."""
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    (hidden / "sitecustomize.py").write_text(
        "import importlib.util as util\n"
        "real = util.find_spec\n"
        "util.find_spec = lambda name, *more: None if name == 'zeroconf' else real(name, *more)\n"
    )
    monkeypatch.setenv("PYTHONPATH", os.fspath(hidden), prepend=os.pathsep)
    computer = network.computer(avahi=False)
    board = start(computer, "it")
    assert board.asks("/cp/version.json")["port"] == 8080
    until(lambda: "sudo apt install avahi-daemon" in board.status())
    assert "pip install 'cpcompat[mdns]'" in board.status()
    assert board.web.log.read_text().count("not announced") == 1
    # The cure takes effect at once.
    computer.start_avahi()
    Browse(computer).line("=", "it")
    assert "not announced" not in board.status()
    board.web.process.send_signal(signal.SIGTERM)
    assert board.web.process.wait(PATIENCE_S) == -signal.SIGTERM
