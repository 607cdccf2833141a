"""``cpcompat.toml``: what the supervisor of a drive is to know, beside the drive's own settings."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from cpcompat.errors import DriveError
from cpcompat.hal.safe_states import STATES
from cpcompat.supervisor.process.suspend import MODES

if TYPE_CHECKING:
    from cpcompat.board.definition import BoardDefinition
    from cpcompat.hal.pin import Pin

NAME = "cpcompat.toml"
_KEYS = {
    "memory_limit_mb": "the number of mebibytes that a program may use",
    "status_led": "a pin, as board names it, alone or after neopixel:, or a name in /sys/class/leds",
    "hardware_watchdog": "the node of the computer's own watchdog, such as /dev/watchdog0",
    "reset_button": "a pin, as board names it, with a button to ground",
    "sd_card": "the path of a card: its node, an image, or the folder where it is mounted",
    "suspend": f"how the computer sleeps in deep sleep: one of {', '.join(MODES)}",
    "restart": "how often within ten minutes a crashed program is started again",
}
_PIN_KEYS = {"safe": "what the pin is while no program uses it"}
_PINS_HELP = 'It looks like this: [pins.D17], and below it: safe = "low".'
_WEB_KEYS = {
    "listen": "where the web workflow listens, as HOST:PORT",
    "hosts": "a list of more names by which this board is asked for",
    "origins": "a list of more origins whose pages may use this board",
    "certificate": "the path of a TLS certificate",
    "key": "the path of the certificate's key",
    "online_editor": "true to have /code/ load the editor of code.circuitpython.org",
    "shared_name": "true to answer for circuitpython.local too",
}
_TABLES = ("supervisor", "pins", "web")
_TABLES_HELP = "[supervisor], [web] and, by pin, [pins.D17]"
_SHARE = 0.75
"""The part of the machine's memory that a program may fill if nothing else is said."""


class WebTable(NamedTuple):
    """What ``[web]`` says; see `_WEB_KEYS`."""

    listen: str = ""
    hosts: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    certificate: str = ""
    key: str = ""
    online_editor: bool = False
    shared_name: bool = False


class Configuration(NamedTuple):
    """What ``cpcompat.toml`` says.

    Attributes:
        memory_limit: The most bytes of data that a program may have.
        restarts: How often within ten minutes a program that crashed is started again before the
            board goes into safe mode.
        status_led: The status light: a name under ``/sys/class/leds``, a pin's, or empty.
        sd_card: The host's path of the card that programs find at ``/sd``, or empty.
        suspend: How the computer sleeps while the board is in deep sleep, one of
            `cpcompat.supervisor.process.suspend.MODES`, or empty: it stays awake.
        hardware_watchdog: The node of the computer's watchdog, or empty.
        reset_button: The name of the pin that is the reset button during the safe-mode window, or empty.
        pins: What pins are while no program uses them, a key of `STATES`, by the names in the file.
        web: How the web workflow is to be.
    """

    memory_limit: int
    restarts: int
    status_led: str
    reset_button: str
    sd_card: str
    suspend: str
    hardware_watchdog: str
    pins: dict[str, str]
    web: WebTable = WebTable()


def read(drive: Path) -> Configuration:
    """Return what the drive's ``cpcompat.toml`` says, or what holds without one.

    Args:
        drive: The drive. Its file may say ``[supervisor]`` with the keys of `_KEYS`, ``[web]``
            with those of `_WEB_KEYS`, and by pin ``[pins.NAME]`` with ``safe``.

    Raises:
        DriveError: The file cannot be read, or says what nobody understands.
    """
    whole = _tables(drive / NAME)
    table = _known_keys(whole.get("supervisor", {}), "supervisor", _KEYS)
    memory_mb = _whole(table, "memory_limit_mb", 1)
    memory = int(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") * _SHARE)
    return Configuration(
        memory_limit=memory if memory_mb is None else memory_mb << 20,
        restarts=_whole(table, "restart", 0) or 0,
        status_led=_text(table, "status_led"),
        reset_button=_text(table, "reset_button"),
        sd_card=_text(table, "sd_card"),
        suspend=_suspend(table),
        hardware_watchdog=_text(table, "hardware_watchdog"),
        pins=_safe_states(whole.get("pins", {})),
        web=_web(whole.get("web", {})),
    )


def on_board(pins: dict[str, str], board: BoardDefinition) -> dict[str, str]:
    """Return the declared states by the chip's names of the pins.

    Args:
        pins: The states by the names in the file: the board's or the chip's.
        board: The board.

    Raises:
        DriveError: The board has no such pin, or one pin is named twice.
    """
    found: dict[str, str] = {}
    for name, state in pins.items():
        pin = line(name, f"[pins.{name}]", board)
        if pin.name in found:
            raise DriveError(f"{NAME}: [pins.{name}]: {pin.name} is named twice", _PINS_HELP)
        found[pin.name] = state
    return found


def line(name: str, where: str, board: BoardDefinition) -> Pin:
    """Return the pin of a name.

    Args:
        name: The board's name, or the chip's.
        where: What in the file names it.
        board: The board.

    Raises:
        DriveError: The board has no such pin.
    """
    pin = board.names.get(name) or board.pins.get(name)
    if pin is None or pin.id < 0:
        raise DriveError(
            f"{NAME}: {where}: the board {board.id!r} has no such line",
            f"«cpcompat boards {board.id}» lists its pins.",
        )
    return pin


def _web(table: Any) -> WebTable:
    """Return ``[web]``, each value of its type."""
    if not isinstance(table, dict):
        raise DriveError(f"{NAME}: web = {table!r} is no table", "It looks like this: [web]")
    _known_keys(table, "web", _WEB_KEYS)
    found = dict(table)
    for key, given in table.items():
        usual = WebTable._field_defaults[key]
        if isinstance(usual, tuple) and isinstance(given, list):
            found[key] = tuple(given)
        value = found[key]
        strings = not isinstance(value, tuple) or all(isinstance(one, str) for one in value)
        if type(value) is not type(usual) or not strings:
            raise DriveError(f"{NAME}: {key} = {given!r} cannot be", f"It is {_WEB_KEYS[key]}.")
    return WebTable(**found)


def _safe_states(pins: Any) -> dict[str, str]:
    if not isinstance(pins, dict) or not all(isinstance(table, dict) for table in pins.values()):
        raise DriveError(f"{NAME}: pins = {pins!r} is no table of pins", _PINS_HELP)
    found = {}
    for name, table in pins.items():
        _known_keys(table, f"pins.{name}", _PIN_KEYS)
        state = table.get("safe")
        if not isinstance(state, str) or state not in STATES:
            legal = ", ".join(map(repr, STATES))
            raise DriveError(
                f"{NAME}: [pins.{name}] safe = {state!r} is not a state of a pin", f"It is {legal}."
            )
        found[name] = state
    return found


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


def _suspend(table: dict[str, object]) -> str:
    mode = _text(table, "suspend")
    if mode and mode not in MODES:
        raise DriveError(
            f"{NAME}: suspend = {mode!r} is not a way to sleep", f"It is {_KEYS['suspend']}."
        )
    return mode


def _tables(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DriveError(f"{NAME} cannot be used: {error}", f"See {path}.") from error
    for key in tables:
        if key not in _TABLES:
            raise DriveError(f"{NAME}: no table {key!r}", f"It may have {_TABLES_HELP}.")
    return tables


def _known_keys(table: dict[str, Any], name: str, known: dict[str, str]) -> dict[str, Any]:
    for key in table:
        if key not in known:
            raise DriveError(f"{NAME}: [{name}] has no {key!r}", f"It may have {', '.join(known)}.")
    return table
