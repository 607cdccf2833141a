"""How often somebody may do something: so much at once, and so much each second."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Bucket:
    """A bucket of leaves to do something, which fills again with time.

    Args:
        most: How many there are at once.
        each_second: How many come back a second.
        now_s: The time.
    """

    def __init__(
        self, most: int, each_second: float, now_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._most = most
        self._each_second = each_second
        self._now_s = now_s
        self._left = float(most)
        self._since_s = now_s()

    def take(self) -> bool:
        """Take one; False when there is none."""
        now_s = self._now_s()
        self._left += (now_s - self._since_s) * self._each_second
        self._left, self._since_s = min(self._left, self._most), now_s
        if self._left < 1:
            return False
        self._left -= 1
        return True
