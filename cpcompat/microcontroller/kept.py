"""What of the chip outlives programs: `nvm`, and the `watchdog` above them."""

from __future__ import annotations

from cpcompat import hal

TYPE_CHECKING = False  # not typing's: that import costs more than all of this package
if TYPE_CHECKING:
    from cpcompat.hal.host import Host
    from cpcompat.nvm import ByteArray
    from cpcompat.watchdog import WatchDogTimer

_made: dict[str, tuple[Host, object]] = {}


def nvm() -> ByteArray | None:
    """Return the non-volatile memory, or None in a program without a supervisor."""
    from cpcompat.nvm import ByteArray

    cells = hal.host().cells("nvm")
    return None if cells is None else _one("nvm", ByteArray.over(cells))  # type: ignore[return-value]


def watchdog() -> WatchDogTimer | None:
    """Return the watchdog, or None in a program without a supervisor."""
    from cpcompat.watchdog import timer

    if hal.host().cells("nvm") is None:
        return None
    return _one("watchdog", timer.make())  # type: ignore[return-value]


def _one(name: str, fresh: object) -> object:
    """Return the object that was made before for this host, else the fresh one."""
    host = hal.host()
    of, made = _made.get(name, (None, None))
    if of is host:
        return made
    _made[name] = (host, fresh)
    return fresh
