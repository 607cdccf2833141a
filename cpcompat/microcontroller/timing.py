"""Short waits, and stretches that nothing else shall interrupt."""

from __future__ import annotations

import gc
import sys

from cpcompat import hal
from cpcompat.hal.arguments import checked_int
from cpcompat.hal.clock import wait_until

_UNDISTURBED_S = 1.0

_depth = 0
_before: tuple[bool, float] = (True, 0.005)


def delay_us(delay: int) -> None:
    """Wait, without giving the processor away for the last 2 ms.

    Args:
        delay: How long, in microseconds.

    Raises:
        ValueError: It is negative.

    On Linux: at least so long; longer when another program gets the processor meanwhile.
    """
    if checked_int(delay) < 0:
        raise ValueError("delay must be >= 0")
    clock = hal.machine().backend.clock
    wait_until(clock, clock.now_ns() + delay * 1000)


def disable_interrupts() -> None:
    """Keep this stretch of the program from being interrupted; calls nest.

    On Linux: the interrupts go on, but within this program no garbage is collected and no other
    thread gets its turn for up to a second.
    """
    global _depth, _before
    if _depth == 0:
        _before = (gc.isenabled(), sys.getswitchinterval())
        gc.disable()
        sys.setswitchinterval(_UNDISTURBED_S)
    _depth += 1


def enable_interrupts() -> None:
    """End the stretch that `disable_interrupts` began.

    Raises:
        RuntimeError: There is none.
    """
    global _depth
    if _depth == 0:
        error = RuntimeError("Internal error")
        error.add_note("enable_interrupts() was called more often than disable_interrupts().")
        raise error
    _depth -= 1
    if _depth == 0:
        collecting, interval = _before
        if collecting:
            gc.enable()
        sys.setswitchinterval(interval)
