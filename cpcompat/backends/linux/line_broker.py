"""The supervisor's hold on this computer's lines and buses: its end of the broker's process."""

from __future__ import annotations

import json
import logging
import os
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cpcompat.backends.linux import chip_facts, ledger, safing
from cpcompat.backends.linux import link_format as wire
from cpcompat.errors import CpcompatError
from cpcompat.hal.errors import Fault, HalError

if TYPE_CHECKING:
    from cpcompat.board.definition import BoardDefinition
    from cpcompat.hal.backend import Launch
    from cpcompat.hal.pin import Pin

_log = logging.getLogger(__name__)
_PATIENCE_S = 10.0
_SIMULATED = {"trace": "--trace", "screen": "--screen", "virtual": "--virtual-time"}
_OPTIONS = {*_SIMULATED, "circuit", "socket", "folder", "safe", "drive"}


class LinuxBroker:
    """See `cpcompat.hal.backend.Broker`.

    Args:
        board: The board.
        options: What the command line said.
        launch: Starts the process.

    Raises:
        CpcompatError: An option is for simulated boards alone, or a line with a declared safe state
            cannot be had.
    """

    def __init__(self, board: BoardDefinition, options: dict[str, Any], launch: Launch) -> None:
        _refuse_simulated(board, options)
        self._launch = launch
        self._start_ns = time.monotonic_ns()
        self._arguments = {
            "board": board.id,
            "drive": options["drive"],
            "safe": options.get("safe", {}),
        }
        path = Path(options["folder"]) / ledger.NAME
        self._ledger = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            self._control = self._start()
        except BaseException:
            os.close(self._ledger)
            raise

    def _start(self) -> socket.socket:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        module = "cpcompat.backends.linux.broker_process"
        with theirs:
            self._launch(module, self._arguments, [theirs.fileno(), self._ledger])
        ours.settimeout(_PATIENCE_S)
        data = ours.recv(wire.DATAGRAM)
        answer = json.loads(data) if data else {"error": "the broker's process ended at once"}
        if "error" in answer:
            ours.close()
            error = CpcompatError(answer["error"])
            for note in answer.get("notes", ()):
                error.add_note(note)
            raise error
        return ours

    def grant(self) -> tuple[str, list[int]]:
        """See `Broker.grant`."""
        return json.dumps({"start_ns": self._start_ns}), [self._connection("program")]

    def _connection(self, order: str) -> int:
        """Return a connection to the process; if that has died, to another one."""
        try:
            return self._hand_over(order)
        except OSError:
            self._start_anew()
            return self._hand_over(order)

    def _hand_over(self, order: str) -> int:
        """Give the process one end of a connection; return the other."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            try:
                socket.send_fds(self._control, [json.dumps([order]).encode()], [theirs.fileno()])
                # It has looked at the lines by then: what is driven later is the program's doing.
                if not self._control.recv(wire.DATAGRAM):
                    raise ConnectionResetError
            except OSError:
                ours.close()
                raise
        return ours.detach()

    def _start_anew(self) -> None:
        """The process has died: make safe what the ledger tells of, and start another one.

        The programs are reaped, so nobody has a descriptor of their lines.
        """
        _log.warning("the broker's process has died; another one is started")
        self._control.close()
        safing.by_ledger(self._ledger)
        self._control = self._start()

    def safe(self) -> None:
        """See `Broker.safe`."""
        if _order(self._control, "safe") is None:
            self._start_anew()

    def shine(self, pin: Pin, on: bool | None) -> None:
        """See `Broker.shine`."""
        self._ask("shine", pin.name, on)

    def glow(self, pin: Pin, data: bytes) -> None:
        """See `Broker.glow`."""
        self._ask("glow", pin.name, data.hex())

    def level(self, pin: Pin) -> bool:
        """See `Broker`."""
        return bool(self._ask("level", pin.name).get("result"))

    def _ask(self, *order: object) -> dict[str, Any]:
        answer = _order(self._control, *order)
        if answer is None:
            self._start_anew()
            answer = _order(self._control, *order) or {}
        if "fault" in answer:
            raise HalError(Fault.named(answer["fault"]), answer["where"], answer["cure"])
        return answer

    def spare(self) -> list[int]:
        """See `Broker.spare`: another control connection, and the ledger if that is not enough."""
        return [self._connection("control"), os.dup(self._ledger)]

    def look(self) -> int:
        """See `Broker`: another process is started only when there is a program to run."""
        return self._hand_over("look")

    def uid(self) -> bytes:
        """See `Broker.uid`."""
        return chip_facts.uid()

    def close(self) -> None:
        """See `Broker.close`: the process ends with its last control connection."""
        self._control.close()
        if self._ledger >= 0:
            os.close(self._ledger)
            self._ledger = -1


def _refuse_simulated(board: BoardDefinition, options: dict[str, Any]) -> None:
    for name, option in _SIMULATED.items():
        if options.get(name):
            raise CpcompatError(
                f"the board {board.id!r} is real, and {option} is for simulated ones",
                "«--board sim» is a simulated board.",
            )
    if unknown := set(options) - _OPTIONS:
        raise CpcompatError(f"the board {board.id!r} has no option {sorted(unknown)!r}")


def _order(control: socket.socket, *order: object) -> dict[str, Any] | None:
    """Have the process do something; return its answer, None when it has died."""
    try:
        control.send(json.dumps(order).encode())
        data = control.recv(wire.DATAGRAM)
    except OSError:
        return None
    answer: dict[str, Any] | None = json.loads(data) if data else None
    return answer


def safe_from(descriptors: list[int]) -> None:
    """See `cpcompat.hal.backend.BackendModule.safe_from`."""
    with socket.socket(fileno=descriptors[0]) as control:
        control.settimeout(_PATIENCE_S)
        if _order(control, "safe") is not None:
            return
    _log.warning("the broker's process has died; its lines are made safe by its ledger")
    safing.by_ledger(descriptors[1])


def make_ready() -> None:
    """Load what `safe_from` needs when the broker's process is dead, too."""
    safing.make_ready()
