"""Who has the drive, the board or the USB host, and what is to be done next about it. Pure.

The folder is the drive. What the host gets is an image of it, a medium in the gadget's slot, and host and
kernel change the medium's content without asking. So there is no sequence of events to be relied on: each
time, what is the case is looked at anew, and one step follows from it. Steps come to rest when nothing
moves any more.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple


class Step(Enum):
    """What is to be done next."""

    NOTHING = "nothing"
    FORCE_OUT = "force out"
    """Take the medium out, whatever the host does with it."""
    ASK_BACK = "ask back"
    """Take the medium out if the host has not mounted it."""
    TAKE_OVER = "take over"
    """Bring what the host has written into the folder."""
    PROJECT = "project"
    """Make the image anew from the folder."""
    PUT_IN = "put in"
    """Put the medium in."""


class Sight(NamedTuple):
    """What is the case.

    Attributes:
        offered: The board wants the host to have the drive: it has booted, and nobody disabled it.
        host_writes: The host is the one that may write, not the program.
        is_in: The medium is in its slot.
        writable: It was put in so that the host may write it.
        ejected: The host has put it out, and gets it back when it is plugged in anew.
        written: The host has written, or may have, what the folder does not have.
        settled: The host has been quiet since, long enough for a file to be whole.
        stale: The folder has what the image does not have.
        calm: Folder and host have been quiet long enough for a change of the medium.
    """

    offered: bool = False
    host_writes: bool = True
    is_in: bool = False
    writable: bool = False
    ejected: bool = False
    written: bool = False
    settled: bool = True
    stale: bool = False
    calm: bool = True


def next_step(sight: Sight) -> Step:
    """Return what is to be done next.

    What the host has written is never given up: it is taken over before the image is made anew.
    """
    if sight.is_in:
        return _while_in(sight)
    if sight.written:
        return Step.TAKE_OVER
    if not sight.offered or sight.ejected:
        return Step.NOTHING
    return Step.PROJECT if sight.stale else Step.PUT_IN


def _while_in(sight: Sight) -> Step:
    if not sight.offered or sight.writable != sight.host_writes:
        return Step.FORCE_OUT
    if sight.written:
        return Step.TAKE_OVER if sight.settled else Step.NOTHING
    return Step.ASK_BACK if sight.stale and sight.calm else Step.NOTHING


def bides(sight: Sight) -> bool:
    """Tell whether the next step may come by nothing but time."""
    return sight.is_in and (sight.written or sight.stale)


def holds(sight: Sight, *, connected: bool) -> bool:
    """Tell whether the host holds the drive, so that nobody else may write it.

    Args:
        sight: What is the case.
        connected: A host has configured the board's USB device.

    Source: CircuitPython ``usb_msc_flash.c``: the host has the lock from when it was told that it may
    write until it ejects the drive or goes away.
    """
    return connected and sight.is_in and sight.writable
