"""Memory that keeps its content over deep sleep and resets, and loses it with the power."""

from __future__ import annotations

from cpcompat import hal
from cpcompat.errors import CpcompatError
from cpcompat.hal.cells import CellArray

TYPE_CHECKING = False  # not typing's: that import costs more than all of this package
if TYPE_CHECKING:
    from cpcompat.hal.host import Host


class SleepMemory(CellArray):
    """4096 bytes as something like a bytearray, zeros at first. There is one: `alarm.sleep_memory`.

    On Linux: a file in memory (``/run``), which a reboot of the computer clears.
    """

    __slots__ = ()
    _called = "sleep_memory"


_made: tuple[Host, SleepMemory] | None = None


def memory() -> SleepMemory:
    """Return the one object.

    Raises:
        CpcompatError: The program runs without a supervisor, so nobody would keep it.
    """
    global _made
    host = hal.host()
    if _made is None or _made[0] is not host:
        cells = host.cells("sleep_memory")
        if cells is None:
            raise CpcompatError(
                "no supervisor to keep the sleep memory",
                "This program was started by itself. Under «cpcompat run» there is a sleep memory.",
            )
        made = SleepMemory.over(cells)
        assert isinstance(made, SleepMemory)
        _made = (host, made)
    return _made[1]
