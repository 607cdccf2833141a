"""Looks at the registers of the board's lines, which changes nothing: the memory is mapped to be read."""

from __future__ import annotations

import logging
import mmap
import os
from pathlib import Path
from typing import TYPE_CHECKING

from cpcompat.backends.linux import pad_registers as registers

if TYPE_CHECKING:
    from cpcompat.backends.linux.pad_registers import Pad
    from cpcompat.board.definition import BoardDefinition

_log = logging.getLogger(__name__)
_TREE = Path("/proc/device-tree")
_MEMORY = "/dev/mem"
_READ_ONLY = os.O_RDONLY | os.O_SYNC | os.O_CLOEXEC
"""Without O_SYNC the memory of ``/dev/mem`` may be cached."""


class Pads:
    """The registers of one board's GPIO controller.

    Args:
        board: The board, whose file says which controller it has (``registers``).
    """

    def __init__(self, board: BoardDefinition) -> None:
        self._layout = str(board.for_backend.get("registers", ""))
        self._words: memoryview | None = None
        if self._layout in registers.NODES:
            self._words = _mapped(self._layout)

    def of(self, line: int) -> Pad | None:
        """Return how a line is, or None where that cannot be looked at."""
        words = self._words
        if words is None:
            return None
        # One access of 32 bits each: the bus of such registers has no other.
        return registers.pad(self._layout, line, lambda at: int(words[at // 4]))


def _mapped(layout: str) -> memoryview | None:
    size = registers.SIZES[layout]
    try:
        return _mapping(registers.NODES[layout], 0, size)
    except (OSError, ValueError) as error:
        said = error
    where = None if layout == registers.RP1 else _physical()
    if where is not None:
        try:
            return _mapping(_MEMORY, where, size)
        except (OSError, ValueError) as error:
            said = error
    _log.info("levels of lines that nobody holds are not known: %s", said)
    return None


def _mapping(path: str, offset: int, size: int) -> memoryview:
    descriptor = os.open(path, _READ_ONLY)
    try:
        shared = mmap.mmap(descriptor, size, mmap.MAP_SHARED, mmap.PROT_READ, offset=offset)
    finally:
        os.close(descriptor)
    return memoryview(shared).cast("I")


def _physical() -> int | None:
    """Return where the registers are, as the device tree says, or None."""
    try:
        cells = int.from_bytes((_TREE / "#address-cells").read_bytes(), "big")
        ranges = (_TREE / "soc" / "ranges").read_bytes()
    except OSError:
        return None
    return registers.physical(ranges, cells, registers.BUS_ADDRESS) if cells in (1, 2) else None
