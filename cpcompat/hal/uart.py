"""The UART port."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from cpcompat.hal.buffers import ReadableBuffer

Parity = Literal["none", "even", "odd"]


class UartPort(Protocol):
    """One serial port, opened by `Backend.uart`.

    Synchronization: one reader and one writer.
    """

    def configure(self, baudrate: int, bits: int, parity: Parity, stop: int) -> None:
        """Set the frame of what is sent and received from now on.

        Args:
            baudrate: Bits a second.
            bits: Data bits, 5 to 9.
            parity: The parity bit.
            stop: Stop bits, 1 or 2.

        Raises:
            HalError: UNSUPPORTED for a frame the port cannot make.
        """
        ...

    def write(self, data: ReadableBuffer) -> int:
        """Send all of it; return how many bytes that was."""
        ...

    def read(self, limit: int, timeout_ns: int) -> bytes:
        """Return what has come, up to ``limit`` bytes, waiting for the first one.

        Args:
            limit: At most so many bytes, from 1.
            timeout_ns: How long to wait, on the backend's clock, while there is none; 0 does not wait.

        Returns:
            At least one byte, or ``b""`` when the time ran out.
        """
        ...

    def waiting(self) -> int:
        """Return how many bytes have come and were not read."""
        ...

    def discard(self) -> None:
        """Drop what has come and was not read."""
        ...

    def close(self) -> None:
        """Let the port go. Closing again does nothing."""
        ...
