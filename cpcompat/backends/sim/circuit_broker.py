"""The supervisor's hold on the circuit's process."""

from __future__ import annotations

import json
import logging
import socket
import time
from typing import TYPE_CHECKING, Any

from cpcompat.errors import CircuitError

if TYPE_CHECKING:
    from cpcompat.board.definition import BoardDefinition
    from cpcompat.hal.backend import Launch
    from cpcompat.hal.pin import Pin

_log = logging.getLogger(__name__)
_ANSWER = 65_536
_PATIENCE_S = 10.0
_OPTIONS = {"circuit", "trace", "screen", "virtual", "socket", "drive"}


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
        with theirs:
            self._launch("cpcompat.backends.sim.process", self._arguments, [theirs.fileno()])
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
            return said, [self._hand_over("program")]
        except OSError:
            _log.warning("the circuit's process has died; the circuit is built anew")
            self._control.close()
            self._control = self._start()
            return said, [self._hand_over("program")]

    def _hand_over(self, order: str) -> int:
        """Give the circuit one end of a connection; return the other."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            try:
                socket.send_fds(self._control, [json.dumps(order).encode()], [theirs.fileno()])
            except OSError:
                ours.close()
                raise
        return ours.detach()

    def safe(self) -> None:
        """See `Broker.safe`."""
        _make_safe(self._control)

    def spare(self) -> list[int]:
        """See `Broker.spare`: another control connection."""
        return [self._hand_over("control")]

    def shine(self, pin: Pin, on: bool | None) -> None:
        """See `Broker.shine`."""
        try:
            self._control.send(json.dumps(["shine", pin.name, on]).encode())
        except OSError:
            _log.warning("the circuit's process does not answer")

    def uid(self) -> bytes:
        """See `Broker.uid`."""
        return b"cpcmpsim"

    def close(self) -> None:
        """See `Broker.close`: the circuit ends with its last control connection."""
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
