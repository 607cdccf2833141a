"""The edges of one pin, kept until somebody reads them."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from cpcompat.hal.edges import Edge

if TYPE_CHECKING:
    from cpcompat.backends.sim.wiring import Wiring
    from cpcompat.hal.pin import Pin

KEPT = 1024
"""Edges that are kept unread; of more, the oldest are dropped, as the kernel does."""


class EdgeQueue:
    """Keeps the edges of the wanted kind at a pin.

    Debounced as the kernel's GPIO character device does it: an edge counts when its level has
    held for so long, and is stamped with that moment.

    Args:
        circuit: Where the pin is.
        pin: The pin.
        rising: Keep low-to-high edges.
        falling: Keep high-to-low edges.
        debounce_ns: How long a level must hold; 0 keeps every edge.
    """

    def __init__(
        self, circuit: Wiring, pin: str | Pin, rising: bool, falling: bool, debounce_ns: int = 0
    ) -> None:
        self._circuit = circuit
        self._pin = pin
        self._wanted = (falling, rising)
        self._debounce_ns = debounce_ns
        self._edges: deque[Edge] = deque(maxlen=KEPT)
        self._sequence = 0
        self._changes = 0
        self._steady = circuit.level(pin)
        self._paused = False
        self._stop = circuit.watch(pin, self._change)

    def _change(self, level: bool) -> None:
        self._changes += 1
        if self._paused:
            return
        if not self._debounce_ns:
            self._keep(level)
            return
        mark = self._changes

        def settled() -> None:
            if mark == self._changes and level is not self._steady:
                self._keep(level)

        self._circuit.at(self._circuit.now_ns() + self._debounce_ns, settled)

    def _keep(self, level: bool) -> None:
        self._steady = level
        if self._wanted[level]:
            self._sequence += 1
            self._edges.append(Edge(self._circuit.now_ns(), level, self._sequence))
            self._circuit.wake()

    def read(self, limit: int) -> list[Edge]:
        """Return up to so many edges, oldest first; none at once if there is none."""
        self._circuit.advance()
        with self._circuit.lock:
            edges = self._edges
            return [edges.popleft() for _ in range(min(limit, len(edges)))]

    def hold(self, most: int) -> None:
        """Keep so many unread edges from now on."""
        with self._circuit.lock:
            self._edges = deque(self._edges, maxlen=most)

    def pause(self) -> None:
        """Drop what there is, and keep nothing until `go_on`."""
        self._circuit.advance()
        with self._circuit.lock:
            self._paused = True
            self._changes += 1
            self._edges.clear()

    def go_on(self) -> None:
        """Keep edges again, from the level that there is now."""
        with self._circuit.lock:
            self._paused = False
            self._steady = self._circuit.level(self._pin)

    def close(self) -> None:
        """Stop keeping. Closing again does nothing."""
        self._changes += 1
        self._stop()
