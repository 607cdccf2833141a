"""Feeds the computer's own watchdog for as long as the supervisor's loop goes round."""

from __future__ import annotations

import asyncio
import importlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from cpcompat.hal.errors import HalError
from cpcompat.storage.drive.place import state_folder

if TYPE_CHECKING:
    from cpcompat.hal.hardware_watchdog import HardwareWatchdog
    from cpcompat.supervisor.process.loop import Supervisor

_log = logging.getLogger(__name__)
TIMEOUT_S = 15
"""The most that a Raspberry Pi's watchdog can wait (drivers/watchdog/bcm2835_wdt.c)."""
_MEALS = 4
"""How often it is fed in that time."""
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@contextmanager
def beside(supervisor: Supervisor) -> Iterator[None]:
    """Feed the watchdog that a supervisor's options name, for as long as this lasts.

    If it was the watchdog that reset the computer, the board's first life is told.
    """
    options = supervisor.options
    seen = state_folder(options.drive) / "watchdog_boot"
    feeder = Feeder(options.backend_module, options.hardware_watchdog, seen)
    try:
        if feeder.has_bitten():
            supervisor.facts.set("reset_reason", "WATCHDOG")
        yield
    finally:
        feeder.close()


class Feeder:
    """The supervisor's hold on a hardware watchdog.

    A supervisor that hangs, or is killed and not started again in time, no longer feeds it, and the
    computer starts anew. One that ends as it should stops it.

    Args:
        backend_module: The full name of the package that drives the board.
        path: The watchdog's node; empty for none.
        seen: A file that keeps the last boot whose reason was told.
    """

    def __init__(self, backend_module: str, path: str, seen: Path) -> None:
        self._seen = seen
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._watchdog = _opened(backend_module, path) if path else None
        if self._watchdog is not None:
            self._feed()

    def _feed(self) -> None:
        assert self._watchdog is not None
        try:
            self._watchdog.feed()
        except HalError as error:
            _log.warning("the hardware watchdog cannot be fed: %s. %s", error, error.cure or "")
        self._timer = self._loop.call_later(self._watchdog.timeout_s / _MEALS, self._feed)

    def has_bitten(self) -> bool:
        """Return whether this boot of the computer is the watchdog's doing; True once a boot."""
        if self._watchdog is None or not self._watchdog.has_bitten:
            return False
        boot = _BOOT_ID.read_text("ascii")
        try:
            known = self._seen.read_text("ascii")
        except OSError:
            known = ""
        self._seen.write_text(boot, "ascii")
        return boot != known

    def close(self) -> None:
        """Stop the watchdog."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        watchdog, self._watchdog = self._watchdog, None
        if watchdog is not None:
            try:
                watchdog.close()
            except HalError as error:
                _log.warning("the hardware watchdog cannot be stopped: %s", error)


def _opened(backend_module: str, path: str) -> HardwareWatchdog | None:
    """Return the watchdog, or None with a warning: a board without one is better than none."""
    make = getattr(importlib.import_module(backend_module), "hardware_watchdog", None)
    if make is None:
        _log.warning("this board has no hardware watchdog; hardware_watchdog is passed over")
        return None
    try:
        watchdog: HardwareWatchdog = make(path, TIMEOUT_S)
    except HalError as error:
        _log.warning("no hardware watchdog: %s. %s", error, error.cure or "")
        return None
    return watchdog
