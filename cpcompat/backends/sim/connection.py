"""A program's connection to the circuit's process."""

from __future__ import annotations

import json
import os
import select
from functools import partial
from typing import TYPE_CHECKING
from weakref import ref

from cpcompat.backends.sim import page
from cpcompat.backends.sim import wire_format as wire
from cpcompat.hal.errors import Fault, HalError
from cpcompat.hal.turns import Turns

if TYPE_CHECKING:
    from collections.abc import Callable

    from cpcompat.board.definition import BoardDefinition

_SPINS = 30
"""Tries before a wait blocks: waking up across processors costs more than the circuit's answer."""
_REQUEST, _ANSWER = wire.REQUEST, wire.ANSWER
_ROOM = wire.PACKET - _REQUEST.size
_HEAD = _ANSWER.size
_COUNT = 0xFFFFFFFF


class Connection:
    """One program's connection.

    Synchronization: any thread; one request at a time. An exception may end the wait for an
    answer; the next request passes that answer over.

    Args:
        descriptors: Where requests are written, where answers can be read, and the circuit's page.
        board: The board.

    Attributes:
        numbers: The numbers on the page; see `cpcompat.backends.sim.page`.
        levels: The levels on it.
        posts: How many requests have been posted.
    """

    def __init__(self, descriptors: list[int], board: BoardDefinition) -> None:
        self._asks, self._answers, shared = descriptors
        self.numbers, self.levels = page.mapped(shared, board)
        os.close(shared)
        self.places = {name: index for index, name in enumerate(board.pins)}
        self.posts = 0
        self._turns = Turns()
        self._number = 0
        self._forked = False
        os.register_at_fork(after_in_child=partial(_note_fork, ref(self)))
        # With one processor the circuit cannot answer while this process spins.
        self._receive: Callable[[], bytes] = partial(os.read, self._answers, wire.PACKET)
        if len(os.sched_getaffinity(0)) > 1:
            self._receive = self._spin
            os.set_blocking(self._answers, False)
        self._poll = select.poll()
        self._poll.register(self._answers, select.POLLIN)

    def ask(self, operation: int, port: int = 0, data: bytes = b"") -> bytes:
        """Have the circuit do something; return what comes of it.

        Raises:
            HalError: The circuit's fault, or GONE when its process has ended.
        """
        if self._forked:
            raise _no_board()
        with self._turns:
            self._number = number = self._number + 1 & _COUNT
            try:
                if len(data) <= _ROOM:
                    os.write(self._asks, _REQUEST.pack(number, 0, operation, port) + data)
                else:
                    self._ask_long(number, operation, port, data)
                packet = self._receive()
            except OSError:
                raise _gone() from None
            if packet[:_HEAD] == _ANSWER.pack(number, wire.DONE):
                return packet[_HEAD:]
            return self._rest(number, packet)

    def _ask_long(self, number: int, operation: int, port: int, data: bytes) -> None:
        while len(data) > _ROOM:
            head = _REQUEST.pack(number, wire.MORE, operation, port)
            os.write(self._asks, head + data[:_ROOM])
            data = data[_ROOM:]
        os.write(self._asks, _REQUEST.pack(number, 0, operation, port) + data)

    def _rest(self, number: int, packet: bytes) -> bytes:
        """Return the answer to a request, of which a packet has come, or one of an earlier one."""
        said = b""
        while packet:
            of, kind = _ANSWER.unpack_from(packet)
            if of == number:
                said += packet[_HEAD:]
                if kind == wire.DONE:
                    return said
                if kind == wire.FAILED:
                    wire.raise_fault(said)
            try:
                packet = self._receive()
            except OSError:
                break
        raise _gone()

    def _spin(self) -> bytes:
        """Return the next packet, waited for with the processor in hand for a while."""
        read, answers = os.read, self._answers
        while True:
            for _ in range(_SPINS):
                try:
                    return read(answers, wire.PACKET)
                except BlockingIOError:
                    continue
            self._poll.poll()

    def post(self, port: int, data: bytes) -> None:
        """Have the circuit write a level, without waiting for it.

        Raises:
            HalError: GONE when its process has ended.
        """
        if self._forked:
            raise _no_board()
        with self._turns:
            self._number = number = self._number + 1 & _COUNT
            self.posts += 1
            try:
                os.write(self._asks, _REQUEST.pack(number, wire.POSTED, wire.WRITE, port) + data)
            except OSError:
                raise _gone() from None

    def open(self, *wanted: object) -> tuple[int, float]:
        """Open a port; return its number and, for an analog input, its reference in volts."""
        number, reference_v = wire.PORT.unpack(self.ask(wire.OPEN, 0, json.dumps(wanted).encode()))
        return number, reference_v

    def close_port(self, number: int) -> None:
        """Close a port; in a finaliser amid a request it is closed after that."""
        self._turns.after(partial(self.ask, wire.CLOSE, number))

    def close(self) -> None:
        """End the connection; the pins stay as they are."""
        if self._asks >= 0:
            os.close(self._asks)
            os.close(self._answers)
            self._asks = -1


def _note_fork(connection: ref[Connection]) -> None:
    """Have a forked child's connection say that it is one; what is registered stays for ever."""
    known = connection()
    if known is not None:
        known._forked = True


def _gone() -> HalError:
    cure = "Its process has ended; a part's code may have crashed. Reload to start it anew."
    return HalError(Fault.GONE, "the circuit", cure)


def _no_board() -> HalError:
    cure = "A forked process has no board; use it in its parent."
    return HalError(Fault.GONE, "the circuit", cure)
