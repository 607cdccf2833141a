"""The one error that a backend raises, and the faults it can name."""

from __future__ import annotations

import enum


class Fault(enum.Enum):
    """What a backend can find wrong, whatever the hardware behind it."""

    NO_ACK = "no acknowledge"
    """Nobody answered at that address, or a byte was refused."""
    TIMEOUT = "timed out"
    """The bus or the part did not come to an end in time."""
    ARBITRATION_LOST = "arbitration lost"
    """Another master took the bus."""
    BUSY = "in use"
    """Somebody else holds the line or the bus."""
    ABSENT = "not there"
    """The line, bus or channel does not exist on this board."""
    DENIED = "not permitted"
    """It exists, and this process may not use it."""
    UNSUPPORTED = "not supported"
    """The hardware or its driver cannot do what was asked."""
    WRONG_DIRECTION = "wrong direction"
    """A line that is an input was to be driven."""
    BROKEN = "input/output error"
    """The transfer failed in a way that says no more."""
    GONE = "gone"
    """The backend itself has ended (its process or its device)."""


class HalError(Exception):
    """A fault of the hardware or of the way to it.

    Args:
        fault: What is wrong.
        where: Which piece of hardware, as a user would name it: ``"i2c1 address 0x76"``.
        cure: How to get out of it, in whole sentences, where the backend knows.
    """

    def __init__(self, fault: Fault, where: str, cure: str | None = None) -> None:
        super().__init__(f"{where}: {fault.value}")
        self.fault = fault
        self.where = where
        self.cure = cure
