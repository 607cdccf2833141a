"""What is left when the supervisor itself failed, so that its next start knows and is a careful one."""

from __future__ import annotations

import faulthandler
import os
import traceback
from pathlib import Path

NAME = "failure"
"""The file in the drive's run folder: in memory, so that a power cycle forgets it."""


class OwnFailure:
    """Notes how this supervisor fails: by an exception, or by a signal that no program sent it.

    SIGKILL leaves no note: whoever sends that may have meant it, and memory that runs out says so
    elsewhere.

    Args:
        folder: The drive's run folder.

    Attributes:
        before: The line that tells how the last supervisor of the drive failed; empty if it did not.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        self.before = _told(self._path)
        flags = os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
        self._file = os.fdopen(os.open(self._path, flags, 0o600), "w", encoding="utf-8")
        faulthandler.enable(self._file, all_threads=False)

    def note(self, error: BaseException) -> None:
        """Note an exception that ends the supervisor."""
        self._file.write("".join(traceback.format_exception(error)))
        self._file.flush()

    def close(self) -> None:
        """Nothing can fail any more; what was noted stays for the next start."""
        faulthandler.disable()
        self._file.close()


def _told(path: Path) -> str:
    """Return the line of a note that says what it was, empty for none."""
    try:
        lines = path.read_text("utf-8", "replace").strip().splitlines()
    except OSError:
        return ""
    if not lines:
        return ""
    # The handler of signals begins with it, a traceback ends with it.
    return lines[0] if lines[0].startswith("Fatal Python error") else lines[-1]
