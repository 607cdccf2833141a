"""Keeps a copy of each line request of the programs, and brings the lines back when they have died."""

from __future__ import annotations

import logging
import os
from fcntl import ioctl
from typing import TYPE_CHECKING

from cpcompat.backends.linux import gpio_uapi as uapi
from cpcompat.backends.linux import ledger, safing
from cpcompat.backends.linux.lines import BIASES, consumer, in_use
from cpcompat.hal.gpio import Pull

if TYPE_CHECKING:
    from cpcompat.backends.linux.chips import Chip
    from cpcompat.backends.linux.ledger import Ledger
    from cpcompat.backends.linux.nodes import DirectNodes
    from cpcompat.board.definition import BoardDefinition

_log = logging.getLogger(__name__)


class _Kept:
    """A request of lines, of which a program has a copy."""

    __slots__ = ("descriptor", "offsets")

    def __init__(self, descriptor: int, offsets: tuple[int, ...]) -> None:
        self.descriptor = descriptor
        self.offsets = offsets


class Keeper:
    """The lines of one board. Lines with a declared state are held all the time, in that state.

    Args:
        board: The board.
        nodes: The way to its chip.
        states: The declared states, by offset.
        book: Where it is noted what is about to be claimed.

    Raises:
        HalError: A line with a declared state cannot be had.
    """

    def __init__(
        self, board: BoardDefinition, nodes: DirectNodes, states: dict[int, str], book: Ledger
    ) -> None:
        self._board = board
        self._nodes = nodes
        self._states = states
        self._book = book
        self._lines = safing.lines_of(board)
        self._kept: dict[int, _Kept] = {}
        self._next = 1
        self._outputs: frozenset[int] = frozenset()
        book.begin(tuple(states), self._outputs)
        self._hold_declared()

    def _hold_declared(self) -> None:
        for offset, state in self._states.items():
            if self._holders((offset,)):
                continue
            try:
                self._claim(uapi.request([offset], [safing.setting(state)], consumer()), (offset,))
            except OSError as error:
                pin = next(pin for pin in self._board.pins.values() if pin.id == offset)
                raise in_use(error, pin, self._nodes) from error

    def begin(self) -> None:
        """Note how the lines are before a program begins."""
        self._outputs = self._looks_like_outputs()
        self._book.begin(tuple(self._states), self._outputs)

    def _looks_like_outputs(self) -> frozenset[int]:
        chip = self._chip()
        return frozenset() if chip is None else safing.outputs(chip, self._board)

    def _chip(self) -> Chip | None:
        """Return the chip; None on a board of which only the buses are used."""
        from cpcompat.hal.errors import HalError

        try:
            return self._nodes.chip()
        except HalError:
            return None

    def take(self, asked: bytearray) -> tuple[int, int]:
        """Claim lines for a program.

        Args:
            asked: Its request.

        Returns:
            A number for `give_back`, and the descriptor to hand over a copy of.

        Raises:
            OSError: The kernel refuses; EACCES for a line that the board's file does not name.
            HalError: There is no chip.
        """
        offsets = uapi.offsets_of(asked)
        if not self._lines.issuperset(offsets):
            raise PermissionError(13, "not a line of this board")
        holders = self._holders(offsets)
        # Asked for anew: the program has lost track of it, or it is held for its declared state.
        if len(holders) == 1 and self._kept[holders[0]].offsets == offsets and _plain(asked):
            kept = self._kept[holders[0]]
            if uapi.flags_of(asked):
                ioctl(kept.descriptor, uapi.SET_CONFIG, uapi.config_of(asked))
            return holders[0], kept.descriptor
        for number in holders:
            self._let_go(number)
        return self._claim(asked, offsets)

    def _claim(self, asked: bytearray, offsets: tuple[int, ...]) -> tuple[int, int]:
        self._book.claim(offsets)
        try:
            descriptor = self._nodes.lines(asked)
        except OSError:
            self._book.release(tuple(o for o in offsets if o not in self._states))
            raise
        number, self._next = self._next, self._next + 1
        self._kept[number] = _Kept(descriptor, offsets)
        return number, descriptor

    def _holders(self, offsets: tuple[int, ...]) -> list[int]:
        wanted = set(offsets)
        return [number for number, kept in self._kept.items() if wanted & set(kept.offsets)]

    def give_back(self, number: int) -> None:
        """Close the copy of a request that the program has closed.

        Lines with a declared state go back to that and stay.
        """
        kept = self._kept.get(number)
        if kept is None:
            return
        if not self._states.keys().isdisjoint(kept.offsets):
            self._make_safe(kept)
            if len(kept.offsets) == 1:
                return
        self._let_go(number)
        self._hold_declared()

    def _let_go(self, number: int) -> None:
        kept = self._kept.pop(number)
        os.close(kept.descriptor)
        self._book.release(tuple(o for o in kept.offsets if o not in self._states))

    def shine(self, offset: int, on: bool | None) -> None:
        """Drive a line with a light on it, while no program runs; None lets it go.

        Raises:
            OSError: The kernel refuses.
            HalError: There is no chip.
        """
        if on is None:
            for number in self._holders((offset,)):
                self._make_safe(self._kept[number])
                self.give_back(number)
            return
        asked = uapi.request([offset], [uapi.Setting(uapi.OUTPUT, on)], consumer())
        self.take(asked)

    def level(self, offset: int) -> bool:
        """Return the level of a line, which is an input with a pull-up then, until `safe`.

        Raises:
            OSError: The kernel refuses.
            HalError: There is no chip.
        """
        setting = uapi.Setting(uapi.INPUT | BIASES[Pull.UP])
        _, descriptor = self.take(uapi.request([offset], [setting], consumer()))
        values = bytearray(uapi.LINE_VALUES.pack(0, 1))
        ioctl(descriptor, uapi.GET_VALUES, values)
        return bool(uapi.LINE_VALUES.unpack(values)[0])

    def levels(self) -> dict[int, bool]:
        """Return the levels of all lines that are requested now; nothing is changed by it."""
        found = {}
        for kept in self._kept.values():
            values = bytearray(uapi.LINE_VALUES.pack(0, (1 << len(kept.offsets)) - 1))
            try:
                ioctl(kept.descriptor, uapi.GET_VALUES, values)
            except OSError:
                continue  # the chip has gone
            bits = uapi.LINE_VALUES.unpack(values)[0]
            found.update({offset: bool(bits >> at & 1) for at, offset in enumerate(kept.offsets)})
        return found

    def switch(self, path: str) -> None:
        """Note a file into which a 0 is to be written when the program has ended."""
        self._book.switch(path)

    def hush(self) -> None:
        """Bring all lines into their safe states, by one call a request, and keep them."""
        for kept in self._kept.values():
            self._make_safe(kept)

    def safe(self) -> None:
        """Bring all lines into their safe states and let go of those that are plain inputs now.

        Only when the programs are reaped: a program that lives can undo it.
        """
        self.hush()
        for number, kept in list(self._kept.items()):
            if len(kept.offsets) > 1 or kept.offsets[0] not in self._states:
                self._let_go(number)
        self._hold_declared()
        chip = self._chip()
        if chip is not None:
            behind = safing.outputs(chip, self._board) - self._outputs
            if behind:
                _log.warning("lines %s were driven behind the broker", sorted(behind))
            safing.set_free_lines(chip, behind, self._states)
        self._book.begin(tuple(self._states), self._outputs)

    def _make_safe(self, kept: _Kept) -> None:
        try:
            ioctl(kept.descriptor, uapi.SET_CONFIG, safing.safe_config(kept.offsets, self._states))
        except OSError as error:
            _log.error("lines %s stay as they are: %s", kept.offsets, error)

    def close(self, descriptor: int) -> None:
        """Let everything go, when the lines are safe.

        Args:
            descriptor: The ledger.
        """
        for number in list(self._kept):
            self._let_go(number)
        ledger.clear(descriptor)


def _plain(asked: bytearray) -> bool:
    """Return whether a request is for levels alone, without edges, of which each has a queue."""
    return not uapi.flags_of(asked) & (uapi.EDGE_RISING | uapi.EDGE_FALLING)
