"""Pulses made by a thread, for a board whose modulator is switched off.

For lights and buzzers only: another busy thread shifts an edge by milliseconds.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from cpcompat.backends.linux.lines import LinuxLine
from cpcompat.hal.errors import Fault, HalError
from cpcompat.hal.gpio import Direction, Drive, Pull

if TYPE_CHECKING:
    from cpcompat.backends.linux.nodes import Nodes
    from cpcompat.hal.pin import Pin

MOST_HZ = 1000
_FULL = 65535
_PATIENCE_S = 2.0


class SoftPwm:
    """See `cpcompat.hal.pwm.PwmOutput`.

    Args:
        nodes: The way to the line.
        pin: The pin.
    """

    def __init__(self, nodes: Nodes, pin: Pin) -> None:
        self._pin = pin
        self._line = LinuxLine(nodes, pin)
        self._line.configure(Direction.OUTPUT, Pull.NONE, Drive.PUSH_PULL, False)
        self._thread: threading.Thread | None = None
        self._changed = threading.Event()
        self._high_s = self._low_s = 0.0
        self._ends = False
        _say(pin)

    def set(self, frequency_hz: int, duty: int) -> None:
        """See `PwmOutput.set`."""
        if not 1 <= frequency_hz <= MOST_HZ:
            where = f"{frequency_hz} Hz on {self._pin.label}, by software"
            raise HalError(Fault.UNSUPPORTED, where, f"Use 1 to {MOST_HZ} Hz, or {_overlay()}")
        period_s = 1 / frequency_hz
        self._high_s = period_s * duty / _FULL
        self._low_s = period_s - self._high_s
        self._changed.set()
        if self._thread is None:
            self._thread = threading.Thread(target=self._pulse, daemon=True, name="software PWM")
            self._thread.start()

    def _pulse(self) -> None:
        write, next_s = self._line.write, time.monotonic()
        while not self._ends:
            high_s, low_s = self._high_s, self._low_s
            if high_s and low_s:
                for level, span_s in ((True, high_s), (False, low_s)):
                    write(level)
                    next_s = max(next_s + span_s, time.monotonic())
                    self._changed.wait(next_s - time.monotonic())
            else:
                write(high_s > 0)
                self._changed.wait()
                next_s = time.monotonic()
            self._changed.clear()

    def close(self) -> None:
        """See `PwmOutput.close`."""
        self._ends = True
        self._changed.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(_PATIENCE_S)
        self._line.close()


def _overlay() -> str:
    return "switch the modulator on: «dtoverlay=pwm-2chan» in config.txt (a Pi 5: «dtoverlay=pwm»)."


def _say(pin: Pin) -> None:
    from logging import getLogger

    getLogger(__name__).warning(
        "software PWM on %s: the kernel has not got this board's modulator. Fine for lights, not"
        " for servos. To have it, %s",
        pin.label,
        _overlay(),
    )
