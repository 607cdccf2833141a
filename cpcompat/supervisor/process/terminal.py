"""Terminals: making one raw, and putting it back however the supervisor ends."""

from __future__ import annotations

import os
import termios
from typing import Any

RAW_INPUT_OFF = (
    termios.BRKINT
    | termios.ICRNL
    | termios.INLCR
    | termios.IGNCR
    | termios.INPCK
    | termios.ISTRIP
    | termios.IXON
    | termios.IXOFF
)
RAW_LOCAL_OFF = termios.ECHO | termios.ECHONL | termios.ICANON | termios.IEXTEN | termios.ISIG


def make_raw(descriptor: int) -> list[Any]:
    """Let every byte pass a terminal as it is, both ways.

    Args:
        descriptor: The terminal.

    Returns:
        The attributes that it had, for `put_back`.
    """
    before = termios.tcgetattr(descriptor)
    raw = termios.tcgetattr(descriptor)
    raw[0] &= ~RAW_INPUT_OFF
    raw[1] &= ~termios.OPOST
    raw[2] = (raw[2] & ~(termios.CSIZE | termios.PARENB)) | termios.CS8
    raw[3] &= ~RAW_LOCAL_OFF
    raw[6][termios.VMIN], raw[6][termios.VTIME] = 1, 0
    termios.tcsetattr(descriptor, termios.TCSANOW, raw)
    return before


def put_back(descriptor: int, attributes: list[Any]) -> None:
    """Give a terminal the attributes that it had; one that has gone is no error."""
    try:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, attributes)
    except termios.error:
        return


def to_json(attributes: list[Any]) -> list[Any]:
    """Return terminal attributes in a form that a message can hold."""
    codes = [c if isinstance(c, int) else c.decode("latin-1") for c in attributes[6]]
    return [*attributes[:6], codes]


def from_json(row: list[Any]) -> list[Any]:
    """Return the attributes that `to_json` was given."""
    codes = [c if isinstance(c, int) else c.encode("latin-1") for c in row[6]]
    return [*row[:6], codes]


def is_ours(descriptor: int) -> bool:
    """Tell whether a descriptor is a terminal whose foreground this process is in."""
    if not os.isatty(descriptor):
        return False
    try:
        return os.tcgetpgrp(descriptor) == os.getpgrp()
    except OSError:
        # A terminal that is nobody's controlling terminal has no foreground to be outside of.
        return True
