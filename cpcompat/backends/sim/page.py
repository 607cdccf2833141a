"""The page of memory that the circuit's process shares with a program: levels, and the clock.

The circuit writes it, the program reads it without asking. A level there is true as long as

* everything that the program has posted is done (`DONE_POSTS`),
* nothing was bound to happen on the circuit by now (`DUE_NS`),
* and the net is not pulsed: then it says `ASK`, since the level depends on the moment.

The circuit writes levels and times before it counts a post as done and before it answers, so what
a program learns by either is never newer than the page.
"""

from __future__ import annotations

import mmap
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cpcompat.backends.sim.circuit import Circuit
    from cpcompat.backends.sim.nets import Net
    from cpcompat.board.definition import BoardDefinition

SIZE = 4096
NOW_NS, DUE_NS, DONE_POSTS = range(3)
"""The places of the circuit's time (on virtual time), of its next event, and of a count, as int64."""
LEVELS = 64
"""Where the levels begin, a byte each, in the order of the board's pins."""
ASK = 2
NEVER_NS = 2**63 - 1


def make() -> int:
    """Return the descriptor of a fresh page."""
    descriptor = os.memfd_create("circuit", os.MFD_CLOEXEC)
    os.ftruncate(descriptor, SIZE)
    return descriptor


def mapped(descriptor: int, board: BoardDefinition) -> tuple[memoryview, memoryview]:
    """Map a page; return its numbers and its levels. The descriptor may be closed afterwards."""
    if LEVELS + len(board.pins) > SIZE:
        raise ValueError(f"the board has more than {SIZE - LEVELS} pins")
    whole = memoryview(mmap.mmap(descriptor, SIZE))
    return whole[:LEVELS].cast("q"), whole[LEVELS:]


class Mirror:
    """Keeps the page as the circuit is.

    Args:
        circuit: The circuit.
        descriptor: The page's.
    """

    def __init__(self, circuit: Circuit, descriptor: int) -> None:
        self._circuit = circuit
        self.numbers, self._levels = mapped(descriptor, circuit.board)
        self._index = {name: index for index, name in enumerate(circuit.board.pins)}
        for terminal in circuit.terminals.values():
            self.show(terminal.net)
        self.tell_times()

    def show(self, net: Net) -> None:
        """Write the level of a net's pins."""
        level = ASK if net.waving else net.level
        for terminal in net.terminals:
            self._levels[self._index[terminal.name]] = level

    def tell_times(self) -> None:
        """Write the time, and when the next event is due."""
        numbers, queue = self.numbers, self._circuit._queue
        due_ns = queue[0][0] if queue else NEVER_NS
        if numbers[DUE_NS] != due_ns:
            numbers[DUE_NS] = due_ns
        if self._circuit.virtual:
            numbers[NOW_NS] = self._circuit.clock.now_ns()
