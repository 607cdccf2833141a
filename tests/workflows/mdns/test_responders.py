"""Who answers for a board: one contract, for Avahi and for the board itself, before real others."""

from __future__ import annotations

import signal
import subprocess
from typing import TYPE_CHECKING

import pytest

from cpcompat.errors import CpcompatError
from cpcompat.workflows.mdns.by_avahi import ByAvahi
from cpcompat.workflows.mdns.by_zeroconf import ByZeroconf
from cpcompat.workflows.mdns.neighbours import MOST
from tests.workflows.mdns.announced import Announced
from tests.workflows.mdns.network import Browse, name_of

if TYPE_CHECKING:
    from typing import Any

    from cpcompat.workflows.mdns.responder import Responder
    from tests.workflows.mdns.network import Computer, Network

pytestmark = [pytest.mark.feature("name on the network"), pytest.mark.simulated]
NAME = "Raspberry Pi Zero ü; <b>2</b>"


def begins(computer: Computer, name: str, port: int = 80) -> subprocess.Popen[Any]:
    """Have Avahi's own program begin to announce a board."""
    return computer.starts(
        *("avahi-publish-service", name, "_circuitpython._tcp", str(port)),
        stderr=subprocess.PIPE,
        text=True,
    )


def publishes(computer: Computer, name: str, port: int = 80) -> subprocess.Popen[Any]:
    """Have Avahi's own program announce a board."""
    return established(begins(computer, name, port))


def established(process: subprocess.Popen[Any]) -> subprocess.Popen[Any]:
    """Wait until Avahi's own program has announced its board."""
    assert process.stderr is not None
    assert any("Established" in line for line in process.stderr)
    return process


def by(way: str, network: Network) -> tuple[Computer, Responder]:
    """Return a new computer, and who answers for a board there."""
    computer = network.computer(bus=way == "avahi", avahi=way == "avahi")
    return computer, ByAvahi(computer.bus) if way == "avahi" else ByZeroconf()


class Contract:
    """What holds whoever answers."""

    way = ""
    other = ""

    def announced(self, network: Network, name: str = NAME, **more: Any) -> Announced:
        """Announce a board at a computer of its own."""
        return Announced(*by(self.way, network), name, **more).established()

    def test_everybody_finds_it_by_name_address_and_port(self, network: Network) -> None:
        """As upstream's boards: the service, a host name of its own, and no text."""
        judge = network.computer()
        board = self.announced(network, port=8123)
        seen = Browse(judge).line("=", NAME)
        assert seen[4:6] == ("_circuitpython._tcp", "local")
        assert seen[6:] == ("cpy-000002.local", "10.99.0.2", "8123", "")
        assert name_of(judge, "cpy-000002.local") == "10.99.0.2"
        board.leave()

    def test_it_says_goodbye_when_it_leaves(self, network: Network) -> None:
        """Nobody waits for records to run out."""
        judge = network.computer()
        board = self.announced(network)
        browse = Browse(judge)
        browse.line("=", NAME)
        board.leave()
        browse.line("-", NAME)
        assert not board.around.announced

    @pytest.mark.parametrize("way", ["avahi", "zeroconf"])
    def test_the_second_of_a_name_is_another_and_both_know_each_other(
        self, network: Network, way: str
    ) -> None:
        """The first keeps it; neither lists itself."""
        judge = network.computer()
        first = Announced(*by(way, network), NAME).established()
        second = self.announced(network)
        browse = Browse(judge)
        assert browse.line("=", NAME)[7] == "10.99.0.2"
        assert browse.line("=", f"{NAME} #2")[7] == "10.99.0.3"
        first.around.until(lambda around: around.names == [f"{NAME} #2"])
        second.around.until(lambda around: around.names == [NAME])
        assert second.around.listing() == [
            {"hostname": "cpy-000002", "instance_name": NAME, "port": 8080, "ip": "10.99.0.2"}
        ]
        first.leave()
        second.around.until(lambda around: around.names == [])
        second.leave()

    def test_others_are_listed_while_they_are_there(self, network: Network) -> None:
        """Those that were there before, and those that come later."""
        other = network.computer()
        early = publishes(other, "early", 81)
        board = self.announced(network)
        board.around.until(lambda around: around.names == ["early"])
        late = publishes(other, "late", 82)
        board.around.until(lambda around: around.names == ["early", "late"])
        assert board.around.listing()[0] == {
            "hostname": "computer-1",
            "instance_name": "early",
            "port": 81,
            "ip": "10.99.0.1",
        }
        early.terminate()
        board.around.until(lambda around: around.names == ["late"])
        late.terminate()
        board.around.until(lambda around: around.names == [])
        board.leave()

    def test_no_more_are_listed_than_a_board_lists(self, network: Network) -> None:
        """Whoever announces a thousand fills the list, and nothing else."""
        other = network.computer()
        crowd = [begins(other, f"crowd {number}") for number in range(MOST + 5)]
        for process in crowd:
            established(process)
        board = self.announced(network)
        board.around.until(lambda around: len(around.names) == MOST)
        board.leave()

    def test_only_on_request_it_answers_for_the_name_that_all_share(self, network: Network) -> None:
        """Each of several does; without the wish nobody does."""
        judge = network.computer()
        board = self.announced(network)
        assert name_of(judge, "circuitpython.local") == ""
        willing = self.announced(network, "second", shared=True)
        third = self.announced(network, "third", shared=True)
        assert name_of(judge, "circuitpython.local") in ("10.99.0.3", "10.99.0.4")
        third.leave()
        willing.leave()
        board.leave()

    def test_two_drives_of_one_computer_share_its_host_name(self, network: Network) -> None:
        """They differ in port and name."""
        judge = network.computer()
        computer, responder = by(self.way, network)
        one = Announced(computer, responder, NAME, port=8001).established()
        two = Announced(computer, by_same(computer, self.way), NAME, port=8002).established()
        browse = Browse(judge)
        assert browse.line("=", NAME)[6:9] == ("cpy-000002.local", "10.99.0.2", "8001")
        assert browse.line("=", f"{NAME} #2")[6:9] == ("cpy-000002.local", "10.99.0.2", "8002")
        one.around.until(lambda around: around.names == [f"{NAME} #2"])
        two.around.until(lambda around: around.names == [NAME])
        two.leave()
        one.leave()


def by_same(computer: Computer, way: str) -> Responder:
    """Return another that answers at a computer."""
    return ByAvahi(computer.bus) if way == "avahi" else ByZeroconf()


class TestAvahi(Contract):
    """Avahi answers."""

    way = "avahi"

    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
    def test_when_avahi_comes_again_it_is_told_anew(
        self, network: Network, number: signal.Signals
    ) -> None:
        """Meanwhile nobody is promised the name, and no other board is listed."""
        judge = network.computer()
        publishes(judge, "other")
        computer, responder = by("avahi", network)
        board = Announced(computer, responder, NAME).established()
        board.around.until(lambda around: around.names == ["other"])
        computer.stop_avahi(number)
        board.around.until(lambda around: not around.announced and not around.names)
        computer.start_avahi()
        board.established()
        assert Browse(judge).line("=", NAME)[7] == "10.99.0.2"
        board.around.until(lambda around: around.names == ["other"])
        board.leave()

    def test_an_avahi_that_comes_later_is_waited_for(self, network: Network) -> None:
        """The board may be up before it."""
        judge = network.computer()
        computer = network.computer(avahi=False)
        board = Announced(computer, ByAvahi(computer.bus), NAME)
        computer.start_avahi()
        board.established()
        Browse(judge).line("=", NAME)
        board.leave()

    def test_a_host_name_that_another_computer_has_is_left_to_it(self, network: Network) -> None:
        """Who asks for it is never sent to the wrong board."""
        judge = network.computer()
        first = self.announced(network, "first", host="cpy-123456")
        second = Announced(*by("avahi", network), "second", host="cpy-123456")
        with pytest.raises(CpcompatError, match=r"is cpy-123456\.local already"):
            second.ends()
        assert name_of(judge, "cpy-123456.local") == "10.99.0.2"
        assert not second.around.announced
        first.leave()

    def test_a_bus_that_goes_is_an_error_and_no_silence(self, network: Network) -> None:
        """Whoever runs it tries again."""
        computer, responder = by("avahi", network)
        board = Announced(computer, responder, NAME).established()
        computer.stop_bus()
        with pytest.raises(ConnectionError):
            board.ends()
        assert not board.around.announced


class TestItself(Contract):
    """The board answers."""

    way = "zeroconf"

    def test_a_dot_in_its_name_does_not_end_a_label(self, network: Network) -> None:
        """The library would make two of it."""
        judge = network.computer()
        board = self.announced(network, "Board 1.2")
        Browse(judge).line("=", "Board 1_2")
        assert board.around.names == []
        board.leave()
