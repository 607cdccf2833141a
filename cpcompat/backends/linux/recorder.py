"""A program's end of the ring in which its bus traffic is noted; see `traffic_ring`.

While nobody looks, a bus looks at one byte a call. Noting takes no system call, and never waits.
"""

from __future__ import annotations

import mmap
import os
import time
from itertools import count

from cpcompat.backends.linux import traffic_ring as ring
from cpcompat.hal.errors import Fault, HalError

TYPE_CHECKING = False  # not typing's: that import costs more than this package
if TYPE_CHECKING:
    from collections.abc import Callable

    from cpcompat.backends.linux.nodes import Nodes
    from cpcompat.hal.buffers import ReadableBuffer, WriteableBuffer

UNWATCHED = b"\0"
"""What `Recorder.watched` is where nobody can look."""
_ON_THE_WIRE = frozenset((Fault.NO_ACK, Fault.TIMEOUT, Fault.ARBITRATION_LOST, Fault.BROKEN))
"""Faults of transfers that were begun."""


class Recorder:
    """Notes transfers.

    Synchronization: any thread.

    Args:
        shared: The ring.
        start_ns: When the board's clock began, on CLOCK_MONOTONIC.

    Attributes:
        watched: Its first byte is not 0 while somebody looks.
    """

    __slots__ = ("_numbers", "_shared", "_start_ns", "watched")

    def __init__(self, shared: mmap.mmap, start_ns: int) -> None:
        self.watched: mmap.mmap = shared
        self._shared = shared
        self._start_ns = start_ns
        self._numbers = count(1)

    def make(
        self,
        where: tuple[int, int, int],
        transfer: Callable[[], None],
        write: ReadableBuffer | None,
        read: WriteableBuffer | None,
    ) -> None:
        """Make a transfer, and note it.

        Args:
            where: The kind, the bus and the address; see `traffic_ring.Record`.
            transfer: Makes it.
            write: What it sends; kept before, since the same buffer may be filled.
            read: What it fills.

        Raises:
            HalError: As the transfer does.
        """
        written = ring.first(write)
        try:
            transfer()
        except HalError as error:
            if error.fault in _ON_THE_WIRE:
                self._note(where, False, written, None)
            raise
        self._note(where, True, written, ring.first(read))

    def uart(self, port: int, write: ReadableBuffer | None, read: ReadableBuffer | None) -> None:
        """Note what a serial port has sent or received."""
        self._note((ring.UART, port, ring.NOWHERE), True, ring.first(write), ring.first(read))

    def _note(
        self,
        where: tuple[int, int, int],
        ok: bool,
        written: tuple[bytes, int] | None,
        read: tuple[bytes, int] | None,
    ) -> None:
        number = next(self._numbers)
        kind, bus, address = where
        what = (number, time.monotonic_ns() - self._start_ns, kind)
        record = ring.packed(what, bus, address, ok, written, read)
        at = ring.place(number)
        self._shared[at : at + len(record)] = record


def recorder(nodes: Nodes, start_ns: int) -> Recorder | None:
    """Return a program's recorder, or None where nobody can look at it.

    Args:
        nodes: The way to the broker.
        start_ns: When the board's clock began, on CLOCK_MONOTONIC.
    """
    descriptor = nodes.traffic()
    if descriptor is None:
        return None
    try:
        shared = mmap.mmap(descriptor, ring.SIZE)
    except (OSError, ValueError):
        return None
    finally:
        os.close(descriptor)
    return Recorder(shared, start_ns)
