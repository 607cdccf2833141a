"""The circuit as a process of its own: it outlives the programs, and runs the user's own parts.

Programs are connections; when one ends, its pins stay as they were, as on a Raspberry Pi, until
the broker says that they are to be safe. The process ends with the last control connection.
"""

from __future__ import annotations

import json
import logging
import os
import socket
import sys
from pathlib import Path
from typing import Any

from cpcompat.backends.sim.backend import SimBackend
from cpcompat.backends.sim.circuit import Circuit
from cpcompat.backends.sim.circuit_file import load
from cpcompat.backends.sim.clock import VirtualClock
from cpcompat.backends.sim.looking import Looker
from cpcompat.backends.sim.nets import INPUT, PUSH_PULL
from cpcompat.backends.sim.page import DONE_POSTS, Mirror
from cpcompat.backends.sim.pin_ports import PULLS
from cpcompat.backends.sim.png import encode
from cpcompat.backends.sim.readers import Readers
from cpcompat.backends.sim.serving import Program
from cpcompat.backends.sim.trace import WaveFile
from cpcompat.backends.sim.view import View
from cpcompat.board.detect import definition
from cpcompat.errors import CpcompatError
from cpcompat.hal.clock import RealClock
from cpcompat.hal.gpio import Direction, Pull
from cpcompat.hal.safe_states import STATES

_log = logging.getLogger(__name__)
_ORDER = 1000


def main(arguments: dict[str, Any], descriptors: list[int]) -> None:
    """Build the circuit, say that it stands, and serve it until nobody controls it.

    Args:
        arguments: ``board``, ``circuit``, ``trace``, ``screen``, ``virtual``, ``socket``, ``safe``
            and ``start_ns`` (when the board's clock began), as the broker gives them.
        descriptors: The broker's control connection, and the page that programs see.
    """
    control = socket.socket(fileno=descriptors[0])
    try:
        server = Server(arguments, descriptors[1])
    except (CpcompatError, OSError) as error:
        notes = getattr(error, "__notes__", [])
        control.send(json.dumps({"error": str(error), "notes": notes}).encode())
        return
    server.add_control(control)
    control.send(b'{"ready": true}')
    server.serve()


class Server:
    """Serves one circuit.

    Args:
        arguments: See `main`.
        page: The descriptor of the page for programs.

    Raises:
        CpcompatError: The circuit cannot be built.
        OSError: A file cannot be written or the socket not be made.
    """

    def __init__(self, arguments: dict[str, Any], page: int) -> None:
        clock = VirtualClock() if arguments["virtual"] else RealClock(arguments["start_ns"])
        self.circuit = Circuit(definition(arguments["board"]), clock)
        if arguments["circuit"]:
            load(self.circuit, Path(arguments["circuit"]))
        self._trace: WaveFile | None = None
        if arguments["trace"]:
            self._trace = _trace_file(self.circuit, arguments["trace"])
            self.circuit.record(self._trace)
        self._screen = arguments["screen"]
        self._backend = SimBackend(self.circuit)
        for name, state in arguments.get("safe", {}).items():
            direction, pull, value = STATES[state]
            mode = PUSH_PULL if direction is Direction.OUTPUT else INPUT
            self.circuit.declare(self.circuit.board.pins[name], mode, PULLS[pull], value)
        self._readers = Readers()
        self._controls = 0
        self._view: View | None = None
        self._mirror = Mirror(self.circuit, page)
        self.circuit.reflect(self._mirror)
        self._looker = Looker(self.circuit, Path(arguments["socket"]), self._readers)

    def add_control(self, end: socket.socket) -> None:
        """Obey another control connection."""
        self._controls += 1
        self._readers.add(end.fileno(), lambda: self._control(end))

    def serve(self) -> None:
        """Serve until the last control connection has ended."""
        circuit, readers, mirror = self.circuit, self._readers, self._mirror
        while self._controls:
            readers.serve(self._until_next_event() if circuit._queue else None)
            if circuit._queue:
                circuit.advance()
                mirror.tell_times()
        self._looker.close()
        self._write_screen()
        if self._trace is not None:
            self.circuit.record(None)
            self._trace.close(self.circuit.now_ns())

    def _until_next_event(self) -> float | None:
        """Return the seconds until the circuit does something by itself."""
        due = self.circuit.next_event_ns()
        if due is None or self.circuit.virtual:
            return None
        return max(0.0, (due - self.circuit.now_ns()) / 1e9)

    def _control(self, end: socket.socket) -> None:
        data, descriptors, _, _ = socket.recv_fds(end, _ORDER, 4)
        order = json.loads(data) if data else None
        if order is None:
            self._readers.remove(end.fileno())
            end.close()
            self._controls -= 1
        elif order == "program":
            self._add_program(*descriptors)
        elif order == "control":
            self.add_control(socket.socket(fileno=descriptors[0]))
        elif order == "look":
            self._look(socket.socket(fileno=descriptors[0]))
        elif isinstance(order, list) and order[0] == "shine":
            self._shine(*order[1:])
        elif isinstance(order, list) and order[0] == "glow":
            pin, data = self.circuit.board.pins[order[1]], bytes.fromhex(order[2])
            self.circuit.send_pixels(pin, data)
        elif isinstance(order, list) and order[0] == "level":
            end.send(json.dumps(self._level(order[1])).encode())
        elif order == "safe":
            self.circuit.reset_board()
            self._write_screen()
            if self._trace is not None:
                self._trace.flush(self.circuit.now_ns())
            end.send(b"{}")

    def _look(self, end: socket.socket) -> None:
        """Let somebody look on; the one before has left, or is to."""
        if self._view is not None:
            self._view.close()
        self._view = View(self.circuit, end, self._readers)

    def _shine(self, pin: str, on: bool | None) -> None:
        """Drive a pin for the supervisor's status light."""
        terminal = self.circuit.terminal(self.circuit.board.pins[pin])
        self.circuit.configure(terminal, INPUT if on is None else PUSH_PULL, 0, bool(on))

    def _level(self, pin: str) -> bool:
        """Return the level of a pin that becomes an input with a pull-up."""
        self.circuit.advance()
        terminal = self.circuit.terminal(self.circuit.board.pins[pin])
        self.circuit.configure(terminal, INPUT, PULLS[Pull.UP], False)
        return self.circuit.level(self.circuit.board.pins[pin])

    def _add_program(self, requests: int, answers: int) -> None:
        self._mirror.numbers[DONE_POSTS] = 0
        program = Program(self._backend, requests, answers, self._mirror)

        def serve() -> None:
            if not program.serve_one():
                self._readers.remove(requests)
                os.close(requests)
                os.close(answers)

        self._readers.add(requests, serve)

    def _write_screen(self) -> None:
        if not self._screen:
            return
        for placed in self.circuit.parts.values():
            image = placed.part.image()
            if image is not None:
                Path(self._screen).write_bytes(encode(image))
                return
        sys.stderr.write("cpcompat: no part of the circuit has a display to write.\n")
        self._screen = None


def _trace_file(circuit: Circuit, path: str) -> WaveFile:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o666)
    levels = {name: circuit.level(pin) for name, pin in circuit.board.pins.items()}
    return WaveFile(descriptor, circuit.board, levels, virtual=circuit.virtual)
