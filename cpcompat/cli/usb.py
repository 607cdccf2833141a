"""``cpcompat usb``: the drive as a USB drive of the computer that the board is plugged into."""

from __future__ import annotations

import argparse
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from cpcompat.supervisor.process.loop import Supervisor


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "usb",
        help="make the drive a USB drive of the computer that the board is plugged into",
        description="Make the drive a USB drive and the console a USB serial port, or say how it is.",
    )
    verbs = parser.add_subparsers(dest="verb", metavar="on|off|status", required=True)
    on = verbs.add_parser("on", help="make this computer a USB device (as root, at each start)")
    on.add_argument(
        "--controller", default="", metavar="NAME", help="which controller, where there are several"
    )
    off = verbs.add_parser("off", help="make it none any more (as root)")
    status = verbs.add_parser("status", help="say how it is, and what is missing")
    for verb, function in ((on, _on), (off, _off), (status, _status)):
        verb.set_defaults(run=function)
        if verb is not off:
            verb.add_argument(
                "drive", nargs="?", default=".", metavar="DRIVE", help="the drive's folder"
            )


def _on(arguments: argparse.Namespace) -> int:
    from cpcompat.board import detect
    from cpcompat.storage.drive.place import checked
    from cpcompat.workflows.usb import gadget

    drive = checked(arguments.drive)
    controller = gadget.chosen(arguments.controller)
    board = detect.definition(detect.detect())
    made = gadget.Gadget()
    identity = gadget.Identity(board.name, gadget.serial_of(drive))
    made.make(identity, controller, drive.stat().st_uid)
    print(f"This computer is a USB device at {controller}, with a console and the drive {drive}.")
    print(f"The drive is there while «cpcompat run {drive}» runs, and then programs only read it.")
    print("The console is /dev/ttyGS0 here: «--console uart:/dev/ttyGS0».")
    return 0


def _off(arguments: argparse.Namespace) -> int:
    from cpcompat.errors import CpcompatError
    from cpcompat.workflows.usb import gadget

    try:
        gadget.Gadget().remove()
    except OSError as error:
        raise CpcompatError(
            f"the USB device cannot be removed: {error}", "Run it as root: «sudo cpcompat usb off»."
        ) from error
    print("This computer is no USB device any more.")
    return 0


def _status(arguments: argparse.Namespace) -> int:
    from cpcompat.storage.drive.place import checked
    from cpcompat.workflows.usb import gadget

    drive = checked(arguments.drive)
    found = gadget.Gadget()
    if not found.serial:
        gadget.chosen("")
        print("This computer could be a USB device and is none: «sudo cpcompat usb on».")
        return 0
    if found.serial != gadget.serial_of(drive):
        print("This computer is a USB device, with another drive.")
        return 0
    slot = gadget.Slot(found)
    print(f"This computer is a USB device at {found.controller}, with the drive {drive}.")
    print("A computer is connected." if slot.connected else "No computer is connected.")
    print(
        "It sees the drive." if slot.medium else "The drive is not in its slot: it is ejected, or"
    )
    if not slot.medium:
        print(f"disabled by a program, or «cpcompat run {drive}» does not run.")
    return 0


# What `cpcompat run` needs.


@asynccontextmanager
async def beside(supervisor: Supervisor) -> AsyncIterator[None]:
    """Run the USB drive beside a supervisor, where `cpcompat usb on` has prepared it.

    Args:
        supervisor: The supervisor.
    """
    slot_is_ours, drive = _prepared(supervisor.options.drive), supervisor.options.drive
    if not slot_is_ours:
        yield
        return
    from cpcompat.workflows.usb.gadget import Gadget, Slot, serial_of
    from cpcompat.workflows.usb.service import Service

    service = Service(supervisor, Slot(Gadget()), int(serial_of(drive)[:8], 16))
    try:
        await service.ready()
        yield
    finally:
        await service.close()


def _prepared(drive: Path) -> bool:
    """Tell whether the gadget is there for this drive and this user; say what keeps it from that."""
    from cpcompat.workflows.usb.gadget import Gadget, Slot, serial_of

    found = Gadget()
    if found.serial != serial_of(drive):
        return False
    if Slot(found).usable:
        return True
    print("cpcompat: the USB drive is another user's, so it stays empty.", file=sys.stderr)
    print("  It belongs to the drive's owner: «sudo cpcompat usb on» again.", file=sys.stderr)
    return False
