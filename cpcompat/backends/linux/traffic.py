"""The broker's end of what goes over the programs' buses: it hears them out while somebody looks.

Each program has a ring of its own (`traffic_ring`), of a size that nobody can change, so neither end can
take the memory away from under the other.
"""

from __future__ import annotations

import fcntl
import mmap
import os
from collections import deque
from typing import TYPE_CHECKING, Any

from cpcompat.backends.linux import part_guesses
from cpcompat.backends.linux import traffic_ring as layout

if TYPE_CHECKING:
    from cpcompat.backends.linux.traffic_ring import Record
    from cpcompat.board.definition import BoardDefinition

MOST_EVENTS = 100
"""The most that are told at once; of more, the last ones are, and the others counted."""
_KINDS = {layout.I2C: "I2C", layout.SPI: "SPI", layout.UART: "UART"}


class Ring:
    """One program's ring.

    Attributes:
        descriptor: The file in memory.
    """

    def __init__(self) -> None:
        self.descriptor = os.memfd_create("traffic", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        os.ftruncate(self.descriptor, layout.SIZE)
        seals = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL
        fcntl.fcntl(self.descriptor, fcntl.F_ADD_SEALS, seals)
        self._shared = mmap.mmap(self.descriptor, layout.SIZE)

    def watch(self, on: bool) -> None:
        """Tell the program whether anybody looks."""
        self._shared[0] = int(on)

    def records(self, after: int) -> list[Record]:
        """See `traffic_ring.records`."""
        return layout.records(self._shared[:], after)

    def close(self) -> None:
        """Hand it over to nobody any more; what is in it can still be read."""
        self.watch(False)
        os.close(self.descriptor)


class Traffic:
    """The rings of a board's programs.

    Attributes:
        ring: The newest program's, or None.
    """

    def __init__(self) -> None:
        self.ring: Ring | None = None
        self._listeners: set[Listener] = set()

    def fresh(self) -> int:
        """Make a ring for a program; return its descriptor, which stays this object's.

        Raises:
            OSError: There is no memory for it.
        """
        ring = Ring()
        if self.ring is not None:
            self.ring.close()  # its listeners hear it out
        self.ring = ring
        for listener in self._listeners:
            listener.follow(ring)
        ring.watch(bool(self._listeners))
        return ring.descriptor

    def listen(self, board: BoardDefinition) -> Listener:
        """Have programs note their traffic from now on, until the listener is closed."""
        listener = Listener(self, board, self.ring)
        self._listeners.add(listener)
        if self.ring is not None:
            self.ring.watch(True)
        return listener

    def leave(self, listener: Listener) -> None:
        """One who listened does no more."""
        self._listeners.discard(listener)
        if self.ring is not None:
            self.ring.watch(bool(self._listeners))


class Listener:
    """One who listens.

    Args:
        traffic: To what.
        board: The board, which knows the chip selects' names.
        ring: Where the program notes it; None as long as it has opened no bus.
    """

    def __init__(self, traffic: Traffic, board: BoardDefinition, ring: Ring | None) -> None:
        self._traffic = traffic
        self._selects = {spi.bus: [pin.name for pin in spi.chip_selects] for spi in board.spi}
        self._ring = ring
        self._heard: deque[Record] = deque(maxlen=MOST_EVENTS)
        self._dropped = 0
        before = self._ring.records(0) if self._ring else []
        self._last = before[-1].number if before else 0

    def follow(self, ring: Ring) -> None:
        """Hear out the ring of an earlier program, and listen to another one's."""
        self._hear()
        self._ring, self._last = ring, 0

    def take(self) -> tuple[list[dict[str, Any]], int]:
        """Return what went over the buses since the last time, and how many more than that did."""
        self._hear()
        told = [event(record, self._selects) for record in self._heard]
        dropped, self._dropped = min(self._dropped, layout.MOST), 0
        self._heard.clear()
        return told, dropped

    def _hear(self) -> None:
        found = self._ring.records(self._last) if self._ring else []
        if not found:
            return
        count, self._last = found[-1].number - self._last, found[-1].number
        before = len(self._heard)
        self._heard.extend(found)
        self._dropped += before + count - len(self._heard)

    def close(self) -> None:
        """Listen no more."""
        self._traffic.leave(self)


def event(record: Record, selects: dict[int, list[str]]) -> dict[str, Any]:
    """Return a transfer as the web page lists it.

    Args:
        record: The transfer.
        selects: The chip selects of each SPI bus.
    """
    address: int | str | None = None
    part = None
    if record.kind == layout.I2C and record.address <= 0x7F:
        address = record.address
        part = part_guesses.guess(address)
    elif record.kind == layout.SPI:
        names = selects.get(record.bus, [])
        address = names[record.address] if record.address < len(names) else None
    return {
        "t_ns": record.time_ns,
        "bus": f"{_KINDS[record.kind]} {record.bus}",
        "address": address,
        "part": part,
        "ok": record.ok,
        **_told("write", record.written),
        **_told("read", record.read),
    }


def _told(word: str, data: tuple[bytes, int] | None) -> dict[str, Any]:
    """Return bytes as hexadecimal digits, with their number where not all are there."""
    if data is None:
        return {word: None}
    first, size = data
    return {word: first.hex(), **({f"{word}_size": size} if size > len(first) else {})}
