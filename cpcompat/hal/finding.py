"""What `cpcompat doctor` says of one thing: how it is, and what cures it."""

from __future__ import annotations

from typing import Literal, NamedTuple

Level = Literal["ok", "off", "note", "broken"]
"""``ok``: it works. ``off``: it is switched off, which is well unless a program needs it. ``note``:
worth knowing. ``broken``: it ought to work and does not."""


class Finding(NamedTuple):
    """One line of the report.

    Attributes:
        level: How it is.
        topic: What it is about, in a word or two: ``"I2C 1"``.
        said: What was found, in one clause without a full stop.
        cure: What to do about it, in order: commands as they are typed, and whole sentences, which
            end in a full stop.
    """

    level: Level
    topic: str
    said: str
    cure: tuple[str, ...] = ()
