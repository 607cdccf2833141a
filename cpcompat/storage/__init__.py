"""The drive that this program came from.

On Linux: the drive is a folder, which the program and the computer both write; there is nothing
to mount, and no USB drive to switch on or off. What cannot be done raises, with the reason.
"""

from __future__ import annotations

from .vfs_fat import VfsFat, mounted

TYPE_CHECKING = False  # not typing's: that import costs more than all of this package
if TYPE_CHECKING:
    from typing import NoReturn

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

_NO_MOUNTS = "The drive is a folder on Linux; mount file systems on the computer, inside it."
_SHARED = "The drive is a folder that the computer writes too; it cannot be made read-only here."
_NO_USB = "This board is no USB device."
_NO_ERASE = "Files are never erased as a whole here; delete the folder's files on the computer."


def mount(filesystem: VfsFat, mount_path: str, *, readonly: bool = False) -> NoReturn:
    """Not offered: the only file system is the drive, and that is mounted.

    Args:
        filesystem: The file system.
        mount_path: Where to.
        readonly: Whether programs may only read it.

    Raises:
        TypeError: That is no file system.
        OSError: 1 (EPERM), else.
    """
    if not isinstance(filesystem, VfsFat):
        kind = type(filesystem).__name__
        raise TypeError(f"filesystem must be of type VfsFat, not {kind}")
    raise _refused(OSError(1, "Operation not permitted"), _NO_MOUNTS)


def umount(mount: str | VfsFat) -> NoReturn:
    """Not offered: the only file system is the drive.

    Args:
        mount: The file system or its path.

    Raises:
        OSError: 1 (EPERM) for the drive, 22 (EINVAL) for anything else.
    """
    if isinstance(mount, VfsFat) or _is_root(mount):
        raise _refused(OSError(1, "Operation not permitted"), _NO_MOUNTS)
    raise _refused(OSError(22, "Invalid argument"), _NO_MOUNTS)


def remount(
    mount_path: str, readonly: bool = False, *, disable_concurrent_write_protection: bool = False
) -> None:
    """Let programs write the drive, which they may at any time.

    Args:
        mount_path: ``"/"``.
        readonly: False.
        disable_concurrent_write_protection: Without effect: the computer can always write.

    Raises:
        OSError: 22 (EINVAL): nothing is mounted there.
        RuntimeError: ``readonly`` was asked for.
    """
    getmount(mount_path)
    if readonly:
        raise _refused(RuntimeError("Cannot remount path when visible via USB."), _SHARED)


def getmount(mount_path: str) -> VfsFat:
    """Return the file system at a path.

    Args:
        mount_path: ``"/"``.

    Raises:
        OSError: 22 (EINVAL): nothing is mounted there.
    """
    drive = mounted() if _is_root(mount_path) else None
    if drive is None:
        note = "A program started by itself has no drive." if _is_root(mount_path) else _NO_MOUNTS
        raise _refused(OSError(22, "Invalid argument"), note)
    return drive


def erase_filesystem(extended: bool | None = None) -> NoReturn:
    """Not offered.

    Args:
        extended: Whether the drive shall be larger.

    Raises:
        NotImplementedError: Always.
    """
    raise _refused(
        NotImplementedError("extended=True") if extended else NotImplementedError(), _NO_ERASE
    )


def disable_usb_drive() -> NoReturn:
    """Not offered, as on boards that are no USB device.

    Raises:
        RuntimeError: Always.
    """
    raise _refused(RuntimeError("Cannot change USB devices now"), _NO_USB)


def unsafe_disable_usb_drive() -> NoReturn:
    """Not offered, as on boards that are no USB device.

    Raises:
        RuntimeError: Always.
    """
    raise _refused(RuntimeError("Cannot change USB devices now"), _NO_USB)


def enable_usb_drive() -> NoReturn:
    """Not offered, as on boards that are no USB device.

    Raises:
        RuntimeError: Always.
    """
    raise _refused(RuntimeError("Cannot change USB devices now"), _NO_USB)


def _is_root(path: str) -> bool:
    return path.rstrip("/") == "" and path != ""


def _refused(error: Exception, reason: str) -> Exception:
    error.add_note(reason)
    return error
