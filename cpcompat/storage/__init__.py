"""The drive that this program came from, and file systems that it mounts in it.

On Linux: the drive is a folder, which the program and the computer both write, unless `cpcompat usb`
has made it a USB drive: then one side writes at a time. What is mounted here is seen by the program
alone, and only as long as it runs; ``open``, ``os`` and ``import`` of the drive find it.
"""

from __future__ import annotations

from .mounting import erase_filesystem, getmount, mount, remount, umount
from .usb_drive import disable_usb_drive, enable_usb_drive, unsafe_disable_usb_drive
from .vfs_fat import VfsFat

__all__ = [
    "VfsFat",
    "disable_usb_drive",
    "enable_usb_drive",
    "erase_filesystem",
    "getmount",
    "mount",
    "remount",
    "umount",
    "unsafe_disable_usb_drive",
]
