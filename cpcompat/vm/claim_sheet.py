"""A program's side of the sheet that tells who holds which pin."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from cpcompat.hal.claim_sheet import SLOT, slot

if TYPE_CHECKING:
    from cpcompat.board.definition import BoardDefinition
    from cpcompat.hal.claims import Claim
    from cpcompat.hal.pin import Pin

_FRESH = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC


class ClaimSheet:
    """Notes claims; see `cpcompat.hal.claim_sheet`.

    A process that the program forks has no board, and notes nothing.

    Args:
        path: The file; what an earlier program noted in it is gone from now on.
        board: The board, which gives the pins their places.
    """

    def __init__(self, path: str, board: BoardDefinition) -> None:
        self._places = {name: index * SLOT for index, name in enumerate(board.pins)}
        self._process = os.getpid()
        try:
            self._file = os.open(path, _FRESH, 0o600)
        except OSError:
            self._file = -1  # nobody sees the holders; the program runs nevertheless

    def note(self, pin: Pin, claim: Claim | None) -> None:
        """Note who holds a pin now, or None for nobody."""
        place = self._places.get(pin.name)
        if place is None or self._file < 0 or os.getpid() != self._process:
            return
        try:
            os.pwrite(self._file, slot(claim), place)
        except OSError:
            self._file = -1  # closed by the program itself, or no memory is left for the file
