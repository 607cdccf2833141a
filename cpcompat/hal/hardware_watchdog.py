"""The computer's own watchdog: it resets the whole computer when nobody feeds it."""

from __future__ import annotations

from typing import Protocol


class HardwareWatchdog(Protocol):
    """A watchdog that counts from its opening on.

    Attributes:
        timeout_s: How long it waits for `feed`, in seconds.
        has_bitten: It was what reset the computer last.

    Synchronization: one user.
    """

    timeout_s: int
    has_bitten: bool

    def feed(self) -> None:
        """Give it all its time again.

        Raises:
            HalError: It cannot be fed.
        """
        ...

    def left_s(self) -> int | None:
        """Return how long it is until it bites, in whole seconds; None where it does not tell."""
        ...

    def close(self) -> None:
        """Stop it, where it can be stopped, and let it go. Closing again does nothing."""
        ...
