"""The port for where the drive's medium goes: the kernel's gadget has it, and tests have their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pathlib import Path


class DriveSlot(Protocol):
    """Where the medium goes.

    Synchronization: looking is quick and may be done in an event loop; what changes something may wait for
    the host, and is called from one thread.
    """

    @property
    def connected(self) -> bool:
        """Whether a host has taken the device up."""
        ...

    @property
    def told_by(self) -> Path | None:
        """The file that changes (inotify(7), IN_MODIFY) when a host comes or goes; None for none."""
        ...

    @property
    def medium(self) -> str:
        """The path of the medium that is in, empty for none."""
        ...

    def put_in(self, medium: Path, *, writable: bool) -> None:
        """Put a medium in the empty slot."""
        ...

    def ask_back(self) -> bool:
        """Take the medium out, unless the host has mounted it; return whether it is out."""
        ...

    def force_out(self) -> None:
        """Take the medium out whatever the host does."""
        ...
