"""The port: who answers for a board on the network, and hears of the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from cpcompat.workflows.mdns.announcement import Announcement
    from cpcompat.workflows.mdns.neighbours import Neighbourhood


class Responder(Protocol):
    """Announces one board, and watches for others."""

    async def run(self, board: Announcement, around: Neighbourhood) -> None:
        """Announce a board and watch for others until cancelled; then withdraw.

        A name that another board has is followed by the next one, ``Name #2``. In ``around`` are,
        at any time, the others that are there and whether this board's name is announced; when
        this returns or raises, nothing.

        Args:
            board: What to announce.
            around: Where to note what is known.

        Raises:
            OSError: The way to the network is closed.
            CpcompatError: The network does not let this board be announced; the note says why.
        """
