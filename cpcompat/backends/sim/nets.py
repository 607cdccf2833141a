"""Nets and their drivers: what level a wire has, given who drives it and what pulls at it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

INPUT, PUSH_PULL, OPEN_DRAIN = 0, 1, 2
"""What the board does with a pin (plain numbers: these are compared at every change of level)."""


class Wave:
    """Pulses on a pin, from a moment on, beginning with the high part.

    Args:
        start_ns: That moment.
        frequency_hz: Pulses a second.
        duty: The high part, 0 to 65535.
    """

    __slots__ = ("duty", "frequency_hz", "high_ns", "period_ns", "start_ns", "swinging")

    def __init__(self, start_ns: int, frequency_hz: int, duty: int) -> None:
        self.start_ns = start_ns
        self.frequency_hz = frequency_hz
        self.duty = duty
        self.swinging = False
        self.period_ns = max(2, round(1e9 / frequency_hz))
        self.high_ns = round(self.period_ns * duty / 65535)
        if 0 < duty < 65535:
            self.high_ns = min(max(self.high_ns, 1), self.period_ns - 1)

    def level(self, time_ns: int) -> bool:
        """Return the level at a time."""
        return (time_ns - self.start_ns) % self.period_ns < self.high_ns

    def next_edge_ns(self, time_ns: int) -> int:
        """Return when the level changes next after a time."""
        phase = (time_ns - self.start_ns) % self.period_ns
        return time_ns - phase + (self.high_ns if phase < self.high_ns else self.period_ns)


class Terminal:
    """A pin of the board as a place in the circuit.

    Attributes:
        name: The chip's name of the pin.
        net: What it is joined to.
        mode: What the board does with it: INPUT, PUSH_PULL or OPEN_DRAIN.
        value: The level that the board asks for, as an output.
        pull: The board's resistor: 1 up, -1 down, 0 none.
        resistor: One outside the board, stronger than the board's.
        drivers: Who else drives it: name and level.
        wave: The pulses of the board's PWM on it.
        volts: An analog voltage put there from outside.
        dac: What the board's converter makes there, 0 to 65535.
    """

    __slots__ = (
        "dac",
        "drivers",
        "mode",
        "name",
        "net",
        "pull",
        "resistor",
        "value",
        "volts",
        "wave",
    )

    def __init__(self, name: str) -> None:
        self.name = name
        self.mode = INPUT
        self.value = False
        self.pull = 0
        self.resistor = 0
        self.drivers: dict[str, bool] = {}
        self.wave: Wave | None = None
        self.volts: float | None = None
        self.dac: int | None = None
        self.net = Net(self)


class Net:
    """Pins joined by wires: they have one level.

    Attributes:
        terminals: The pins.
        level: The level now, or the last one while nobody drives it.
        alone: The only output that can drive it is one push-pull pin: its level is the net's.
        heard: Somebody wants to know of changes.
        waving: One of the pins is pulsed: the level has to be computed for the moment.
        fighting: Outputs drive it against each other now.
        watchers: Called with each new level.
    """

    __slots__ = ("alone", "fighting", "heard", "level", "terminals", "watchers", "waving")

    def __init__(self, terminal: Terminal) -> None:
        self.terminals = [terminal]
        self.level = False
        self.alone = False
        self.heard = False
        self.waving = False
        self.fighting = False
        self.watchers: list[Callable[[bool], None]] = []

    def recount(self) -> None:
        """Note how this net is driven, after a pin of it changed its way of driving."""
        outputs = sum(t.mode != INPUT for t in self.terminals)
        pushing = any(t.mode == PUSH_PULL for t in self.terminals)
        driven = any(t.drivers for t in self.terminals)
        self.waving = any(t.wave is not None for t in self.terminals)
        self.alone = outputs == 1 and pushing and not driven and not self.waving

    def resolve(self) -> tuple[bool, bool]:
        """Return the level that the drivers make, and whether they are at odds.

        Low wins over high, any driver over a resistor, an outer resistor over the board's, and
        the last level stays where there is none of them.
        """
        high = low = False
        for terminal in self.terminals:
            if terminal.mode == PUSH_PULL and terminal.value:
                high = True
            elif terminal.mode != INPUT and not terminal.value:
                low = True
            for level in terminal.drivers.values():
                high, low = high or level, low or not level
        if high or low:
            return not low, high and low
        pulls = [t.resistor for t in self.terminals if t.resistor]
        pulls = pulls or [t.pull for t in self.terminals if t.pull and t.mode == INPUT]
        return (min(pulls) > 0 if pulls else self.level), False

    def parties(self, level: bool) -> tuple[str, ...]:
        """Return who drives the net to a level, in words."""
        names = []
        for terminal in self.terminals:
            pushes = terminal.mode == PUSH_PULL or (terminal.mode == OPEN_DRAIN and not level)
            if pushes and terminal.value == level:
                names.append(f"the board's output {terminal.name}")
            names += [
                f"{who} at {terminal.name}" for who, x in terminal.drivers.items() if x == level
            ]
        return tuple(names)

    def join(self, other: Net) -> None:
        """Take another net's pins and watchers over."""
        self.terminals += other.terminals
        self.watchers += other.watchers
        for terminal in other.terminals:
            terminal.net = self
