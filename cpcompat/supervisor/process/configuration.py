"""``cpcompat.toml``: what the supervisor of a drive is to know, beside the drive's own settings."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

from cpcompat.errors import DriveError

NAME = "cpcompat.toml"
_SHARE = 0.75
"""The part of the machine's memory that a program may fill if nothing else is said."""


def memory_limit(drive: Path) -> int:
    """Return the most bytes of data that a program may have.

    Args:
        drive: The drive, whose ``cpcompat.toml`` may say ``[supervisor] memory_limit_mb = N``.

    Raises:
        DriveError: The file cannot be read, or says what nobody understands.
    """
    given = _supervisor_table(drive / NAME).get("memory_limit_mb")
    if given is None:
        return int(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") * _SHARE)
    if type(given) is not int or given < 1:
        raise DriveError(
            f"{NAME}: memory_limit_mb = {given!r} is not a whole number from 1",
            "It is the number of mebibytes that a program may use.",
        )
    return given << 20


def _supervisor_table(path: Path) -> dict[str, object]:
    if not path.is_file():
        return {}
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DriveError(f"{NAME} cannot be used: {error}", f"See {path}.") from error
    for key in table:
        if key != "supervisor":
            raise DriveError(f"{NAME}: no table {key!r}", "It may have [supervisor].")
    supervisor: dict[str, object] = table.get("supervisor", {})
    for key in supervisor:
        if key != "memory_limit_mb":
            raise DriveError(f"{NAME}: [supervisor] has no {key!r}", "It may have memory_limit_mb.")
    return supervisor
