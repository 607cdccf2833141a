"""The board for those who look on: its state, pins, buses and simulated parts, while anybody does.

While nobody looks nothing is gathered. While somebody does, the backend's process is asked ten times a
second at most, and only when it has answered before; how many look, and how slowly, makes no difference
to it or to the program.
"""

from __future__ import annotations

import asyncio
import os
import stat
from typing import TYPE_CHECKING, Any, Protocol

from cpcompat.hal import claim_sheet
from cpcompat.supervisor.process import wording
from cpcompat.supervisor.process.machine import RUNNING
from cpcompat.supervisor.process.pin_words import PinWords
from cpcompat.supervisor.process.states import State
from cpcompat.supervisor.process.view_link import ViewLink

if TYPE_CHECKING:
    from collections.abc import Callable

    from cpcompat.supervisor.process.loop import Supervisor

TICK_S = 0.1
"""How often the board is looked at."""
_AGAIN_S = 1.0
"""How long to wait before a backend's process that has gone is asked for again."""
_LIGHT = "the status light"
_SAFELY = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC


class Onlooker(Protocol):
    """One who looks on."""

    def take(self, message: dict[str, Any]) -> None:
        """Take a message, as ``workflows/web/page/README.md`` describes them; never blocks."""
        ...


class BoardView:
    """Tells onlookers of the board.

    Args:
        supervisor: Whose board it is.
    """

    def __init__(self, supervisor: Supervisor) -> None:
        self._up = supervisor
        self._words = PinWords(supervisor.options.board)
        self._onlookers: list[Onlooker] = []
        self._link: ViewLink | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._not_before_s = 0.0
        self._forget()

    def _forget(self) -> None:
        self._hardware: dict[str, dict[str, Any]] = {}
        self._held: dict[str, str] = {}
        self._pins: dict[str, dict[str, Any]] = {}
        self._parts: dict[str, dict[str, Any]] | None = None

    def add(self, onlooker: Onlooker) -> None:
        """Tell somebody how the board is, and from now on what changes."""
        self._onlookers.append(onlooker)
        onlooker.take(self.state())
        if len(self._onlookers) == 1:
            self._up.listeners.append(self._tell_state)
            self._tick()
            return
        onlooker.take({"type": "pins", "pins": dict(self._pins)})
        if self._parts is not None:
            onlooker.take({"type": "parts", "parts": list(self._parts.values())})

    def remove(self, onlooker: Onlooker) -> None:
        """Tell somebody no more; when nobody is left, nothing is gathered."""
        if onlooker in self._onlookers:
            self._onlookers.remove(onlooker)
            if not self._onlookers:
                self._up.listeners.remove(self._tell_state)
                self.close()

    def close(self) -> None:
        """Gather nothing."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._link is not None:
            self._link.close()
            self._link = None
        self._forget()

    # State.

    def state(self) -> dict[str, Any]:
        """Return the message of how the board is."""
        up, program = self._up, self._up.program
        running = up.state.value
        if up.state is State.REPL:
            running = "repl"
        elif up.state in RUNNING and program is not None:
            running = program.begin.file
        safe = up.memory.safe
        return {
            "type": "state",
            "running": running,
            "safe_mode": wording.safe_mode(safe) if safe else None,
            "status": up.stages.says.field,
        }

    def _tell_state(self) -> None:
        self._tell(self.state())

    def _tell(self, message: dict[str, Any]) -> None:
        for onlooker in self._onlookers:
            onlooker.take(message)

    # Looking.

    def _tick(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(TICK_S, self._tick)
        if self._link is None:
            self._connect()
        if self._link is None:
            self._merge({})
        elif self._link.is_idle:
            self._link.ask(["news"], self._heard)

    def _connect(self) -> None:
        now_s = asyncio.get_running_loop().time()
        if now_s < self._not_before_s:
            return
        self._not_before_s = now_s + _AGAIN_S
        try:
            descriptor = self._up.stages.look()
        except OSError:
            return
        if descriptor is not None:
            self._link = ViewLink(descriptor, self._lost)
        elif self._parts is None:
            self._take_parts([])

    def _lost(self) -> None:
        """The backend's process has died; with the next program there is another."""
        self._link = None
        self._hardware.clear()
        self._parts = None

    def _heard(self, news: dict[str, Any]) -> None:
        pins, events, dropped = news.get("pins"), news.get("events"), news.get("dropped", 0)
        self._merge(pins if isinstance(pins, dict) else {})
        if events or dropped:
            self._tell({"type": "bus", "events": events or [], "dropped": dropped})
        if isinstance(news.get("parts"), list):
            self._take_parts(news["parts"])
        elif self._parts is None:
            self._take_parts([])

    def _merge(self, pins: dict[str, dict[str, Any]]) -> None:
        """Take what is new of the hardware, look at the claims, and tell of the pins that changed."""
        self._hardware.update(pins)
        held = self.holders()
        touched = set(pins) | {
            pin for pin in {*held, *self._held} if held.get(pin) != self._held.get(pin)
        }
        self._held = held
        changed = {}
        for pin in sorted(touched):
            state = self._words.of(pin, self._of_hardware(pin), held.get(pin))
            if state != self._pins.get(pin):
                changed[pin] = self._pins[pin] = state
        if changed:
            self._tell({"type": "pins", "pins": changed})

    def _of_hardware(self, pin: str) -> dict[str, Any]:
        hardware = self._hardware.get(pin, {})
        shines = hardware.get("direction") == "output" and pin in {
            one.name for one in self._up.stages.light.pins
        }
        return {**hardware, "holder": _LIGHT} if shines else hardware

    def _take_parts(self, parts: list[dict[str, Any]]) -> None:
        if self._parts is None:
            self._parts = {str(part.get("name")): part for part in parts}
            self._tell({"type": "parts", "parts": list(self._parts.values())})
            return
        for part in parts:
            known = self._parts.setdefault(str(part.get("name")), {})
            known.update(part)
            self._tell({"type": "part", **part})

    def holders(self) -> dict[str, str]:
        """Return what of the program holds which pin, as its sheet of claims has it."""
        program = self._up.program
        if program is None or program.reaped:
            return {}
        pins = self._up.options.board.pins
        return claim_sheet.read(
            _sheet(str(self._up.facts.get("claims_path")), len(pins) * claim_sheet.SLOT), pins
        )

    # Turning.

    def turn(self, part: str, knob: str, value: object, refused: Callable[[str], None]) -> None:
        """Turn the knob of a simulated part.

        Args:
            part: The part's name.
            knob: The knob's name.
            value: The new value.
            refused: Called with the reason where it cannot be; onlookers then get the true value anew.
        """

        def answered(answer: dict[str, Any]) -> None:
            if "error" in answer:
                refused(str(answer["error"]))
                known = (self._parts or {}).get(part)
                if known is not None:
                    self._tell({"type": "part", "name": part, "knobs": known.get("knobs", [])})

        if self._link is None or not self._link.ask(["set", part, knob, value], answered):
            refused("The simulated parts do not answer now.")


def _sheet(path: str, size: int) -> bytes:
    """Return a program's sheet; a program may have put anything in its place."""
    try:
        descriptor = os.open(path, _SAFELY)
    except OSError:
        return b""
    try:
        regular = stat.S_ISREG(os.fstat(descriptor).st_mode)
        return os.pread(descriptor, size, 0) if regular else b""
    except OSError:
        return b""
    finally:
        os.close(descriptor)
