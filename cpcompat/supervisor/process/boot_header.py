"""The header of a boot, and ``boot_out.txt``, which keeps it and what boot.py printed."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from cpcompat.durable import write_durably
from cpcompat.storage.drive.names import BOOT_OUT_NAME
from cpcompat.supervisor.process import wording
from cpcompat.supervisor.process.boot_out import BootOut

if TYPE_CHECKING:
    from pathlib import Path

    from cpcompat.supervisor.process.console import Console
    from cpcompat.supervisor.process.options import Options

_log = logging.getLogger(__name__)


class BootHeader:
    """Says the header, and keeps what the console shows from then on.

    Args:
        console: Where it is said.
        options: The board and the drive.
    """

    def __init__(self, console: Console, options: Options) -> None:
        self._console = console
        self._options = options
        self._capture: BootOut | None = None

    def say(self, uid: bytes) -> None:
        """Say the header.

        Args:
            uid: The board's unique number.
        """
        board = self._options.board
        self._capture = self._console.capture = BootOut()
        self._console.say(wording.header(board.name, board.chip, board.id, uid))

    async def keep(self) -> None:
        """Write ``boot_out.txt``, unless it says that already; the disk is waited for elsewhere."""
        capture, self._console.capture = self._capture, None
        if capture is None:
            return
        self._capture = None
        await asyncio.to_thread(_keep, self._options.drive / BOOT_OUT_NAME, capture.text())


def _keep(path: Path, text: bytes) -> None:
    try:
        if not path.is_file() or path.read_bytes() != text:
            write_durably(path, text)
    except OSError as error:
        _log.warning("%s cannot be written: %s", path.name, error)
