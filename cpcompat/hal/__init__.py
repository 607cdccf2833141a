"""The hardware abstraction: what faces ask for and backends offer.

`machine` is the board that this process runs on, made when it is first needed; `host` is the
supervisor above it, if there is one; `drive` is the drive that the program came from, if any.
"""

from __future__ import annotations

import time

from cpcompat.hal.claims import Claims
from cpcompat.hal.errors import Fault, HalError

# Here and not in `host`: a first import later would put the module in the function's place.
from cpcompat.hal.host import NoHost
from cpcompat.hal.pin import Pin
from cpcompat.hal.wall import Wall

TYPE_CHECKING = False  # not typing's: that import costs more than all of this package
if TYPE_CHECKING:
    from collections.abc import Callable

    from cpcompat.board.definition import BoardDefinition
    from cpcompat.hal.backend import Backend
    from cpcompat.hal.drive_port import Drive
    from cpcompat.hal.host import Host

__all__ = [
    "Fault",
    "HalError",
    "Machine",
    "Pin",
    "drive",
    "host",
    "machine",
    "rtc",
    "set_drive",
    "set_host",
    "set_machine",
    "set_rtc",
    "set_wall",
    "wall_s",
]


class Machine:
    """A board and the way to its hardware, with the table of who uses which pin.

    Attributes:
        board: Names, pins and buses, from the board's file.
        backend: The way to the hardware.
        claims: Who uses which pin.
    """

    __slots__ = ("backend", "board", "claims")

    def __init__(self, board: BoardDefinition, backend: Backend) -> None:
        self.board = board
        self.backend = backend
        self.claims = Claims()


_machine: Machine | None = None
_host: Host | None = None
_drive: Drive | None = None
_wall: Callable[[], float] = time.time
_rtc: Wall | None = None


def machine() -> Machine:
    """Return the machine of this process; the first call finds the board and connects to it.

    Raises:
        CpcompatError: The board is not known, or nothing here can drive it.
    """
    global _machine
    if _machine is None:
        from cpcompat.board.detect import connect

        _machine = connect()
    return _machine


def set_machine(new: Machine | None) -> None:
    """Decide the machine of this process: a test's, a supervisor's, or None to find it anew."""
    global _machine
    _machine = new


def host() -> Host:
    """Return the host of this process: the supervisor's end of the link, or `NoHost`."""
    global _host
    if _host is None:
        _host = NoHost()
    return _host


def set_host(new: Host | None) -> None:
    """Decide the host of this process; None goes back to having none."""
    global _host
    _host = new


def wall_s() -> float:
    """Return the date and time as programs see it, in seconds since 1970."""
    return _wall()


def set_wall(new: Callable[[], float]) -> None:
    """Decide where the date and time come from."""
    global _wall
    _wall = new


def rtc() -> Wall:
    """Return the real-time clock of this process; without a supervisor it is this process's own."""
    global _rtc
    if _rtc is None:
        _rtc = Wall()
    return _rtc


def set_rtc(new: Wall | None) -> None:
    """Decide the real-time clock; None goes back to the process's own, not set."""
    global _rtc
    _rtc = new


def drive() -> Drive | None:
    """Return the drive that the program came from, or None for a program started by itself."""
    return _drive


def set_drive(new: Drive | None) -> None:
    """Decide the drive of this process; None goes back to having none."""
    global _drive
    _drive = new
