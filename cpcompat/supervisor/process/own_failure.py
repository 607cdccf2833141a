"""What is left when the supervisor itself failed, so that its next start knows and is a careful one."""

from __future__ import annotations

import faulthandler
import os
import signal
import traceback
from pathlib import Path

NAME = "failure"
"""The file in the drive's run folder: in memory, so that a power cycle forgets it."""
HANGS = signal.SIGUSR1
"""What a service manager ends a supervisor with that hangs (``WatchdogSignal=`` of systemd.service(5))."""
_HUNG = "Stack (most recent call first)"
"""How `faulthandler` begins to tell where a process is that got such a signal."""


class OwnFailure:
    """Notes how this supervisor fails: by an exception, or by a signal that no program sent it.

    SIGKILL leaves no note: whoever sends that may have meant it, and memory that runs out says so
    elsewhere.

    Args:
        folder: The drive's run folder.

    Attributes:
        before: The line that tells how the last supervisor of the drive failed; empty if it did not.
        reason: The same as a name of ``supervisor.SafeModeReason``.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        self.before = _told(self._path)
        self.reason = _reason(self.before)
        flags = os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
        self._file = os.fdopen(os.open(self._path, flags, 0o600), "w", encoding="utf-8")
        faulthandler.enable(self._file, all_threads=False)
        faulthandler.register(HANGS, self._file, all_threads=False, chain=True)

    def note(self, error: BaseException) -> None:
        """Note an exception that ends the supervisor."""
        self._file.write("".join(traceback.format_exception(error)))
        self._file.flush()

    def close(self) -> None:
        """Nothing can fail any more; what was noted stays for the next start."""
        faulthandler.disable()
        faulthandler.unregister(HANGS)
        self._file.close()


def _told(path: Path) -> str:
    """Return the line of a note that says what it was, empty for none."""
    try:
        lines = path.read_text("utf-8", "replace").strip().splitlines()
    except OSError:
        return ""
    if not lines:
        return ""
    if lines[0].startswith(_HUNG):
        return f"it hung, in{lines[1].strip().removeprefix('File')}" if lines[1:] else "it hung"
    # The handler of signals begins with it, a traceback ends with it.
    return lines[0] if lines[0].startswith("Fatal Python error") else lines[-1]


def _reason(told: str) -> str:
    if not told:
        return ""
    return "WATCHDOG" if told.startswith("it hung") else "SDK_FATAL_ERROR"
