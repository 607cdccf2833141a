"""Scanners that have to look for themselves, since no edge tells of their keys."""

from __future__ import annotations

from contextlib import suppress

from cpcompat import hal
from cpcompat.hal.background import each
from cpcompat.hal.errors import HalError
from cpcompat.hal.line_group import grouped
from cpcompat.hal.refusals import Hold

from .scanner import FAULTS, Scanner

TYPE_CHECKING = False  # not typing's: that import costs more than all of this package
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cpcompat.hal import Machine
    from cpcompat.hal.line_group import LineGroup
    from cpcompat.hal.pin import Pin


class PolledScanner(Scanner):
    """Keys that are looked at beside the program, whether it asks or not."""

    __slots__ = ("_lines", "_stop")

    _lines: LineGroup
    _stop: Callable[[], None] | None

    def _hold_and_start(self, pins: Sequence[Pin], holder: str, key_count: int) -> None:
        """Take the pins, prepare them and begin to look."""
        machine = hal.machine()
        self._stop = None
        self._hold = Hold(machine, pins, holder, FAULTS)
        with self._hold:
            self._lines = grouped(machine.backend, pins)
            try:
                self._prepare()
                self._start(machine, key_count)
            except BaseException:
                self._close()
                raise

    def _start(self, machine: Machine, key_count: int) -> None:
        super()._start(machine, key_count)
        self._stop = each(machine.backend.clock, self._interval_ns, self._look)

    def _look(self) -> None:
        """Look beside the program, which is told of a fault when it asks: by a look of its own."""
        with self._lock, suppress(HalError):
            if self._open and (now_ns := self._clock.now_ns()) >= self._next_ns:
                self._scan(now_ns)

    def _scan(self, now_ns: int) -> None:
        self._next_ns = 0  # unless all goes well, whoever comes next looks again
        self._look_at_all(now_ns)
        self._next_ns = now_ns + self._interval_ns

    def _prepare(self) -> None:
        """Configure the lines."""
        raise NotImplementedError

    def _look_at_all(self, now_ns: int) -> None:
        """Look at each key, and tell `_found`."""
        raise NotImplementedError

    def _close(self) -> None:
        if self._stop is not None:
            self._stop()
        self._lines.close()
