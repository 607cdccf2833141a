"""What the handlers of the web workflow share: one drive's board, and what it is called."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from cpcompat.workflows.files.jail import Jail
from cpcompat.workflows.web.gate import Names, Password
from cpcompat.workflows.web.threads import Threads

if TYPE_CHECKING:
    from cpcompat.supervisor.process.loop import Supervisor
    from cpcompat.workflows.web.plan import Plan

_P = ParamSpec("_P")
_T = TypeVar("_T")
_log = logging.getLogger(__name__)
_THREADS = 3
_PATIENCE_S = 1.0
"""How long the end waits for what the drive has begun: a dead one must not hold a stop up."""
_INTERFACES = Path("/sys/class/net")
_NO_ADDRESS = "00:00:00:00:00:00"


class Site:
    """One board on the web.

    Args:
        supervisor: Runs the board.
        plan: How the web workflow is to run.
        port: Where it listens.

    Attributes:
        jail: The drive.
        names: Who may ask.
        password: Who may come in.
        hostname: This board's name on the network, without ``.local``.
        others: Tells the other boards on the network that are known, as ``/cp/devices.json`` does.
    """

    def __init__(self, supervisor: Supervisor, plan: Plan, port: int) -> None:
        self.up = supervisor
        self.plan = plan
        self.port = port
        self.board = supervisor.options.board
        self.name = plan.name or self.board.name
        self.hostname = hostname(supervisor.options.drive)
        self.jail = Jail(supervisor.options.drive)
        self.names = Names(self.hostname, plan.hosts, plan.origins)
        self.password = Password(plan.password)
        self.others: Callable[[], list[dict[str, object]]] = list
        # Whatever waits for the disk does it here, never in the event loop.
        self._threads = Threads(_THREADS, "web")

    async def do(self, function: Callable[_P, _T], *words: _P.args, **named: _P.kwargs) -> _T:
        """Call what may block, in a thread."""
        return await self._threads.do(function, *words, **named)

    async def close(self) -> None:
        """Let the drive go."""
        if await self._threads.close(_PATIENCE_S):
            self.jail.close()
        else:
            # Who hangs there may still use the descriptor, whose number must not become another's.
            _log.warning("the drive does not answer; it is left as it is")


def hostname(drive: Path, interfaces: Path = _INTERFACES) -> str:
    """Return ``cpy-`` and the end of this computer's first hardware address, as boards have it.

    Args:
        drive: Stands in for the address where there is none.
        interfaces: Where the kernel lists its network interfaces.
    """
    for name in sorted(path.name for path in interfaces.glob("*")):
        try:
            address = (interfaces / name / "address").read_text().strip()
        except OSError:
            continue
        if (interfaces / name / "device").exists() and len(address) == len(_NO_ADDRESS):
            return "cpy-" + address.replace(":", "")[-6:].lower()
    return "cpy-" + hashlib.sha256(bytes(drive)).hexdigest()[:6]
