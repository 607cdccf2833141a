"""QEMU's monitor: commands to the emulated machine itself.

The protocol is QMP, https://www.qemu.org/docs/master/interop/qmp-spec.html: a JSON object a line.
"""

from __future__ import annotations

import json
import socket
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PATIENCE_S = 20


class LabError(Exception):
    """The emulated Pi did not do what it was asked for; the text says what to do."""


def connect(path: Path, alive: Callable[[], bool]) -> socket.socket:
    """Return a connection to one of QEMU's sockets, which it opens a little after its start.

    Args:
        path: The Unix socket.
        alive: Says whether QEMU still runs.

    Raises:
        LabError: QEMU has ended, or does not answer.
    """
    wanted = socket.socket(socket.AF_UNIX)
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline and alive():
        try:
            wanted.connect(str(path))
        except (FileNotFoundError, ConnectionRefusedError):
            time.sleep(0.01)
        else:
            return wanted
    wanted.close()
    raise LabError(f"QEMU does not open {path.name}; `make lab` builds the machine anew")


class Monitor:
    """A connection to the monitor.

    Args:
        connection: A connected socket.
    """

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._lines = connection.makefile("rw", encoding="utf-8")
        self._lines.readline()  # the greeting
        self("qmp_capabilities")

    def __call__(self, command: str, **arguments: object) -> Any:
        """Carry out a command and return its answer.

        Raises:
            LabError: QEMU refused it, or has ended.
        """
        self._lines.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        self._lines.flush()
        while line := self._lines.readline():
            answer = json.loads(line)
            if "error" in answer:
                raise LabError(f"QEMU refuses {command}: {answer['error']['desc']}")
            if "return" in answer:
                return answer["return"]
        raise LabError("QEMU has ended; a snapshot that does not fit? `make lab` builds it anew")

    def put(self, path: str, name: str, value: object) -> None:
        """Set a property of an object in the machine."""
        self("qom-set", path=path, property=name, value=value)

    def close(self) -> None:
        """Hang up."""
        self._lines.close()
        self._connection.close()
