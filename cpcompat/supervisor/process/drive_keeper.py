"""What the supervisor does to the drive for a program: it erases it, keeps its label, and tells others.

The disk is waited for in a thread of its own, in order, so that a slow one holds nothing up.
"""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from cpcompat.durable import write_durably
from cpcompat.storage.drive import fresh
from cpcompat.storage.drive.place import state_folder
from cpcompat.supervisor.process import wording

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from cpcompat.supervisor.process.loop import Supervisor

_log = logging.getLogger(__name__)
_LONGEST = 11


class DriveKeeper:
    """Sees to the drive as a whole.

    Args:
        supervisor: Whose drive it is.

    Attributes:
        erase_wanted: The next boot begins with a fresh drive.
        changed: Called after each change of the drive, whoever made it.
        asked: Called after a program has said who is to have the drive.
        taking_back: Waited for before each boot but the first: nobody else has the drive then.
    """

    def __init__(self, supervisor: Supervisor) -> None:
        self._up = supervisor
        self.erase_wanted = False
        self.changed: list[Callable[[], None]] = []
        self.asked: list[Callable[[], None]] = []
        self.taking_back: list[Callable[[], Awaitable[None]]] = []
        self._disk = ThreadPoolExecutor(1, "drive")
        self._label = state_folder(supervisor.options.drive) / "label"
        try:
            supervisor.facts.set("drive_label", self._label.read_text("ascii")[:_LONGEST])
        except (OSError, ValueError):
            return  # nobody has given it one

    def keep_label(self, label: str) -> None:
        """Keep what a program calls the drive from now on, over power cuts too."""
        self._disk.submit(self._write_label, label)

    def _write_label(self, label: str) -> None:
        try:
            self._label.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_durably(self._label, label.encode("ascii", "replace"))
        except OSError as error:
            _log.warning("the drive's label cannot be kept: %s", error)

    async def before_boot(self) -> None:
        """Have the drive back, and make it a fresh one if a program wanted that."""
        for take_back in self.taking_back:
            await take_back()
        if self.erase_wanted:
            self.erase_wanted = False
            await self.erase()

    async def erase(self) -> None:
        """Make the drive one of a fresh board; nobody is told, since a boot follows anyway."""
        try:
            await asyncio.wrap_future(self._disk.submit(self._erase))
        except OSError as error:
            self._up.console.say(wording.not_erased(str(error)))
        self._up.facts.set("drive_label", "CIRCUITPY")
        while self._up.watch.read():
            pass

    def _erase(self) -> None:
        self._label.unlink(missing_ok=True)
        fresh.erase(self._up.options.drive)
