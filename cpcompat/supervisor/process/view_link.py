"""The supervisor's end of a connection by which a backend's process is looked at."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
from collections import deque
from collections.abc import Callable
from typing import Any, TypeAlias

from cpcompat.hal.viewing import FURTHER, PACKET, QUESTION, Parcel

_log = logging.getLogger(__name__)
_MOST_WAITING = 64
Answered: TypeAlias = Callable[[dict[str, Any]], None]
"""Called with an answer."""


class ViewLink:
    """Asks one question at a time and never waits; see `cpcompat.hal.viewing`.

    Args:
        descriptor: The connection; it is closed here.
        gone: Called when the other end has gone.
    """

    def __init__(self, descriptor: int, gone: Callable[[], None]) -> None:
        self._end = socket.socket(fileno=descriptor)
        self._end.setblocking(False)
        self._gone = gone
        self._waiting: deque[tuple[bytes, Answered]] = deque()
        self._asked: Answered | None = None
        self._parcel = Parcel()
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._end, self._read)

    @property
    def is_idle(self) -> bool:
        """Whether no question is under way."""
        return self._asked is None

    def ask(self, question: list[Any], answered: Answered) -> bool:
        """Ask something when what was asked before is answered.

        Args:
            question: What `cpcompat.hal.viewing` lists.
            answered: Called with the answer, unless the other end goes first.

        Returns:
            False when so much waits already, or this is so long, that it is not asked.
        """
        data = json.dumps(question).encode("ascii")
        if len(self._waiting) >= _MOST_WAITING or len(data) > QUESTION or self._end.fileno() < 0:
            return False
        self._waiting.append((data, answered))
        if self._asked is None:
            self._next()
        return True

    def _next(self) -> None:
        if self._waiting:
            data, self._asked = self._waiting.popleft()
            self._send(data)

    def _send(self, data: bytes) -> None:
        try:
            self._end.send(data)
        except OSError:
            self._lost()

    def _read(self) -> None:
        try:
            packet = self._end.recv(PACKET + 1)
        except BlockingIOError:
            return
        except OSError:
            packet = b""
        if not packet:
            self._lost()
            return
        try:
            answer = self._parcel.take(packet)
        except (ValueError, RecursionError):
            _log.warning("what the backend's process tells of the board is not understood")
            self._lost()
            return
        if answer is None:
            self._send(FURTHER)
            return
        answered, self._asked = self._asked, None
        if answered is not None:
            answered(answer)
        if self._asked is None:
            self._next()

    def _lost(self) -> None:
        if self._end.fileno() >= 0:
            self.close()
            self._gone()

    def close(self) -> None:
        """Ask nothing any more. Closing again does nothing."""
        if self._end.fileno() >= 0:
            self._loop.remove_reader(self._end)
            self._end.close()
            self._waiting.clear()
            self._asked = None
