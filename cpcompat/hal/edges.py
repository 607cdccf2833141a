"""The edge port: changes of one line, stamped when they happened."""

from __future__ import annotations

from typing import NamedTuple, Protocol


class Edge(NamedTuple):
    """One change of level.

    Attributes:
        time_ns: When, on the backend's clock.
        rising: True for low to high.
        sequence: The edge's number on this line, from 1; a gap tells of lost edges.
    """

    time_ns: int
    rising: bool
    sequence: int


class EdgeSource(Protocol):
    """The edges of one line, opened by `Backend.edges`; the line is an input meanwhile.

    Synchronization: one reader.
    """

    def read(self, limit: int) -> list[Edge]:
        """Return up to ``limit`` edges that have come, oldest first; an empty list at once if none has.

        When more come than are kept, the oldest are dropped: the newest always has the true number.
        """
        ...

    def hold(self, most: int) -> None:
        """Keep up to ``most`` unread edges from now on, however rarely `read` is called.

        Args:
            most: How many; of more, the oldest are dropped.
        """
        ...

    def level(self) -> bool:
        """Return the level now on the line."""
        ...

    def drive(self, level: bool) -> None:
        """Drive the line until `watch`. That makes no edge, and unread edges are dropped."""
        ...

    def watch(self) -> None:
        """Watch the line again, which is an input anew."""
        ...

    def close(self) -> None:
        """Stop watching and let the line go. Closing again does nothing."""
        ...
