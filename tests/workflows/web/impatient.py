"""A board whose web workflow has other limits, so that tests reach them: ``impatient.py LIMITS run DRIVE …``.

LIMITS is JSON: ``{"http.IDLE_S": 0.5}``, in modules of cpcompat.workflows.web; ``"full": n`` has the
disk take n bytes of an upload, and no more; ``"send buffer": n`` has the kernel keep n bytes for each
client, where it would keep megabytes.
"""

from __future__ import annotations

import errno
import importlib
import json
import socket
import sys


def _fill(room: int) -> None:
    from cpcompat.workflows.files.incoming import Incoming

    whole = Incoming.write
    taken = 0

    def write(self: Incoming, data: bytes) -> None:
        nonlocal taken
        taken += len(data)
        if taken > room:
            raise OSError(errno.ENOSPC, "No space left on device")
        whole(self, data)

    Incoming.write = write  # type: ignore[method-assign]


def _keep_little(size: int) -> None:
    from cpcompat.workflows.web import service

    door = service.door

    def smaller(host: str, port: int) -> socket.socket:
        listening = door(host, port)
        listening.setsockopt(
            socket.SOL_SOCKET, socket.SO_SNDBUF, size
        )  # whom it accepts inherits it
        return listening

    service.door = smaller


def main() -> int:
    """Run the command with other limits; returns its exit status."""
    from cpcompat import cli

    for name, value in json.loads(sys.argv[1]).items():
        module, _, limit = name.partition(".")
        if name == "full":
            _fill(value)
        elif name == "send buffer":
            _keep_little(value)
        else:
            found = importlib.import_module(f"cpcompat.workflows.web.{module}")
            assert hasattr(found, limit), name
            setattr(found, limit, value)
    return cli.main(sys.argv[2:])


if __name__ == "__main__":
    sys.exit(main())
