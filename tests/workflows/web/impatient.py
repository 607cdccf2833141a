"""A board whose web workflow has other limits, so that tests reach them: ``impatient.py LIMITS run DRIVE …``.

LIMITS is JSON: ``{"http.IDLE_S": 0.5}``, in modules of cpcompat.workflows.web; ``"full": n`` has the
disk take n bytes of an upload, and no more.
"""

from __future__ import annotations

import errno
import importlib
import json
import sys


def _fill(room: int) -> None:
    from cpcompat.workflows.web.incoming import Incoming

    whole = Incoming.write
    taken = 0

    def write(self: Incoming, data: bytes) -> None:
        nonlocal taken
        taken += len(data)
        if taken > room:
            raise OSError(errno.ENOSPC, "No space left on device")
        whole(self, data)

    Incoming.write = write  # type: ignore[method-assign]


def main() -> int:
    """Run the command with other limits; returns its exit status."""
    from cpcompat import cli

    for name, value in json.loads(sys.argv[1]).items():
        module, _, limit = name.partition(".")
        if name == "full":
            _fill(value)
        else:
            found = importlib.import_module(f"cpcompat.workflows.web.{module}")
            assert hasattr(found, limit), name
            setattr(found, limit, value)
    return cli.main(sys.argv[2:])


if __name__ == "__main__":
    sys.exit(main())
