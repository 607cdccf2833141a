"""Where somebody sits at a REPL, person or program: bytes both ways, and whether Ctrl-C is a key."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from cpcompat.vm.drive_world import Ending

if TYPE_CHECKING:
    from collections.abc import Callable


class Seat:
    """A place at a REPL.

    Args:
        read: Waits for one byte; an empty one says that the terminal has gone.
        write: Puts bytes on the terminal.
        armed: Is told when Ctrl-C is to interrupt (True: a command runs) and when it is a key.
    """

    def __init__(
        self,
        read: Callable[[], bytes],
        write: Callable[[bytes], object],
        armed: Callable[[bool], object] = lambda on: None,
    ) -> None:
        self.read = read
        self.write = write
        self._armed = armed

    def run(self, command: Callable[[], Ending]) -> Ending:
        """Run a command that Ctrl-C interrupts, and have its output sent."""
        try:
            try:
                self._armed(True)
                ending = command()
                _flush()
            finally:
                self._armed(False)
        except KeyboardInterrupt as error:
            # It came between the command's last instruction and the end of this.
            self._armed(False)
            ending = Ending("interrupt", error)
        return ending


def _flush() -> None:
    try:
        sys.stdout.flush()
    except (AttributeError, OSError, ValueError):
        return  # the command closed it, or put something else in its place
