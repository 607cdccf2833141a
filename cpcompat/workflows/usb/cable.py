"""Whether a host is at the other end of the cable: the kernel tells when one comes or goes."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from cpcompat.supervisor.process import inotify

if TYPE_CHECKING:
    from collections.abc import Callable

    from cpcompat.workflows.usb.slot import DriveSlot

_log = logging.getLogger(__name__)


class Cable:
    """Notes hosts that come and go.

    Args:
        slot: Knows whether a host is there, and which file tells.
        moved: Called when one has come or gone.

    Attributes:
        connected: A host was there when this was last looked at.
        plugged_anew: One has come since this was last set to False.
        tells: The kernel tells; else somebody has to look by and by.
    """

    def __init__(self, slot: DriveSlot, moved: Callable[[], None]) -> None:
        self._slot = slot
        self._moved = moved
        self.connected = self.plugged_anew = False
        self._seen = inotify.Inotify()
        asyncio.get_running_loop().add_reader(self._seen.fileno(), self._take)
        self.tells = self._watch()

    def _watch(self) -> bool:
        path = self._slot.told_by
        if path is None:
            return False
        try:
            self._seen.watch(bytes(path), inotify.IN_MODIFY)
        except OSError as error:
            _log.info("the USB controller is asked once a second: %s", error)
            return False
        return True

    def _take(self) -> None:
        if any(event.mask & inotify.IN_IGNORED for event in self._seen.read()):
            self.tells = False  # the controller has gone
        # At once: one that goes and comes again is seen to be away for an instant only.
        self.look()
        self._moved()

    def look(self) -> None:
        """See whether a host is there now."""
        connected = self._slot.connected
        if connected and not self.connected:
            self.plugged_anew = True
        self.connected = connected

    def close(self) -> None:
        """Watch no more."""
        asyncio.get_running_loop().remove_reader(self._seen.fileno())
        self._seen.close()
