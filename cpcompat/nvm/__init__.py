"""Memory that keeps its content over resets and power cuts.

The one object there is of it is `microcontroller.nvm`.

On Linux: a file of 8192 bytes beside the supervisor's other state; each assignment is written
through to the disk before it returns, and a power cut leaves the bytes before it or those after.
"""

from __future__ import annotations

from cpcompat.hal.cells import CellArray

__all__ = ["ByteArray"]


class ByteArray(CellArray):
    """Non-volatile memory as something like a bytearray; fresh memory reads 0xFF."""

    __slots__ = ()
    _called = "nvm"
