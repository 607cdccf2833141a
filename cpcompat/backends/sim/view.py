"""The circuit as one sees it who looks on from another process; see `cpcompat.hal.viewing`."""

from __future__ import annotations

import base64
import logging
import socket
import time
from typing import TYPE_CHECKING, Any

from cpcompat.backends.sim.bus_events import Tap
from cpcompat.backends.sim.nets import INPUT
from cpcompat.backends.sim.view_parts import Shown, shown
from cpcompat.errors import CircuitError
from cpcompat.hal.viewing import QUESTION, Answers

if TYPE_CHECKING:
    from cpcompat.backends.sim.circuit import Circuit
    from cpcompat.backends.sim.nets import Terminal
    from cpcompat.backends.sim.readers import Readers

_log = logging.getLogger(__name__)
_PICTURES_S = 0.2
"""The shortest time between two pictures of a display that was written to."""
_ANYWAY_S = 2.0
"""And of one that was not: a part may change by itself."""
_SMALL = 2048
"""Bytes of a picture that is looked at each time: a few pixels."""
_PULLS = {1: "up", -1: "down"}


class View:
    """Answers one connection until it ends. Nothing is gathered before it comes or after it has gone.

    Args:
        circuit: The circuit.
        end: The connection; it is closed here.
        readers: Get what is to be called when a question comes.
    """

    def __init__(self, circuit: Circuit, end: socket.socket, readers: Readers) -> None:
        self._circuit = circuit
        self._end = end
        self._readers = readers
        self._answers = Answers()
        self._tap = Tap(circuit)
        self._pins: dict[str, dict[str, Any]] = {}
        self._parts = shown(circuit)
        self._told: dict[str, dict[str, Any]] = {}
        self._pictures: dict[str, tuple[float, int, int]] = {}
        readers.add(end.fileno(), self._hear)

    def _hear(self) -> None:
        try:
            question = self._end.recv(QUESTION)
            if question:
                packet = self._answers.to(question, self._answer)
                # One question, one packet: there is room for it.
                self._end.send(packet, socket.MSG_DONTWAIT)
        except OSError:
            question = b""
        if not question:
            self.close()

    def close(self) -> None:
        """Gather nothing any more. Closing again does nothing."""
        if self._end.fileno() >= 0:
            self._readers.remove(self._end.fileno())
            self._end.close()
            self._tap.close()

    def _answer(self, question: list[Any]) -> dict[str, Any]:
        try:
            if question == ["news"]:
                return self._news()
            if len(question) == 4 and question[0] == "set":
                self._set(*question[1:])
                return {}
        except CircuitError as error:
            return {"error": " ".join([str(error), *getattr(error, "__notes__", [])])}
        except Exception as error:
            # A part of the user's own may raise anything; the circuit lives on and says so.
            _log.error("a part failed", exc_info=error)
            return {"error": f"the part failed: {type(error).__name__}: {error}"}
        return {"error": "not understood"}

    def _set(self, part: object, knob: object, value: object) -> None:
        found = next((one for one in self._parts if one.name == part), None)
        if found is None:
            legal = ", ".join(one.name for one in self._parts) or "none"
            raise CircuitError(f"no part {part!r}", f"The circuit has: {legal}.")
        found.turn(str(knob), value)

    def _news(self) -> dict[str, Any]:
        self._circuit.advance()
        events, dropped = self._tap.take()
        news: dict[str, Any] = {"pins": self._pin_news(), "events": events, "dropped": dropped}
        parts = [told for part in self._parts if (told := self._part_news(part)) is not None]
        if parts:
            news["parts"] = parts
        return news

    def _pin_news(self) -> dict[str, dict[str, Any]]:
        news = {}
        for name, terminal in self._circuit.terminals.items():
            now = _pin(terminal)
            before = self._pins.get(name)
            if now != before:
                self._pins[name] = now
                news[name] = now
        return news

    def _part_news(self, part: Shown) -> dict[str, Any] | None:
        """Return what has changed of a part, None for nothing; the first time, all of it."""
        before = self._told.get(part.name)
        said: dict[str, Any] = {"knobs": part.knobs()}
        picture = self._picture(part, first=before is None)
        if before is None:
            self._told[part.name] = {**said, "display": picture}
            return {**part.head, **said, "display": picture}
        changed: dict[str, Any] = {
            key: value for key, value in said.items() if before[key] != value
        }
        if picture is not None and picture != before["display"]:
            changed["display"] = picture
        if not changed:
            return None
        before.update(changed)
        return {"name": part.name, **changed}

    def _picture(self, part: Shown, *, first: bool) -> dict[str, Any] | None:
        """Return what a display shows, None where there is none or it is not looked at now."""
        if part.name not in self._pictures and not first:
            return None
        when_s, count, size = self._pictures.get(part.name, (0.0, -1, 0))
        wait_s = _PICTURES_S if count != self._tap.count else _ANYWAY_S
        if size > _SMALL and time.monotonic() - when_s < wait_s:
            return None
        try:
            image = part.image()
        except Exception as error:
            _log.error("%s: its picture failed", part.name, exc_info=error)
            image = None
        if image is None:
            self._pictures.pop(part.name, None)
            return None
        self._pictures[part.name] = (time.monotonic(), self._tap.count, len(image.data))
        # Raw bytes: to make them smaller would take this process longer than to send them.
        return {
            "width": image.width,
            "height": image.height,
            "format": "grey" if image.mode == "L" else "rgb",
            "data": base64.b64encode(image.data).decode("ascii"),
        }


def _pin(terminal: Terminal) -> dict[str, Any]:
    is_input = terminal.mode == INPUT
    function = "PWM" if terminal.wave else "analog out" if terminal.dac is not None else None
    return {
        "direction": "input" if is_input else "output",
        "level": None if terminal.net.waving or function else int(terminal.net.level),
        "pull": _PULLS.get(terminal.pull) if is_input else None,
        "function": function,
    }
