"""The board's lines as the kernel tells of them, for who looks on; see `cpcompat.hal.viewing`.

Nothing is disturbed: direction, pull and holder are asked of the chip (LINEINFO), and levels are read
by the broker's own copies of requests. To request a line that nobody holds would change it, or take it
away from a program that is about to; its level and function are read from the controller's registers
(`pads`), and not known where those cannot be looked at. A chip before Linux 5.10 tells of no line so.
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

from cpcompat.backends.linux import gpio_uapi as uapi
from cpcompat.backends.linux.lines import CONSUMER
from cpcompat.backends.linux.pad_registers import Pad
from cpcompat.backends.linux.pads import Pads
from cpcompat.hal.errors import HalError
from cpcompat.hal.viewing import QUESTION, Answers

if TYPE_CHECKING:
    from cpcompat.backends.linux.keeper import Keeper
    from cpcompat.backends.linux.nodes import Nodes
    from cpcompat.backends.linux.traffic import Traffic
    from cpcompat.board.definition import BoardDefinition

_UNKNOWN = Pad(None, None, None, None)


class View:
    """Answers one connection.

    Args:
        board: The board.
        nodes: The way to its chip.
        keeper: Has copies of the programs' requests.
        traffic: What goes over the programs' buses.
    """

    def __init__(
        self, board: BoardDefinition, nodes: Nodes, keeper: Keeper, traffic: Traffic
    ) -> None:
        self._pins = {pin.name: pin.id for pin in board.pins.values() if pin.id >= 0}
        self._nodes = nodes
        self._keeper = keeper
        self._answers = Answers()
        self._told: dict[str, dict[str, Any]] = {}
        self._pads = Pads(board)
        self._traffic = traffic.listen(board)

    def close(self) -> None:
        """Look no more."""
        self._traffic.close()

    def hear(self, end: socket.socket) -> bool:
        """Answer a question; return False when nobody looks any more."""
        try:
            question = end.recv(QUESTION)
            if question:
                end.send(self._answers.to(question, self._answer), socket.MSG_DONTWAIT)
        except OSError:
            return False
        return bool(question)

    def _answer(self, question: list[Any]) -> dict[str, Any]:
        if question == ["news"]:
            first = not self._told
            events, dropped = self._traffic.take()
            news: dict[str, Any] = {"pins": self._news(), "events": events, "dropped": dropped}
            return {**news, "parts": []} if first else news
        if question[:1] == ["set"]:
            return {"error": "This board is real: turn the part itself."}
        return {"error": "not understood"}

    def _news(self) -> dict[str, dict[str, Any]]:
        levels = self._keeper.levels()
        news = {}
        for name, offset in self._pins.items():
            now = self._line(offset, levels.get(offset))
            if now != self._told.get(name):
                news[name] = self._told[name] = now
        return news

    def _line(self, offset: int, level: bool | None) -> dict[str, Any]:
        try:
            _, holder, flags = self._nodes.line_info(offset)
        except (OSError, HalError):
            holder, flags = "", 0
        pulls = {uapi.BIAS_PULL_UP: "up", uapi.BIAS_PULL_DOWN: "down"}
        others = flags & uapi.USED and not holder.startswith(CONSUMER)
        pad = self._pads.of(offset) or _UNKNOWN
        return {
            "direction": "output" if flags & uapi.OUTPUT else "input" if flags else pad.direction,
            "level": pad.level if level is None else int(level),
            "pull": next((word for flag, word in pulls.items() if flags & flag), pad.pull),
            "function": pad.function,
            "holder": holder or "the kernel" if others else None,
        }
