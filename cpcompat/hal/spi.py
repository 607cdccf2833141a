"""The SPI port."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from cpcompat.hal.buffers import ReadableBuffer, WriteableBuffer


class SpiBus(Protocol):
    """One SPI bus as its controller, opened by `Backend.spi`. Chip selects are GPIO lines.

    Synchronization: one transfer at a time; the caller sees to it.
    """

    def configure(self, baudrate_hz: int, mode: int, bits: int) -> int:
        """Set clock, mode and word length for the transfers to come.

        Args:
            baudrate_hz: The clock wanted; the bus takes the nearest it can make that is not faster.
            mode: 0 to 3: polarity * 2 + phase.
            bits: Word length, 8.

        Returns:
            The clock that the bus really makes, in hertz.

        Raises:
            HalError: UNSUPPORTED for what the controller cannot do.
        """
        ...

    def transfer(
        self, write: ReadableBuffer | None, read: WriteableBuffer | None, fill: int
    ) -> None:
        """Clock bytes out and in at the same time.

        Args:
            write: Bytes to send, as many as ``read`` where both are given; None sends ``fill``.
            read: Buffer to fill; None drops what comes in.
            fill: The byte, 0 to 255, sent while only reading.

        Raises:
            HalError: BROKEN, GONE.
        """
        ...

    def close(self) -> None:
        """Let the bus go. Closing again does nothing."""
        ...


class QuickSpiBus(SpiBus, Protocol):
    """A bus that can be written to without a frame of Python in between. A backend need not have it.

    Attributes:
        quick_write: A function in C that clocks all bytes out and drops what comes in, or raises
            OSError. What it returns is not looked at.
    """

    quick_write: Callable[[ReadableBuffer], object]

    def not_written(self, data: ReadableBuffer, error: OSError | None) -> None:
        """Make good what ``quick_write`` has not done.

        Args:
            data: What was to be sent.
            error: What it raised, or None when it took less.

        Raises:
            HalError: It cannot be made good.
        """
        ...
