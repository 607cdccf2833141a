"""How a supervisor is to run."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from cpcompat.board.definition import BoardDefinition
from cpcompat.hal.pin import Pin


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asked for.

    Attributes:
        drive: The drive, as `cpcompat.storage.drive.place.checked` gave it.
        board: The board.
        console: Where the console is: ``"stdio"``, ``"pty"``, ``"uart"`` or ``"none"``.
        console_link: The stable name of a PTY, or the serial device.
        runs: After how many runs of code.py to leave, or None.
        auto_reload: Whether writes to the drive start the program anew.
        repl: Whether the REPL comes first.
        restarts: How often within ten minutes a program that crashed is started again.
        status_led: The status light, as `Configuration.status_led`.
        memory_limit: The most bytes of data of a program, 0 for no limit.
        reset_button: The pin of a button that is pressed during the safe-mode window, or None.
        sd_card: The host's path of the card that programs find at ``/sd``, or empty.
        suspend: How the computer sleeps while the board is in deep sleep, or empty.
        hardware_watchdog: The node of the computer's watchdog that is to be fed, or empty.
        failure: Why this one starts in safe mode, a name of ``supervisor.SafeModeReason``: the drive's
            last supervisor failed. Empty if it did not.
        backend_module: The full name of the package that drives the board.
        backend: What the backend is to know, by name.
    """

    drive: Path
    board: BoardDefinition
    backend_module: str
    console: Literal["stdio", "pty", "uart", "none"] = "stdio"
    console_link: Path | None = None
    runs: int | None = None
    auto_reload: bool = True
    repl: bool = False
    restarts: int = 0
    status_led: str = ""
    memory_limit: int = 0
    reset_button: Pin | None = None
    sd_card: str = ""
    suspend: str = ""
    hardware_watchdog: str = ""
    failure: str = ""
    backend: dict[str, object] = field(default_factory=dict)
