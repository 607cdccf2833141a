"""The supervisor as a program sees it: facts, and the wish to be reloaded or reset."""

from __future__ import annotations

import array
import fcntl
import os
import termios
import time
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, cast

from cpcompat.hal.feeding import FED
from cpcompat.protocol import (
    Announced,
    Armed,
    Continue,
    EraseWanted,
    Fact,
    FileEnded,
    Finish,
    Json,
    Link,
    Message,
    ResetWanted,
)
from cpcompat.vm.exceptions import ReloadException
from cpcompat.vm.file_cells import DurableCells, MemoryCells

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cpcompat.hal.cells import Cells

_FOOD = os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC


class LinkHost:
    """A `cpcompat.hal.host.Host` at the end of a link.

    What the supervisor tells meanwhile is read when a fact is asked for, so a program needs no
    thread for it.

    Args:
        link: The link to the supervisor.
        facts: The facts as the run begins.
    """

    def __init__(self, link: Link, facts: Mapping[str, object]) -> None:
        self._link = link
        self._facts = dict(facts)
        self._pid = os.getpid()
        self._finished = False
        self._continues = False
        self._cells: dict[str, Cells] = {}
        self._food = -1

    def get(self, name: str) -> object:
        """See `cpcompat.hal.host.Host.get`."""
        if name == "serial_bytes_available":
            return _bytes_available()
        self._catch_up()
        return self._facts[name]

    def set(self, name: str, value: object) -> None:
        """See `cpcompat.hal.host.Host.set`."""
        self._facts[name] = value
        self.tell(Fact(name, cast("Json", value)))

    def cells(self, name: str) -> Cells | None:
        """See `cpcompat.hal.host.Host.cells`."""
        if name not in self._cells:
            path = Path(str(self._facts[f"{name}_path"]))
            self._cells[name] = (DurableCells if name == "nvm" else MemoryCells)(path)
        return self._cells[name]

    def alarms(self) -> list[dict[str, object]]:
        """Return the alarms that the last program set before it asked for deep sleep."""
        return cast("list[dict[str, object]]", self._facts["alarms"])

    def feed(self) -> None:
        """See `cpcompat.hal.host.Host.feed`: the supervisor looks at the time when it is due."""
        if self._food < 0:
            self._food = os.open(str(self._facts["watchdog_path"]), _FOOD, 0o600)
        os.pwrite(self._food, FED.pack(time.monotonic()), 0)

    def reload(self) -> NoReturn:
        """See `cpcompat.hal.host.Host.reload`."""
        self.set("run_reason", "SUPERVISOR_RELOAD")
        raise ReloadException

    def reset(self) -> NoReturn:
        """See `cpcompat.hal.host.Host.reset`: nothing else of the program is run."""
        self.tell(ResetWanted())
        os._exit(0)

    def erase(self) -> NoReturn:
        """See `cpcompat.hal.host.Host.erase`: nothing else of the program is run."""
        self.tell(EraseWanted())
        os._exit(0)

    def announce(self, kind: str, path: str) -> None:
        """Tell of a change of the drive before it is made."""
        self.tell(Announced(kind, path))

    def arm(self, on: bool) -> None:
        """Tell whether Ctrl-C is to interrupt."""
        self.tell(Armed(on))

    def tell(self, message: Message) -> None:
        """Send a message; without a supervisor to hear it there is nobody to tell.

        A process that the program forked has a copy of the link and must not speak for it.
        """
        if os.getpid() != self._pid:
            return
        try:
            self._link.send(message)
        except OSError:
            return

    def wait_to_finish(self) -> None:
        """Wait until the supervisor has noted the end."""
        self._link.set_blocking(True)
        while not self._finished and self._receive():
            pass

    def wait_to_continue(self) -> None:
        """Tell that the file before the REPL has ended, and wait until that has been said."""
        self.tell(FileEnded())
        self._link.set_blocking(True)
        while not self._continues and self._receive():
            pass

    def _catch_up(self) -> None:
        self._link.set_blocking(False)
        try:
            while self._receive():
                pass
        except BlockingIOError:
            pass
        finally:
            self._link.set_blocking(True)

    def _receive(self) -> bool:
        arrived = self._link.receive()
        if arrived is None:
            self._finished = True
            return False
        message = arrived[0]
        if isinstance(message, Fact):
            self._facts[message.name] = message.value
        elif isinstance(message, Continue):
            self._continues = True
        elif isinstance(message, Finish):
            self._finished = True
        return True


def _bytes_available() -> int:
    count = array.array("i", [0])
    fcntl.ioctl(0, termios.FIONREAD, count)
    return count[0]
