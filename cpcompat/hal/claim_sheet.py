"""The sheet on which a program notes who holds which pin, for who looks at the board from outside.

It is a file in memory with a slot for each of the board's pins, in the board's order. A program writes
a slot when a pin is claimed or given back: that is one system call, and nobody need listen.
"""

from __future__ import annotations

TYPE_CHECKING = False  # not typing's: that import costs more than all of this package
if TYPE_CHECKING:
    from collections.abc import Iterable

    from cpcompat.hal.claims import Claim

SLOT = 160
"""Bytes of a slot; what is free is zeros."""
_LONGEST_FILE = 80


def slot(claim: Claim | None) -> bytes:
    """Return what is written for a pin: who holds it, or None for nobody."""
    if claim is None:
        return bytes(SLOT)
    file = claim.file if len(claim.file) <= _LONGEST_FILE else "…" + claim.file[-_LONGEST_FILE:]
    text = f"{claim.holder}, {file}:{claim.line}"
    return text.encode("utf-8", "replace")[:SLOT].ljust(SLOT, b"\0")


def read(data: bytes, pins: Iterable[str]) -> dict[str, str]:
    """Return the holders by pin: ``"digitalio.DigitalInOut, code.py:12"``.

    Args:
        data: The sheet; a program may have written anything into it.
        pins: The chip's names of the board's pins, in the board's order.
    """
    held = {}
    for index, pin in enumerate(pins):
        text = (
            data[index * SLOT : (index + 1) * SLOT].partition(b"\0")[0].decode("utf-8", "replace")
        )
        if text:
            held[pin] = "".join(letter for letter in text if letter.isprintable())
    return held
