"""The supervisor's hold on the circuit's process."""

from __future__ import annotations

import json
import logging
import os
import socket
import time
from typing import TYPE_CHECKING, Any

from cpcompat.backends.sim import page
from cpcompat.errors import CircuitError

if TYPE_CHECKING:
    from cpcompat.board.definition import BoardDefinition
    from cpcompat.hal.backend import Launch
    from cpcompat.hal.pin import Pin

_log = logging.getLogger(__name__)
_PROCESS = "cpcompat.backends.sim.process"
_PIPE = os.O_CLOEXEC | os.O_DIRECT
_ANSWER = 65_536
_PATIENCE_S = 10.0
_OPTIONS = {"circuit", "trace", "screen", "virtual", "socket", "drive", "folder", "safe"}


class SimBroker:
    """See `cpcompat.hal.backend.Broker`.

    Raises:
        CircuitError: The circuit cannot be built.
    """

    def __init__(self, board: BoardDefinition, options: dict[str, Any], launch: Launch) -> None:
        if unknown := set(options) - _OPTIONS:
            raise CircuitError(f"the simulated board has no option {sorted(unknown)!r}")
        self._launch = launch
        self._start_ns = time.monotonic_ns()
        self._virtual = bool(options["virtual"])
        self._arguments = {**options, "board": board.id, "start_ns": self._start_ns}
        self._control = self._start()

    def _start(self) -> socket.socket:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._page = page.make()
        with theirs:
            self._launch(_PROCESS, self._arguments, [theirs.fileno(), self._page])
        ours.settimeout(_PATIENCE_S)
        data = ours.recv(_ANSWER)
        answer = json.loads(data) if data else {"error": "the circuit's process ended at once"}
        if "error" in answer:
            ours.close()
            error = CircuitError(answer["error"])
            for note in answer.get("notes", ()):
                error.add_note(note)
            raise error
        return ours

    def grant(self) -> tuple[str, list[int]]:
        """See `Broker.grant`; a circuit whose process died is built anew."""
        said = json.dumps({"virtual": self._virtual, "start_ns": self._start_ns})
        try:
            return said, self._program()
        except OSError:
            _log.warning("the circuit's process has died; the circuit is built anew")
            self.close()
            self._control = self._start()
            return said, self._program()

    def _program(self) -> list[int]:
        """Make a program's connection: where it asks, where it is answered, and the page."""
        asked, asks = os.pipe2(_PIPE)
        answers, answered = os.pipe2(_PIPE)
        try:
            self._hand_over("program", [asked, answered])
        except OSError:
            os.close(asks)
            os.close(answers)
            raise
        return [asks, answers, os.dup(self._page)]

    def _hand_over(self, order: str, descriptors: list[int]) -> None:
        """Give the circuit descriptors; they are closed here."""
        try:
            socket.send_fds(self._control, [json.dumps(order).encode()], descriptors)
        finally:
            for descriptor in descriptors:
                os.close(descriptor)

    def safe(self) -> None:
        """See `Broker.safe`."""
        _make_safe(self._control)

    def spare(self) -> list[int]:
        """See `Broker.spare`: another control connection."""
        return [self._connection("control")]

    def look(self) -> int:
        """See `Broker`."""
        return self._connection("look")

    def _connection(self, order: str) -> int:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with ours:
            self._hand_over(order, [theirs.detach()])
            return ours.detach()

    def shine(self, pin: Pin, on: bool | None) -> None:
        """See `Broker.shine`."""
        try:
            self._control.send(json.dumps(["shine", pin.name, on]).encode())
        except OSError:
            _log.warning("the circuit's process does not answer")

    def glow(self, pin: Pin, data: bytes) -> None:
        """See `Broker.glow`."""
        try:
            self._control.send(json.dumps(["glow", pin.name, data.hex()]).encode())
        except OSError:
            _log.warning("the circuit's process does not answer")

    def level(self, pin: Pin) -> bool:
        """See `Broker`; the pin of a circuit that has died is high."""
        try:
            self._control.send(json.dumps(["level", pin.name]).encode())
            data = self._control.recv(_ANSWER)
        except OSError:
            _log.warning("the circuit's process does not answer")
            data = b""
        return bool(json.loads(data)) if data else True

    def uid(self) -> bytes:
        """See `Broker.uid`."""
        return b"cpcmpsim"

    def close(self) -> None:
        """See `Broker.close`: the circuit ends with its last control connection."""
        if self._page >= 0:
            os.close(self._page)
            self._page = -1
        self._control.close()


def _make_safe(control: socket.socket) -> None:
    try:
        control.send(b'"safe"')
        control.recv(_ANSWER)
    except OSError:
        # A circuit that has died drives nothing.
        _log.warning("the circuit's process does not answer")


def broker(board: BoardDefinition, options: dict[str, object], launch: Launch) -> SimBroker:
    """See `cpcompat.hal.backend.BackendModule.broker`."""
    return SimBroker(board, options, launch)


def safe_from(descriptors: list[int]) -> None:
    """See `cpcompat.hal.backend.BackendModule.safe_from`."""
    with socket.socket(fileno=descriptors[0]) as control:
        control.settimeout(_PATIENCE_S)
        _make_safe(control)
