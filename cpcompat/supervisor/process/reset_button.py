"""The reset button of a board: a pin that counts while the safe-mode window is open."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from cpcompat.hal.errors import HalError

if TYPE_CHECKING:
    from cpcompat.hal.backend import Broker
    from cpcompat.hal.pin import Pin

_log = logging.getLogger(__name__)
_LOOK_S = 0.02
"""A finger is slower than that."""


class ResetButton:
    """Looks at a pin between a power-on and the boot, and leaves it alone all the other time.

    The button connects the pin to ground; it is read with a pull-up.

    Args:
        broker: The way to the pin.
        pin: The pin, or None for a board without a button.
        pressed: Called when it is held, or pressed.
    """

    def __init__(self, broker: Broker, pin: Pin | None, pressed: Callable[[], object]) -> None:
        self._broker = broker
        self._pin = pin
        self._pressed = pressed
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        # A backend need not be able to: see `cpcompat.hal.backend.Broker`.
        self._level: Callable[[Pin], bool] | None = getattr(broker, "level", None)

    def watch(self, seconds: float, over: Callable[[], object]) -> None:
        """Look at the button for so long.

        Args:
            seconds: How long the window is.
            over: Called at its end if nobody pressed it.
        """
        self._look(self._loop.time() + seconds, over)

    def _look(self, ends: float, over: Callable[[], object]) -> None:
        self._timer = None
        if self._is_down():
            self.stop()
            self._pressed()
        elif self._loop.time() >= ends:
            self.stop()
            over()
        else:
            wait_s = ends if self._pin is None else min(self._loop.time() + _LOOK_S, ends)
            self._timer = self._loop.call_at(wait_s, self._look, ends, over)

    def _is_down(self) -> bool:
        if self._pin is None:
            return False
        if self._level is None:
            _log.warning("this hardware cannot read the reset button %s", self._pin.label)
            self._pin = None
            return False
        try:
            return not self._level(self._pin)
        except HalError as error:
            _log.warning("the reset button cannot be read: %s. %s", error, error.cure)
            self._pin = None
            return False

    def stop(self) -> None:
        """Look no more, and let the pin go."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._pin is None:
            return
        self._broker.safe()
