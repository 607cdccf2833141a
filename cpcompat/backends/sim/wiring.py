"""The pins of a board and what is wired to them, with everybody's way of driving them."""

from __future__ import annotations

import logging
from collections import deque
from typing import TYPE_CHECKING

from cpcompat.backends.sim.nets import INPUT, PUSH_PULL, Net, Terminal, Wave
from cpcompat.backends.sim.records import Contention
from cpcompat.backends.sim.timeline import Timeline
from cpcompat.errors import CircuitError
from cpcompat.hal.pin import Pin

if TYPE_CHECKING:
    from collections.abc import Callable

    from cpcompat.backends.sim.page import Mirror
    from cpcompat.backends.sim.recorder import Recorder
    from cpcompat.board.definition import BoardDefinition
    from cpcompat.hal.clock import Clock

_log = logging.getLogger(__name__)

_MOST_PULSES = 2048
_DEEPEST = 40
"""Changes that may follow from one another at one moment, before it counts as oscillation."""


class Wiring(Timeline):
    """Nets of pins and their levels.

    A pin is named by its `Pin` object, any of the board's names (``"D4"``), or the chip's
    (``"GPIO4"``).

    Args:
        board: Whose pins these are.
        clock: The circuit's time.
        strict: Raise on the first fault or contention.

    Attributes:
        board: Whose pins these are.
        contentions: The last contentions, oldest first.
        recorder: Who keeps a record, or None.
        mirror: The page that shows the levels to a program elsewhere, or None.
    """

    def __init__(self, board: BoardDefinition, clock: Clock, strict: bool = False) -> None:
        super().__init__(clock, strict)
        self.board = board
        self.contentions: deque[Contention] = deque(maxlen=1000)
        self.recorder: Recorder | None = None
        self.mirror: Mirror | None = None
        self.terminals = {name: Terminal(name) for name in board.pins}
        self._places: dict[str | Pin, Terminal] = {}
        self._places.update(self.terminals)
        for label, pin in board.names.items():
            self._places[label] = self._places[pin] = self.terminals[pin.name]
        for name, pin in board.pins.items():
            self._places[pin] = self.terminals[name]
        self._declared: dict[str, tuple[int, int, bool]] = {}
        self._depth = 0

    # -- what is where ---------------------------------------------------------------------

    def terminal(self, pin: str | Pin) -> Terminal:
        """Return a pin's place in the circuit.

        Raises:
            CircuitError: The board has no such pin.
        """
        try:
            return self._places[pin]
        except KeyError:
            pass
        if isinstance(pin, Pin) and pin.name in self.terminals:
            return self.terminals[pin.name]
        names = ", ".join(self.board.names)
        raise CircuitError(f"board {self.board.id!r} has no pin {pin!r}", f"Its pins: {names}.")

    def wire(self, *pins: str | Pin) -> None:
        """Join pins by a wire."""
        with self.lock:
            first = self.terminal(pins[0]).net
            for pin in pins[1:]:
                other = self.terminal(pin).net
                if other is not first:
                    first.join(other)
            self._hear(first)
            self._rewired(first)

    def level(self, pin: str | Pin | Terminal) -> bool:
        """Return the level now at a pin."""
        terminal = pin if type(pin) is Terminal else self.terminal(pin)  # type: ignore[arg-type]
        if self._queue:
            self.advance()
        net = terminal.net
        if net.waving:
            self._settle(net)
        return net.level

    # -- the board's side ------------------------------------------------------------------

    def configure(self, terminal: Terminal, mode: int, pull: int = 0, value: bool = False) -> None:
        """Set what the board does with a pin: all at once, so without a level in between.

        Args:
            terminal: The pin's place.
            mode: INPUT, PUSH_PULL or OPEN_DRAIN of `cpcompat.backends.sim.nets`.
            pull: 1 up, -1 down, 0 none; for an input.
            value: The level to start with; for an output.
        """
        self.advance()
        with self.lock:
            if terminal.wave is not None:
                self._end_wave(terminal)
            terminal.mode = mode
            terminal.pull = pull
            terminal.value = value
            self._rewired(terminal.net)

    def write(self, terminal: Terminal, value: bool) -> None:
        """Have the board drive a pin that is an output."""
        if self._queue:
            self.advance()
        terminal.value = value
        net = terminal.net
        if not net.alone:
            self._settle(net)
        elif net.level is not value:
            net.level = value
            if net.heard:
                self._tell(net, value)

    def pulse(self, terminal: Terminal, frequency_hz: int, duty: int) -> None:
        """Have the board's PWM drive a pin."""
        self.advance()
        with self.lock:
            terminal.mode = PUSH_PULL
            wave = terminal.wave = Wave(self.now_ns(), frequency_hz, duty)
            terminal.value = duty > 0
            terminal.net.recount()
            self._settle(terminal.net)
            if self.mirror is not None:
                self.mirror.show(terminal.net)
            if self.recorder is not None:
                for other in terminal.net.terminals:
                    self.recorder.pwm(wave.start_ns, other.name, frequency_hz, duty)
            self._swing(terminal, wave)

    def pwm(self, pin: str | Pin) -> tuple[int, int] | None:
        """Return frequency in hertz and duty (0 to 65535) of the PWM on a pin, or None."""
        wave = self.terminal(pin).wave
        return None if wave is None else (wave.frequency_hz, wave.duty)

    def reset_board(self) -> None:
        """Make every pin of the board what it is while no program uses it (`rest`)."""
        for terminal in self.terminals.values():
            terminal.dac = None
            self.rest(terminal)

    def declare(self, pin: str | Pin, mode: int, pull: int, value: bool) -> None:
        """Say what a pin is while no program uses it, and make it that; see `configure`."""
        terminal = self.terminal(pin)
        self._declared[terminal.name] = (mode, pull, value)
        self.rest(terminal)

    def rest(self, terminal: Terminal) -> None:
        """Make a pin what it is while no program uses it: else an input without a pull."""
        self.configure(terminal, *self._declared.get(terminal.name, (INPUT, 0, False)))

    # -- who listens -------------------------------------------------------------------------

    def watch(self, pin: str | Pin, action: Callable[[bool], None]) -> Callable[[], None]:
        """Have something called with each new level at a pin; return what ends it."""
        with self.lock:
            terminal = self.terminal(pin)
            terminal.net.watchers.append(action)
            self._hear(terminal.net)
            if terminal.net.waving:
                for other in terminal.net.terminals:
                    if other.wave is not None:
                        self._swing(other, other.wave)

        def stop() -> None:
            with self.lock:
                if action in terminal.net.watchers:
                    terminal.net.watchers.remove(action)
                self._hear(terminal.net)

        return stop

    def record(self, recorder: Recorder | None) -> None:
        """Report everything to a recorder from now on; None ends it."""
        self.advance()
        with self.lock:
            self.recorder = recorder
            for terminal in self.terminals.values():
                self._hear(terminal.net)
                if recorder is not None:
                    recorder.level(self.now_ns(), terminal.name, terminal.net.level)

    # -- how a level comes about -----------------------------------------------------------

    def _hear(self, net: Net) -> None:
        net.heard = self.recorder is not None or self.mirror is not None or bool(net.watchers)

    def reflect(self, mirror: Mirror) -> None:
        """Show the levels on a page from now on."""
        with self.lock:
            self.mirror = mirror
            for terminal in self.terminals.values():
                self._hear(terminal.net)
                mirror.show(terminal.net)

    def _rewired(self, net: Net) -> None:
        net.recount()
        self._settle(net)
        if self.mirror is not None:
            self.mirror.show(net)

    def _settle(self, net: Net) -> None:
        """Find a net's level anew and tell of it when it is a new one."""
        with self.lock:
            if net.waving:
                now_ns = self.now_ns()
                for terminal in net.terminals:
                    if terminal.wave is not None:
                        terminal.value = terminal.wave.level(now_ns)
            level, fighting = net.resolve()
            if fighting is not net.fighting:
                net.fighting = fighting
                if fighting:
                    self._contend(net)
            if level is not net.level:
                net.level = level
                if net.heard:
                    self._tell(net, level)

    def _tell(self, net: Net, level: bool) -> None:
        with self.lock:
            if self.mirror is not None and not net.waving:
                self.mirror.show(net)
            if self.recorder is not None and not net.waving:
                now_ns = self.now_ns()
                for terminal in net.terminals:
                    self.recorder.level(now_ns, terminal.name, level)
            if self._depth >= _DEEPEST:
                self.fault(net.terminals[0].name, "oscillates: what it drives drives it back")
                return
            self._depth += 1
            try:
                for action in tuple(net.watchers):
                    action(level)
            finally:
                self._depth -= 1

    def _contend(self, net: Net) -> None:
        pins = tuple(t.name for t in net.terminals)
        found = Contention(self.now_ns(), pins, net.parties(True), net.parties(False))
        self.contentions.append(found)
        _log.warning("contention on %s", found)
        if self.strict:
            raise CircuitError(f"contention on {found}")

    def _end_wave(self, terminal: Terminal) -> None:
        terminal.wave = None
        if self.recorder is not None:
            for other in terminal.net.terminals:
                self.recorder.pwm(self.now_ns(), other.name, 0, 0)
                self.recorder.level(self.now_ns(), other.name, terminal.net.level)

    def _swing(self, terminal: Terminal, wave: Wave) -> None:
        """Make each edge of a pulse an event, as long as somebody watches the net."""
        if wave.swinging or not 0 < wave.duty < 65535 or not terminal.net.watchers:
            return
        wave.swinging = True

        def edge() -> None:
            wave.swinging = False
            if terminal.wave is wave:
                self._settle(terminal.net)
                self._swing(terminal, wave)

        # Nobody may have looked for long: only so many of the pulses that went by are made up for.
        horizon_ns = self.clock.now_ns() - _MOST_PULSES * wave.period_ns
        self.at(wave.next_edge_ns(max(self.now_ns(), horizon_ns)), edge)
