"""The I2C port."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from cpcompat.hal.buffers import ReadableBuffer, WriteableBuffer


class I2cBus(Protocol):
    """One I2C bus as its controller, opened by `Backend.i2c`.

    Synchronization: one transfer at a time; the caller sees to it.
    """

    def transfer(
        self, address: int, write: ReadableBuffer | None, read: WriteableBuffer | None
    ) -> None:
        """Make one transaction: start, what is to be written, what is to be read, stop.

        On the wire with both: START, address+W, bytes, repeated START, address+R, bytes, STOP.
        With ``write`` empty and no ``read``, the address alone goes out: a probe.

        Args:
            address: 7 bits, 0x00 to 0x7F.
            write: Bytes to send, or None.
            read: Buffer to fill, or None.

        Raises:
            HalError: NO_ACK when nobody answers or a byte is refused; TIMEOUT, ARBITRATION_LOST,
                BROKEN, GONE.
        """
        ...

    def close(self) -> None:
        """Let the bus go. Closing again does nothing."""
        ...
