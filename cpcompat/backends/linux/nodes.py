"""How lines are requested and nodes are opened: by this process itself, or by the supervisor's broker."""

from __future__ import annotations

import os
from fcntl import ioctl

from cpcompat.backends.linux import chips
from cpcompat.backends.linux import gpio_uapi as uapi

TYPE_CHECKING = False  # not typing's: that import costs more than this package
if TYPE_CHECKING:
    from typing import Protocol

    from cpcompat.backends.linux.chips import Chip
    from cpcompat.board.definition import BoardDefinition
else:
    Protocol = object


class Nodes(Protocol):
    """The way to the kernel's nodes.

    Synchronization: any thread.
    """

    def open(self, path: str, flags: int) -> int:
        """Open a node, or a file below ``/sys``, of the board's hardware.

        Args:
            path: Where it is; not a link.
            flags: As for `os.open`; the descriptor is closed on exec in any case.

        Returns:
            A descriptor with a file description of its own; the caller closes it.

        Raises:
            OSError: It cannot be opened. Through a broker also EACCES, for what the board's file
                does not name.
        """
        ...

    def lines(self, request: bytearray) -> int:
        """Request GPIO lines of the board's chip.

        Args:
            request: What `gpio_uapi.request` made.

        Returns:
            The request's descriptor, to be given back with `give_back`.

        Raises:
            OSError: The kernel refuses.
            HalError: There is no chip to ask.
        """
        ...

    def give_back(self, descriptor: int) -> None:
        """Close a request's descriptor, and whatever copy of it there is."""
        ...

    def line_info(self, offset: int) -> tuple[str, str, int]:
        """Return name, holder and flags of a line of the board's chip.

        Raises:
            OSError: There is no such line.
            HalError: There is no chip to ask.
        """
        ...

    def traffic(self) -> int | None:
        """Return a ring to note bus traffic in (`traffic_ring`), or None where nobody can look.

        Returns:
            Its descriptor; the caller closes it.
        """
        ...

    def is_owner(self) -> bool:
        """Return whether this process may let lines go: not one that was forked from the owner.

        It has copies of the descriptors, and its finalisers would free the lines of its parent.
        """
        ...

    def close(self) -> None:
        """End it. Closing again does nothing; what was opened stays open."""
        ...


class DirectNodes:
    """This process opens by itself.

    Args:
        board: The board; its chip is looked for when it is first needed.
    """

    __slots__ = ("_board", "_chip", "_owner")

    def __init__(self, board: BoardDefinition) -> None:
        self._owner = os.getpid()
        self._board = board
        self._chip: Chip | None = None

    def chip(self) -> Chip:
        """Return the board's chip, open.

        Raises:
            HalError: See `chips.find`.
        """
        if self._chip is None:
            self._chip = chips.find(self._board)
        return self._chip

    def open(self, path: str, flags: int) -> int:
        """See `Nodes.open`."""
        return os.open(path, flags | os.O_CLOEXEC)

    def lines(self, request: bytearray) -> int:
        """See `Nodes.lines`."""
        ioctl(self.chip().descriptor, uapi.GET_LINE, request)
        return uapi.requested(request)

    def give_back(self, descriptor: int) -> None:
        """See `Nodes.give_back`."""
        os.close(descriptor)

    def line_info(self, offset: int) -> tuple[str, str, int]:
        """See `Nodes.line_info`."""
        return self.chip().line(offset)

    def traffic(self) -> int | None:
        """See `Nodes.traffic`: without a supervisor there is no view of the board."""
        return None

    def is_owner(self) -> bool:
        """See `Nodes.is_owner`."""
        return os.getpid() == self._owner

    def close(self) -> None:
        """See `Nodes.close`."""
        chip, self._chip = self._chip, None
        if chip is not None:
            chip.close()
