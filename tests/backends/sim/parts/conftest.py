"""A place for one part: a clock to turn by hand, and the pins of a board that is not there."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, TypeVar

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from cpcompat.backends.sim.part import Part

_P = TypeVar("_P", bound="Part")


class Bench:
    """The `Site` of a part on a workbench.

    Attributes:
        driven: What the part drives each pin to; None and absent are afloat.
        outside: The level that the rest of the circuit gives each pin that the part lets float.
        sent: What the part has sent on its UART.
    """

    def __init__(self) -> None:
        self.driven: dict[str, bool | None] = {}
        self.outside: dict[str, bool] = {}
        self.sent = bytearray()
        self.edges: list[tuple[int, str, bool]] = []
        self._now_ns = 0
        self._plan: list[tuple[int, int, Callable[[], None]]] = []
        self._count = 0
        self._watchers: dict[str, list[Callable[[bool], None]]] = {}

    def place(self, part: _P) -> _P:
        """Power a part up here."""
        part.attach(self)
        return part

    def pass_ns(self, duration_ns: int) -> None:
        """Let time pass, with everything that was planned for it."""
        end_ns = self._now_ns + duration_ns
        while self._plan and self._plan[0][0] <= end_ns:
            time_ns, _, action = heapq.heappop(self._plan)
            self._now_ns = max(self._now_ns, time_ns)
            action()
        self._now_ns = end_ns

    def pass_s(self, duration_s: float) -> None:
        """Let so many seconds pass."""
        self.pass_ns(round(duration_s * 1e9))

    def set_level(self, pin: str, level: bool) -> None:
        """Have the rest of the circuit change a pin."""
        self.outside[pin] = level
        for action in self._watchers.get(pin, []):
            action(level)

    def now_ns(self) -> int:
        """See `Site.now_ns`."""
        return self._now_ns

    def at(self, time_ns: int, action: Callable[[], None]) -> None:
        """See `Site.at`."""
        self._count += 1
        heapq.heappush(self._plan, (time_ns, self._count, action))

    def drive(self, pin: str, level: bool | None) -> None:
        """See `Site.drive`."""
        before = self.level(pin)
        self.driven[pin] = level
        if self.level(pin) != before:
            self.edges.append((self._now_ns, pin, self.level(pin)))

    def level(self, pin: str) -> bool:
        """See `Site.level`; a pin that nobody drives is pulled up."""
        driven = self.driven.get(pin)
        return self.outside.get(pin, True) if driven is None else driven

    def watch(self, pin: str, action: Callable[[bool], None]) -> None:
        """See `Site.watch`."""
        self._watchers.setdefault(pin, []).append(action)

    def send(self, data: bytes) -> None:
        """See `Site.send`."""
        self.sent += data


@pytest.fixture
def bench() -> Bench:
    """Return a workbench with nothing on it, at time 0."""
    return Bench()


@pytest.fixture(scope="session")
def new_bench() -> type[Bench]:
    """Return what makes workbenches, for a test that needs many."""
    return Bench
