"""Has the computer sleep, too, while the board is in deep sleep, where ``cpcompat.toml`` asks for it."""

from __future__ import annotations

import logging
import os
import subprocess
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cpcompat.supervisor.process.facts import Facts

MODES = ("standby", "freeze", "mem", "disk", "off")
"""What ``rtcwake`` (util-linux) calls the ways to sleep; the kernel has some of them or none."""
_LEAST_S = 10
"""It is not worth it for less."""
_PATIENCE_S = 10
"""How long `rtcwake` may take, by a clock that stands still while the computer sleeps."""
_NOT_ROOT = (
    "Let it do so without a password: "
    '«echo "$USER ALL=(root) NOPASSWD: /usr/sbin/rtcwake" | sudo tee /etc/sudoers.d/cpcompat».'
)

_log = logging.getLogger(__name__)


def before_sleep(mode: str, facts: Facts) -> None:
    """Suspend the computer until the time of the board's alarm, if that is the only one.

    A pin does not wake a computer, so with a pin's alarm it stays awake; so it does when nothing would
    ever wake it. Where it cannot be suspended the log says so, and the board sleeps as without it.

    Args:
        mode: One of `MODES`, or empty.
        facts: The board's, with the alarms; a time alarm comes nearer by as long as the computer slept,
            for its clock (CLOCK_MONOTONIC) stood still meanwhile.
    """
    alarms = facts.get("alarms")
    if not mode or not isinstance(alarms, list) or len(alarms) != 1:
        return
    left_s = alarms[0].get("in_s")
    if not isinstance(left_s, int | float) or left_s < _LEAST_S:
        return
    slept_s = _suspended(mode, int(left_s))
    facts.set("alarms", [{**alarms[0], "at": alarms[0]["at"] - slept_s}])


def _suspended(mode: str, seconds: int) -> float:
    """Suspend the computer; return for how many seconds it slept."""
    words = ["rtcwake", "--mode", mode, "--seconds", str(seconds)]
    if os.geteuid():
        words = ["sudo", "--non-interactive", *words]
    before_s = asleep_s()
    try:
        done = subprocess.run(
            words, capture_output=True, text=True, timeout=_PATIENCE_S, check=False
        )
        refused = done.stderr.strip() if done.returncode else ""
    except (OSError, subprocess.TimeoutExpired) as error:
        refused = str(error)
    if refused:
        cure = _NOT_ROOT if os.geteuid() else "«rtcwake --list-modes» tells what it can do."
        _log.warning("the computer cannot be suspended: %s. %s", refused, cure)
    return asleep_s() - before_s


def asleep_s() -> float:
    """Return how long the computer has been suspended since its start."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) - time.clock_gettime(time.CLOCK_MONOTONIC)
