"""The board under test, and how a check on it comes out."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal, NamedTuple

from cpcompat.hal import HalError
from cpcompat.hal.gpio import Direction, Drive, Pull

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cpcompat.hal import Machine
    from cpcompat.hal.gpio import Line
    from cpcompat.hal.pin import Pin
    from cpcompat.testing.selftest.plan import Plan

    Made = Callable[["Bench"], str]

Outcome = Literal["passed", "failed", "skipped"]
_PATIENCE_NS = 500_000_000
_LOOK_NS = 1_000_000
_SETTLE_NS = 50_000
"""What a pull-up of 50 kΩ needs to charge a long wire, many times over."""


class Check(NamedTuple):
    """What came of one check.

    Attributes:
        topic: What it is about: ``"lines"``.
        name: The sentence that was to hold.
        outcome: Whether it did.
        said: What was seen, or why not tried.
    """

    topic: str
    name: str
    outcome: Outcome
    said: str


class Refuted(Exception):
    """The sentence does not hold; the message says what was seen."""


class NotTried(Exception):
    """The check was not made; the message says why."""


class Bench:
    """A board and what of it may be used.

    Args:
        machine: The board.
        plan: What may be used.

    Attributes:
        board: The board's definition.
        backend: The way to its hardware.
        plan: What may be used.
    """

    def __init__(self, machine: Machine, plan: Plan) -> None:
        self.board = machine.board
        self.backend = machine.backend
        self.plan = plan
        self._fault_of_loop: str | None = None

    def make(self, topic: str, check: Made) -> Check:
        """Make one check; whatever comes of it is its outcome."""
        name = check.__name__.replace("_", " ").strip()
        try:
            return Check(topic, name, "passed", check(self))
        except NotTried as reason:
            return Check(topic, name, "skipped", str(reason))
        except Refuted as reason:
            return Check(topic, name, "failed", str(reason))
        except HalError as error:
            cure = f" {error.cure}" if error.cure else ""
            return Check(topic, name, "failed", f"{error}.{cure}")

    def loop(self) -> tuple[Pin, Pin]:
        """Return the two pins of the loop, which may be driven.

        Raises:
            NotTried: There is no loop, or the two pins were not seen wired together.
        """
        if self.fault_of_loop() or self.plan.loop is None:
            raise NotTried("nothing was driven: the two pins were not seen wired together")
        return self.plan.loop

    def fault_of_loop(self) -> str:
        """Return why the two pins of the loop must not be driven, or ""; it is looked at once.

        Raises:
            NotTried: No loop is named.
        """
        if self.plan.loop is None:
            raise NotTried("needs two pins wired together: --loop D17:D27")
        if self._fault_of_loop is None:
            self._fault_of_loop = self._look_at_wire(*self.plan.loop)
        return self._fault_of_loop

    def _look_at_wire(self, one: Pin, other: Pin) -> str:
        """Return why two pins must not be driven, "" if they may: by their pulls alone."""
        with self.line(one) as here, self.line(other) as there:
            for pulled, reading in ((here, there), (there, here)):
                for pull in (Pull.UP, Pull.DOWN, Pull.UP):
                    self.as_input(reading)
                    self.as_input(pulled, pull)
                    self.backend.clock.sleep_ns(_SETTLE_NS)
                    if not pulled.read() is reading.read() is (pull is Pull.UP):
                        return (
                            f"{one.label} and {other.label} do not both follow a pull {pull.value}:"
                            " they are not wired together, or something else drives them"
                        )
        return ""

    @contextmanager
    def line(self, pin: Pin) -> Iterator[Line]:
        """Hold a line, which is an input again afterwards."""
        line = self.backend.line(pin)
        try:
            yield line
        finally:
            line.close()

    def as_input(self, line: Line, pull: Pull = Pull.NONE) -> None:
        """Make a line an input."""
        line.configure(Direction.INPUT, pull, Drive.PUSH_PULL, False)

    def as_output(self, line: Line, value: bool, drive: Drive = Drive.PUSH_PULL) -> None:
        """Make a line an output."""
        line.configure(Direction.OUTPUT, Pull.NONE, drive, value)

    def expect(self, line: Line, level: bool, what: str) -> None:
        """Wait a little for a level.

        Raises:
            Refuted: It did not come.
        """
        self.backend.clock.sleep_ns(_SETTLE_NS)
        if line.read() is not level:
            raise Refuted(f"{what}: read {'low' if level else 'high'}")

    def wait_for(self, is_so: Callable[[], bool]) -> bool:
        """Wait half a second at most; return whether it came to be so."""
        clock = self.backend.clock
        deadline = clock.now_ns() + _PATIENCE_NS
        while not is_so():
            if clock.now_ns() >= deadline:
                return False
            clock.sleep_ns(_LOOK_NS)
        return True
