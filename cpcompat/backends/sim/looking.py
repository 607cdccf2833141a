"""Looking at a running circuit and turning its knobs, from another process.

Requests and answers are JSON, one a line, on a socket that only the drive's owner can open.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cpcompat import unix_socket
from cpcompat.backends.sim.knobs import part_named, turn
from cpcompat.backends.sim.png import encode
from cpcompat.errors import CircuitError, CpcompatError

if TYPE_CHECKING:
    import socket

    from cpcompat.backends.sim.circuit import Circuit
    from cpcompat.backends.sim.readers import Readers

_LONGEST = 10_000

_PULLS = {0: "none", 1: "up", -1: "down"}


class Looker:
    """The circuit's side.

    Args:
        circuit: The circuit.
        path: Where the socket is to be; an old one there is replaced.
        readers: Gets a function to call for each connection that has something.
    """

    def __init__(self, circuit: Circuit, path: Path, readers: Readers) -> None:
        self._circuit = circuit
        self._path = path
        self._readers = readers
        self._door = unix_socket.listen(path)
        readers.add(self._door.fileno(), self._welcome)

    def _welcome(self) -> None:
        guest, _ = self._door.accept()
        guest.setblocking(False)
        held = bytearray()
        self._readers.add(guest.fileno(), lambda: self._hear(guest, held))

    def _hear(self, guest: socket.socket, held: bytearray) -> None:
        try:
            data = guest.recv(_LONGEST)
            held += data
            while data and b"\n" in held:
                line, _, rest = bytes(held).partition(b"\n")
                held[:] = rest
                guest.setblocking(True)
                guest.settimeout(1)
                guest.sendall(json.dumps(self._answer(line)).encode() + b"\n")
                guest.setblocking(False)
        except OSError:
            data = b""
        if not data or len(held) > _LONGEST:
            self._readers.remove(guest.fileno())
            guest.close()

    def _answer(self, line: bytes) -> object:
        try:
            order, *words = json.loads(line)
            return {"result": self._do(order, words)}
        except CircuitError as error:
            return {"error": str(error), "notes": getattr(error, "__notes__", [])}
        except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
            return {"error": f"not understood: {error}", "notes": []}

    def _do(self, order: str, words: list[Any]) -> object:
        if order == "show":
            return self._show()
        if order == "set":
            name, channel, value = words
            turn(self._circuit, name, channel, value)
        elif order == "drive":
            self._circuit.drive(*words)
        elif order == "volts":
            self._circuit.set_volts(*words)
        elif order == "image":
            image = part_named(self._circuit, words[0]).image()
            if image is None:
                raise CircuitError(f"{words[0]!r} has no display")
            return base64.b64encode(encode(image)).decode()
        else:
            raise CircuitError(
                f"no order {order!r}", "There are show, set, drive, volts and image."
            )
        return None

    def _show(self) -> dict[str, Any]:
        circuit = self._circuit
        return {
            "pins": {
                pin.label: {
                    "level": circuit.level(pin),
                    "mode": circuit.terminal(pin).mode,
                    "pull": _PULLS[circuit.terminal(pin).pull],
                    "pwm": circuit.pwm(pin),
                    "dac": circuit.dac(pin),
                }
                for pin in circuit.board.pins.values()
            },
            "parts": {
                name: {
                    "place": placed.place,
                    "about": placed.part.about,
                    "channels": {
                        key: {"value": getattr(placed.part, key), "legal": channel.legal()}
                        for key, channel in type(placed.part).channels().items()
                    },
                }
                for name, placed in circuit.parts.items()
            },
            "faults": [str(fault) for fault in [*circuit.contentions, *circuit.faults]],
        }

    def close(self) -> None:
        """Remove the socket."""
        self._readers.remove(self._door.fileno())
        self._door.close()
        self._path.unlink(missing_ok=True)


def ask(path: Path, *order: object) -> Any:
    """Give a running circuit an order; return the result.

    Args:
        path: The circuit's socket.
        order: ``"show"``; ``"set", part, channel, value``; ``"drive", pin, level``;
            ``"volts", pin, volts``; ``"image", part``.

    Raises:
        CpcompatError: No circuit runs there, or it refuses; the message says why.
    """
    try:
        with unix_socket.connect(path) as end:
            end.sendall(json.dumps(order).encode() + b"\n")
            with end.makefile("rb") as lines:
                answer = json.loads(lines.readline() or b"{}")
    except OSError as error:
        raise CpcompatError(
            "no circuit runs for this drive", "Start one: «cpcompat run DRIVE»."
        ) from error
    if "error" in answer:
        refusal = CpcompatError(answer["error"])
        for note in answer["notes"]:
            refusal.add_note(note)
        raise refusal
    return answer.get("result")
