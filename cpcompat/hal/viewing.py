"""How a backend's process answers who looks at the board: JSON in packets, one packet a question.

Nothing is told unasked, so one who does not ask costs nothing, and one who is slow gets what is true
when he asks again. Of a long answer each further packet is asked for as well: neither side ever waits
for room in the other's socket.

A question is a JSON list. ``["news"]`` is answered with what has changed since the last one:

* ``pins``: what changed of each pin, by the chip's name: ``direction``, ``level`` (None where it
  cannot be had without a disturbance), ``pull``, ``function`` and ``holder`` where the backend knows;
* ``events`` and ``dropped``: what went over the buses, and how much more did than is told;
* ``parts``: the simulated parts as the web page has them; all in the first answer, then the changed.

``["set", PART, KNOB, VALUE]`` turns a knob; the answer is ``{}``, or ``{"error": …}`` with what is wrong.
"""

from __future__ import annotations

import json
from collections import deque

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

PACKET = 48_000
"""The most bytes of a packet, well under what a datagram socket takes by default."""
MOST = 4_000_000
"""The most bytes of a whole answer; nobody takes more."""
QUESTION = 4_096
"""The most bytes of a question."""
FURTHER = b'["more"]'
"""Asks for the next packet of an answer."""
_GOES_ON, _ENDS = b"+", b"."


class Answers:
    """Answers of any length on one connection."""

    def __init__(self) -> None:
        self._packets: deque[bytes] = deque()

    def to(self, question: bytes, answer: Callable[[list[Any]], dict[str, Any]]) -> bytes:
        """Return the packet to send.

        Args:
            question: What came.
            answer: Returns the answer to a question.
        """
        if question != FURTHER or not self._packets:
            whole = json.dumps(answer(_asked(question)), separators=(",", ":")).encode("ascii")
            if len(whole) > MOST:
                whole = b'{"error":"the answer is too long"}'
            self._packets = deque(
                whole[at : at + PACKET] for at in range(0, max(len(whole), 1), PACKET)
            )
        piece = self._packets.popleft()
        return (_GOES_ON if self._packets else _ENDS) + piece


class Parcel:
    """An answer whose packets come in."""

    def __init__(self) -> None:
        self._data = bytearray()

    def take(self, packet: bytes) -> dict[str, Any] | None:
        """Take a packet; return the answer when it is whole, else None.

        Raises:
            ValueError: It is no answer.
        """
        self._data += packet[1:]
        if len(self._data) > MOST:
            raise ValueError("the answer is too long")
        if packet[:1] == _GOES_ON:
            return None
        whole, self._data = self._data, bytearray()
        said = json.loads(whole)
        if not isinstance(said, dict):
            raise ValueError("not an answer")
        return said


def _asked(question: bytes) -> list[Any]:
    try:
        said = json.loads(question)
    except (ValueError, RecursionError):
        return []
    return said if isinstance(said, list) else []
