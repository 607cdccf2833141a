"""Brings lines into their safe states when nobody has a descriptor of them any more."""

from __future__ import annotations

import errno
import logging
import os
from fcntl import ioctl

from cpcompat.backends.linux import gpio_uapi as uapi
from cpcompat.backends.linux import ledger
from cpcompat.backends.linux.lines import BIASES, consumer
from cpcompat.hal.gpio import Direction
from cpcompat.hal.safe_states import INPUT, STATES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cpcompat.backends.linux.chips import Chip
    from cpcompat.backends.linux.ledger import Told
    from cpcompat.board.definition import BoardDefinition

_TOO_OLD = frozenset((errno.EINVAL, errno.ENOTTY))
_log = logging.getLogger(__name__)


def setting(state: str) -> uapi.Setting:
    """Return what the kernel is told of a line that is to be in a safe state."""
    direction, pull, value = STATES[state]
    if direction is Direction.INPUT:
        return uapi.Setting(uapi.INPUT | BIASES[pull])
    return uapi.Setting(uapi.OUTPUT, value)


def safe_config(offsets: Iterable[int], states: Mapping[int, str]) -> bytearray:
    """Return the configuration that brings the lines of a request into their safe states."""
    return uapi.config([setting(states.get(offset, INPUT)) for offset in offsets])


def outputs(chip: Chip, board: BoardDefinition) -> frozenset[int]:
    """Return the board's lines that nobody holds and that look like outputs.

    LINEINFO tells how a line was used last, not how its pad is now, so this says something only by
    comparison: what became an output while a program ran was driven behind the broker's back. A kernel
    before 5.10 tells of no line so.
    """
    try:
        told = [(offset, chip.line(offset)[2]) for offset in lines_of(board) if offset < chip.count]
    except OSError as error:
        if error.errno not in _TOO_OLD:
            raise
        return frozenset()
    return frozenset(
        offset for offset, flags in told if flags & uapi.OUTPUT and not flags & uapi.USED
    )


def lines_of(board: BoardDefinition) -> frozenset[int]:
    """Return the lines of the chip that a board's file names."""
    return frozenset(pin.id for pin in board.pins.values() if pin.id >= 0)


def set_free_lines(chip: Chip, offsets: Iterable[int], states: Mapping[int, str]) -> dict[int, str]:
    """Bring lines that nobody holds into their safe states.

    A request without flags would leave a line as it is, so each is requested as what it is to be.

    Returns:
        Those that somebody holds, and the holder.
    """
    held = {}
    for offset in dict.fromkeys(offsets):
        asked = uapi.request([offset], [setting(states.get(offset, INPUT))], consumer())
        try:
            ioctl(chip.descriptor, uapi.GET_LINE, asked)
        except OSError as error:
            if error.errno != errno.EBUSY:
                _log.error("line %d stays as it is: %s", offset, error)
            held[offset] = chip.line(offset)[1]
        else:
            os.close(uapi.requested(asked))
    return held


def make_ready() -> None:
    """Load what `by_ledger` needs."""
    from cpcompat.backends.linux import chips
    from cpcompat.board import detect

    del chips, detect


def by_ledger(descriptor: int) -> tuple[Told | None, dict[int, str]]:
    """Make safe what a ledger tells of, after everybody who could has died.

    Args:
        descriptor: The ledger, open for reading and writing; it is cleared where all is safe.

    Returns:
        What the ledger told, and the lines that somebody holds, with the holder.

    Raises:
        HalError: The board's chip is not there.
        UnknownBoardError: The board is not known any more.
    """
    from cpcompat.backends.linux import chips
    from cpcompat.board.detect import definition

    told = ledger.read(descriptor)
    if told is None:
        return None, {}
    for path in told.switches:
        switch_off(path)
    board = definition(told.board)
    chip = chips.find(board)
    try:
        behind = outputs(chip, board) - told.outputs
        held = set_free_lines(chip, (*told.lines, *told.states, *behind), told.states)
    finally:
        chip.close()
    if not held:
        ledger.clear(descriptor)
    return told, held


def switch_off(path: str) -> None:
    """Write a 0 into a file below ``/sys``; one that has gone is off."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    except OSError:
        return
    try:
        os.write(descriptor, b"0")
    except OSError as error:
        _log.warning("%s stays on: %s", path, error)
    finally:
        os.close(descriptor)
