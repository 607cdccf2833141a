"""The broker's process: it opens lines and nodes for programs, and outlives them.

Programs are connections. When all control connections have gone, supervisor and zygote are dead: the
process then keeps the lines safe until the last program has gone too, and ends.
"""

from __future__ import annotations

import errno
import json
import logging
import os
import selectors
import socket
from collections.abc import Callable
from typing import Any

from cpcompat.backends.linux import bus_defaults, permits, safing
from cpcompat.backends.linux import link_format as wire
from cpcompat.backends.linux.keeper import Keeper
from cpcompat.backends.linux.ledger import Ledger
from cpcompat.backends.linux.nodes import DirectNodes
from cpcompat.backends.linux.pixels import LinuxPixels
from cpcompat.backends.linux.traffic import Traffic
from cpcompat.backends.linux.view import View
from cpcompat.board.detect import definition
from cpcompat.errors import CpcompatError
from cpcompat.hal.errors import HalError

_log = logging.getLogger(__name__)
_ORPHAN_S = 0.01
"""How often lines are made safe while a program lives that nobody supervises any more."""


def main(arguments: dict[str, Any], descriptors: list[int]) -> None:
    """Serve until nobody controls this process.

    Args:
        arguments: ``board``, ``drive`` and ``safe`` (declared states by pin), as the broker gives them.
        descriptors: The broker's control connection, and the ledger.
    """
    control = socket.socket(fileno=descriptors[0])
    try:
        server = Server(arguments, descriptors[1])
    except HalError as error:
        _tell(control, {"error": str(error), "notes": [error.cure] if error.cure else []})
        return
    except (CpcompatError, OSError) as error:
        _tell(control, {"error": str(error), "notes": getattr(error, "__notes__", [])})
        return
    server.add_control(control)
    _tell(control, {"ready": True})
    server.serve()


def _tell(control: socket.socket, answer: object) -> None:
    try:
        control.send(json.dumps(answer).encode())
    except OSError:
        _log.warning("nobody heard an answer")


class Server:
    """Serves one board.

    Args:
        arguments: See `main`.
        ledger: The ledger's descriptor; what an earlier broker left in it is made safe first.

    Raises:
        HalError: A line with a declared state cannot be had.
        CpcompatError: The board is not known.
    """

    def __init__(self, arguments: dict[str, Any], ledger: int) -> None:
        self._board = definition(arguments["board"])
        self._ledger = ledger
        safing.by_ledger(ledger)
        self._nodes = DirectNodes(self._board)
        self._states = {
            self._board.pins[name].id: state for name, state in arguments["safe"].items()
        }
        book = Ledger(ledger, self._board.id, arguments["drive"], self._states)
        self._keeper = Keeper(self._board, self._nodes, self._states, book)
        self._buses = bus_defaults.Buses()
        self._traffic = Traffic()
        self._selector = selectors.DefaultSelector()
        self._controls = 0
        self._programs: set[socket.socket] = set()
        self._views: set[socket.socket] = set()

    def add_control(self, end: socket.socket) -> None:
        """Obey another control connection."""
        self._controls += 1
        self._selector.register(end, selectors.EVENT_READ, lambda: self._control(end))

    def serve(self) -> None:
        """Serve until the last control connection has ended, then until the programs have."""
        while self._controls:
            for key, _ in self._selector.select():
                act: Callable[[], None] = key.data
                act()
        self._outlive_programs()
        self._safe()
        self._keeper.close(self._ledger)

    def _outlive_programs(self) -> None:
        """Nobody ends these programs any more; keep their lines safe until they have gone."""
        for end in self._views:
            self._selector.unregister(end)
        for end in self._programs:
            self._selector.modify(end, selectors.EVENT_READ, end)
        while self._programs:
            self._keeper.hush()
            for key, _ in self._selector.select(_ORPHAN_S):
                end = key.data
                if not _drained(end):
                    self._selector.unregister(end)
                    self._programs.discard(end)
                    end.close()

    # Control.

    def _control(self, end: socket.socket) -> None:
        try:
            data, descriptors, _, _ = socket.recv_fds(end, wire.DATAGRAM, 4)
        except OSError:
            data, descriptors = b"", []
        order, *arguments = json.loads(data) if data else (None,)
        if order is None:
            self._selector.unregister(end)
            end.close()
            self._controls -= 1
        elif order == "program":
            self._keeper.begin()
            self._add_program(socket.socket(fileno=descriptors[0]))
            _tell(end, {})
        elif order == "control":
            self.add_control(socket.socket(fileno=descriptors[0]))
            _tell(end, {})
        elif order == "look":
            self._add_view(socket.socket(fileno=descriptors[0]))
            _tell(end, {})
        elif order == "safe":
            self._safe()
            _tell(end, {})
        elif order == "shine":
            name, on = arguments
            _tell(end, self._of_line(name, lambda offset: self._keeper.shine(offset, on)))
        elif order == "glow":
            name, data = arguments
            _tell(end, self._of_line(name, lambda _: self._glow(name, bytes.fromhex(data))))
        elif order == "level":
            _tell(end, self._of_line(arguments[0], self._keeper.level))

    def _add_view(self, end: socket.socket) -> None:
        """Answer somebody who looks on, until nobody does."""
        view = View(self._board, self._nodes, self._keeper, self._traffic)

        def hear() -> None:
            if not view.hear(end):
                self._selector.unregister(end)
                self._views.discard(end)
                view.close()
                end.close()

        self._views.add(end)
        self._selector.register(end, selectors.EVENT_READ, hear)

    def _glow(self, name: str, data: bytes) -> None:
        """Send bytes to the pixels at a pin, for the supervisor's status light."""
        pixels = LinuxPixels(self._nodes, self._board, self._board.pins[name])
        try:
            pixels.write(data)
        finally:
            pixels.close()

    def _safe(self) -> None:
        """The programs are reaped: everything of theirs goes back to what it was."""
        self._keeper.safe()
        self._buses.restore()

    def _of_line(self, name: str, act: Callable[[int], object]) -> dict[str, object]:
        """Do something with a line for the supervisor; return what came of it, or why not."""
        pin = self._board.pins[name]
        try:
            result = act(pin.id)
        except HalError as error:
            return {"fault": error.fault.name, "where": error.where, "cure": error.cure}
        except OSError as error:
            from cpcompat.backends.linux.lines import in_use

            fault = in_use(error, pin, self._nodes)
            return {"fault": fault.fault.name, "where": fault.where, "cure": fault.cure}
        return {} if result is None else {"result": result}

    # Programs.

    def _add_program(self, end: socket.socket) -> None:
        self._programs.add(end)

        def serve() -> None:
            if not self._serve_one(end):
                self._selector.unregister(end)
                self._programs.discard(end)
                end.close()

        self._selector.register(end, selectors.EVENT_READ, serve)

    def _serve_one(self, end: socket.socket) -> bool:
        """Answer one question of a program; return False when it has gone."""
        try:
            asked = end.recv(wire.DATAGRAM)
            if len(asked) < wire.ASK.size:
                return bool(asked)
            what, question = wire.ASK.unpack_from(asked)
            data, own, lent = self._answer(what, asked[wire.ASK.size :], question)
            try:
                socket.send_fds(end, [data], [*own, *lent])
            finally:
                for descriptor in own:
                    os.close(descriptor)
        except OSError:
            return False
        return True

    def _answer(
        self, what: bytes, arguments: bytes, question: int
    ) -> tuple[bytes, list[int], list[int]]:
        """Return the answer, descriptors that are closed when it is sent, and such that are kept."""
        own: list[int] = []
        lent: list[int] = []
        try:
            if what == wire.LINES:
                number, descriptor = self._keeper.take(bytearray(arguments))
                lent, rest = [descriptor], wire.NUMBER.pack(number)
            elif what == wire.GIVE_BACK:
                self._keeper.give_back(wire.NUMBER.unpack(arguments)[0])
                rest = b""
            elif what == wire.INFO:
                rest = self._line_info(wire.NUMBER.unpack(arguments)[0])
            elif what == wire.TRAFFIC:
                lent, rest = [self._traffic.fresh()], b""
            elif what == wire.OPEN:
                own, rest = [self._open(arguments)], b""
            else:
                raise OSError(errno.ENOSYS, "not a question")
        except HalError as error:
            said = json.dumps([error.fault.name, error.where, error.cure]).encode()
            return wire.ANSWER.pack(question, wire.FAULT) + said, [], []
        except (OSError, ValueError, wire.Malformed) as error:
            number = getattr(error, "errno", None) or errno.EINVAL
            return wire.ANSWER.pack(question, number), [], []
        return wire.ANSWER.pack(question, 0) + rest, own, lent

    def _line_info(self, offset: int) -> bytes:
        if offset not in safing.lines_of(self._board):
            raise PermissionError(errno.EACCES, "not a line of this board")
        name, holder, flags = self._nodes.line_info(offset)
        return wire.FLAGS.pack(flags) + f"{name}\0{holder}".encode()

    def _open(self, arguments: bytes) -> int:
        flags = wire.NUMBER.unpack_from(arguments)[0] & permits.FLAGS
        path = arguments[wire.NUMBER.size :].decode()
        if not permits.allowed(self._board, path, bus_defaults.ports(path)):
            raise PermissionError(errno.EACCES, "not a node of this board")
        if path.endswith("/enable"):
            self._keeper.switch(path)
        descriptor = self._nodes.open(path, flags)
        self._buses.opened(path)
        return descriptor


def _drained(end: socket.socket) -> bool:
    """Take what a program says that nobody answers any more; return False when it has gone."""
    try:
        return bool(end.recv(wire.DATAGRAM))
    except OSError:
        return False
