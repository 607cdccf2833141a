"""What the page is promised by its server, as the page's README tells it; a fake keeps it, too.

`check_facts` and `check_message` take what a server said and fail where it is not as promised: a key
that is missing, one that nobody promised, or a value of another kind.
"""

from __future__ import annotations

from base64 import b64decode
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_TEXT, _BOOL, _NUMBER = (str,), (bool,), (int, float)
_OR_NULL = (type(None),)

CELL = {"label": _TEXT, "names": (list,), "pin": _TEXT + _OR_NULL, "kind": _TEXT}
FACTS = {"id": _TEXT, "name": _TEXT, "rows": (list,), "led": _TEXT + _OR_NULL}
STATE = {"running": _TEXT, "safe_mode": _TEXT + _OR_NULL, "status": _TEXT}
PIN = {
    "function": _TEXT + _OR_NULL,
    "direction": _TEXT + _OR_NULL,
    "level": (int, *_OR_NULL),
    "pull": _TEXT + _OR_NULL,
    "holder": _TEXT + _OR_NULL,
}
EVENT = {
    "t_ns": (int,),
    "bus": _TEXT,
    "address": (int, str, *_OR_NULL),
    "part": _TEXT + _OR_NULL,
    "ok": _BOOL,
    "write": _TEXT + _OR_NULL,
    "read": _TEXT + _OR_NULL,
}
SIZES = {"write_size": (int,), "read_size": (int,)}
KNOB = {
    "name": _TEXT,
    "type": _TEXT,
    "value": (int, float, bool, str),
    "unit": _TEXT + _OR_NULL,
    "min": _NUMBER + _OR_NULL,
    "max": _NUMBER + _OR_NULL,
    "step": _NUMBER + _OR_NULL,
    "choices": (list, *_OR_NULL),
    "about": _TEXT + _OR_NULL,
}
DISPLAY = {"width": (int,), "height": (int,), "format": _TEXT, "data": _TEXT}
HEAD = {"name": _TEXT, "kind": _TEXT, "bus": _TEXT + _OR_NULL, "about": _TEXT + _OR_NULL}
NEWS = {"knobs": (list,), "display": (dict, *_OR_NULL)}
COMMANDS = ("run", "stop", "reload", "reset", "safe-mode", "identify")


def check_facts(facts: dict[str, Any]) -> None:
    """Check ``board.json``."""
    _check(facts, FACTS)
    assert len([row for row in facts["rows"] if len(row) == 2]) >= 2, "a header"
    for row in facts["rows"]:
        for cell in row:
            _check(cell, CELL)
            assert cell["kind"] in ("gpio", "power", "ground")
            assert (cell["kind"] == "gpio") == (cell["pin"] is not None)


def check_message(message: dict[str, Any]) -> str:
    """Check a message of the live view; return its type."""
    said = dict(message)
    kind = said.pop("type")
    if kind == "state":
        _check(said, STATE)
    elif kind == "pins":
        _check(said, {"pins": (dict,)})
        for pin in said["pins"].values():
            _check_pin(pin)
    elif kind == "bus":
        _check(said, {"events": (list,), "dropped": (int,)})
        for event in said["events"]:
            _check(event, EVENT, SIZES)
            bytes.fromhex((event["write"] or "") + (event["read"] or ""))
    elif kind == "parts":
        _check(said, {"parts": (list,)})
        for part in said["parts"]:
            _check(part, HEAD | NEWS)
            _check_part(part)
    elif kind == "part":
        _check(said, {"name": _TEXT}, HEAD | NEWS)
        _check_part(said)
    else:
        assert kind == "error", kind
        _check(said, {"text": _TEXT})
    return str(kind)


def _check_pin(pin: dict[str, Any]) -> None:
    _check(pin, PIN)
    assert pin["level"] in (0, 1, None)
    assert pin["direction"] in ("input", "output", None)
    assert pin["pull"] in ("up", "down", None)


def _check_part(part: dict[str, Any]) -> None:
    for knob in part.get("knobs", []):
        _check(knob, KNOB)
        assert knob["type"] in ("number", "integer", "bool", "button", "choice", "text")
    display = part.get("display")
    if display is not None:
        _check(display, DISPLAY)
        depth = {"grey": 1, "rgb": 3}[display["format"]]
        assert len(b64decode(display["data"])) == display["width"] * display["height"] * depth


def _check(
    said: dict[str, Any],
    promised: Mapping[str, tuple[type, ...]],
    optional: Mapping[str, tuple[type, ...]] | None = None,
) -> None:
    every = {**promised, **(optional or {})}
    assert set(promised) <= set(said) <= set(every), sorted(set(said) ^ set(promised))
    for key, value in said.items():
        assert type(value) in every[key], f"{key} is {value!r}"
