"""The lock of a bus that other processes can use, too."""

from __future__ import annotations

from typing import Protocol


class SharedBus(Protocol):
    """What an I2C or SPI bus of a backend has besides its port, where processes share the bus.

    Synchronization: whoever has the bus's lock in this process.
    """

    def lock(self) -> bool:
        """Take the bus if no other process has it; return at once whether it was taken."""
        ...

    def unlock(self) -> None:
        """Give it back. A process that ends, by SIGKILL too, has given it back."""
        ...
