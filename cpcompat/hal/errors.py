"""The one error that a backend raises, and the faults it can name."""

from __future__ import annotations

from cpcompat.hal.symbols import Symbol

TYPE_CHECKING = False  # not typing's: that import costs more than all of this package
if TYPE_CHECKING:
    from typing import ClassVar


class Fault(Symbol):
    """What a backend can find wrong, whatever the hardware behind it."""

    __slots__ = ()

    NO_ACK: ClassVar[Fault]
    """Nobody answered at that address, or a byte was refused."""
    TIMEOUT: ClassVar[Fault]
    """The bus or the part did not come to an end in time."""
    ARBITRATION_LOST: ClassVar[Fault]
    """Another master took the bus."""
    BUSY: ClassVar[Fault]
    """Somebody else holds the line or the bus."""
    ABSENT: ClassVar[Fault]
    """The line, bus or channel does not exist on this board."""
    DENIED: ClassVar[Fault]
    """It exists, and this process may not use it."""
    UNSUPPORTED: ClassVar[Fault]
    """The hardware or its driver cannot do what was asked."""
    WRONG_DIRECTION: ClassVar[Fault]
    """A line that is an input was to be driven."""
    BROKEN: ClassVar[Fault]
    """The transfer failed in a way that says no more."""
    GONE: ClassVar[Fault]
    """The backend itself has ended (its process or its device)."""


Fault.define(
    NO_ACK="no acknowledge",
    TIMEOUT="timed out",
    ARBITRATION_LOST="arbitration lost",
    BUSY="in use",
    ABSENT="not there",
    DENIED="not permitted",
    UNSUPPORTED="not supported",
    WRONG_DIRECTION="wrong direction",
    BROKEN="input/output error",
    GONE="gone",
)


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
