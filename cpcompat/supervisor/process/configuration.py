"""``cpcompat.toml``: what the supervisor of a drive is to know, beside the drive's own settings."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import NamedTuple

from cpcompat.errors import DriveError

NAME = "cpcompat.toml"
_KEYS = {
    "memory_limit_mb": "the number of mebibytes that a program may use",
    "status_led": "a pin, as board names it, or a name under /sys/class/leds",
    "restart": "how often within ten minutes a crashed program is started again",
}
_SHARE = 0.75
"""The part of the machine's memory that a program may fill if nothing else is said."""


class Configuration(NamedTuple):
    """What ``cpcompat.toml`` says.

    Attributes:
        memory_limit: The most bytes of data that a program may have.
        restarts: How often within ten minutes a program that crashed is started again before the
            board goes into safe mode.
        status_led: The status light: a name under ``/sys/class/leds``, a pin's, or empty.
    """

    memory_limit: int
    restarts: int
    status_led: str


def read(drive: Path) -> Configuration:
    """Return what the drive's ``cpcompat.toml`` says, or what holds without one.

    Args:
        drive: The drive. Its file may say ``[supervisor]`` with ``memory_limit_mb`` and ``restart``.

    Raises:
        DriveError: The file cannot be read, or says what nobody understands.
    """
    table = _supervisor_table(drive / NAME)
    memory_mb = _whole(table, "memory_limit_mb", 1)
    memory = int(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") * _SHARE)
    return Configuration(
        memory_limit=memory if memory_mb is None else memory_mb << 20,
        restarts=_whole(table, "restart", 0) or 0,
        status_led=_text(table, "status_led"),
    )


def _whole(table: dict[str, object], key: str, least: int) -> int | None:
    given = table.get(key)
    if given is None:
        return None
    if type(given) is not int or given < least:
        raise DriveError(
            f"{NAME}: {key} = {given!r} is not a whole number from {least}", f"It is {_KEYS[key]}."
        )
    return given


def _text(table: dict[str, object], key: str) -> str:
    given = table.get(key, "")
    if not isinstance(given, str):
        raise DriveError(f"{NAME}: {key} = {given!r} is not a text", f"It is {_KEYS[key]}.")
    return given


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
        if key not in _KEYS:
            raise DriveError(
                f"{NAME}: [supervisor] has no {key!r}", f"It may have {', '.join(_KEYS)}."
            )
    return supervisor
