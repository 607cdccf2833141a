"""The errors of cpcompat's own making: for what is neither upstream's error nor a hardware fault."""

from __future__ import annotations


class CpcompatError(Exception):
    """Something the user asked for cannot be done.

    The message is one clause without a full stop that names the value; the way out is a note.

    Args:
        message: What went wrong, in lower case, naming the value with ``!r``.
        remedy: How to get out of it, in whole sentences; becomes a note of the exception.
    """

    def __init__(self, message: str, remedy: str | None = None) -> None:
        super().__init__(message)
        if remedy:
            self.add_note(remedy)


class UnknownBoardError(CpcompatError):
    """No board of that id is known, or its definition cannot be used."""


class BackendMissingError(CpcompatError):
    """The board is known, but nothing here can drive its hardware."""


class CircuitError(CpcompatError):
    """A circuit file (``sim.toml``) says something that cannot be built."""


class DriveError(CpcompatError):
    """A folder cannot serve as a drive."""
