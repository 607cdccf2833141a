"""A board that a responder announces at a computer of a test's network."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any

from cpcompat.workflows.mdns.announcement import Address, Announcement
from cpcompat.workflows.mdns.neighbours import Neighbour, Neighbourhood
from tests.workflows.mdns.network import PATIENCE_S

if TYPE_CHECKING:
    from cpcompat.workflows.mdns.responder import Responder
    from tests.workflows.mdns.network import Computer


class Heard(Neighbourhood):
    """What is known of the network, for a test in another thread to wait for."""

    def __init__(self) -> None:
        super().__init__()
        self._more = threading.Condition(threading.RLock())

    def establish(self) -> None:
        """Note that this board is announced."""
        with self._more:
            super().establish()
            self._more.notify_all()

    def expect(self, key: Hashable) -> bool:
        """Note that there is a board."""
        with self._more:
            return super().expect(key)

    def found(self, key: Hashable, where: Neighbour | None) -> None:
        """Note where a board is."""
        with self._more:
            super().found(key, where)
            self._more.notify_all()

    def lost(self, key: Hashable) -> None:
        """Note that a board has gone."""
        with self._more:
            super().lost(key)
            self._more.notify_all()

    def forget(self) -> None:
        """Note that nothing is known."""
        with self._more:
            super().forget()
            self._more.notify_all()

    def until(self, holds: Callable[[Heard], Any]) -> None:
        """Wait until something holds."""
        with self._more:
            assert self._more.wait_for(lambda: holds(self), PATIENCE_S), (self.own, self.listing())

    @property
    def names(self) -> list[object]:
        """The names of the others."""
        with self._more:
            return [one["instance_name"] for one in self.listing()]


class Announced:
    """A board that is being announced.

    Args:
        computer: Where.
        responder: By whom.
        name: What it is called.
        host: Its host name; one of the computer's own if empty.
        port: Its port.
        shared: ``circuitpython.local`` leads there, too.
    """

    def __init__(
        self,
        computer: Computer,
        responder: Responder,
        name: str,
        *,
        host: str = "",
        port: int = 8080,
        shared: bool = False,
    ) -> None:
        interface = int(computer.does("ip", "-o", "link", "show", "eth0").partition(":")[0])
        addresses = (Address(interface, computer.address),)
        host = host or f"cpy-00000{computer.number}"
        board = Announcement(name, host, port, addresses, shared)
        self.around = Heard()
        self._inside = computer.runs(lambda: responder.run(board, self.around))

    def established(self) -> Announced:
        """Wait until it is announced."""
        self.around.until(lambda around: around.announced)
        return self

    def leave(self) -> None:
        """Withdraw it."""
        self._inside.end()

    def ends(self) -> None:
        """Wait until it has ended by itself.

        Raises:
            BaseException: What ended it.
        """
        self._inside.wait()
