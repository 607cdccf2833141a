"""Mounting file systems in the drive, and who may write them.

Source: CircuitPython ``shared-module/storage/__init__.c``.
"""

from __future__ import annotations

from cpcompat import hal
from cpcompat.hal.oserrors import board_error
from cpcompat.hal.refusals import noted

from . import usb_drive
from .vfs_fat import VfsFat, mounted

TYPE_CHECKING = False  # not typing's: that import costs more than all of this package
if TYPE_CHECKING:
    from typing import NoReturn

    from cpcompat.hal.drive_port import Drive

__all__ = ["erase_filesystem", "getmount", "mount", "remount", "umount"]

_EPERM, _EINVAL = 1, 22
_NO_DRIVE = "A program started by itself has no drive to mount in."
_THE_DRIVE_STAYS = "The drive itself stays mounted."
_HELD = (
    "Eject the drive on the computer first, or do it in boot.py, before the computer sees the drive: "
    'storage.remount("/", readonly=False).'
)
_IN_USE = "A file system is mounted there, above it or below it."


def mount(filesystem: VfsFat, mount_path: str, *, readonly: bool = False) -> None:
    """Show a file system's files in a folder of the drive, until the program ends.

    On Linux: this program alone sees them, by ``open``, ``os`` and ``import``. ``pathlib`` and
    other parts of CPython that the drive does not have see the folder that is beneath.

    Args:
        filesystem: The file system.
        mount_path: A folder of the drive: ``"/sd"``.
        readonly: Whether programs may only read it.

    Raises:
        TypeError: That is no file system.
        RuntimeError: There is no such folder.
        OSError: 1 (EPERM): another one is mounted there. 19 (ENODEV): there is no file system on
            the medium.
    """
    if not isinstance(filesystem, VfsFat):
        kind = type(filesystem).__name__
        raise TypeError(f"filesystem must be of type VfsFat, not {kind}")
    drive = hal.drive()
    if drive is None:
        raise noted(RuntimeError("Mount point directory missing"), _NO_DRIVE)
    path = _normal(drive, mount_path)
    if path == "/":
        raise noted(board_error(_EPERM), _THE_DRIVE_STAYS)
    if not drive.is_folder(path):
        raise noted(
            RuntimeError("Mount point directory missing"), f"Make it first: os.mkdir({path!r})."
        )
    if drive.mounts.find(path) is not None:
        raise noted(board_error(_EPERM), _IN_USE)
    filesystem.mount(readonly, False)
    if not drive.mounts.add(path, filesystem):
        raise noted(board_error(_EPERM), _IN_USE)


def umount(mount: str | VfsFat) -> None:
    """Show the drive's own files again.

    Args:
        mount: The file system or its path.

    Raises:
        OSError: 22 (EINVAL): that is not mounted. 1 (EPERM): it is the drive.
    """
    drive = hal.drive()
    if drive is not None:
        if mount is mounted() or (isinstance(mount, str) and _normal(drive, mount) == "/"):
            raise noted(board_error(_EPERM), _THE_DRIVE_STAYS)
        path = _normal(drive, mount) if isinstance(mount, str) else drive.mounts.path_of(mount)
        filesystem = None if path is None else drive.mounts.at(path)
        if path is not None and filesystem is not None:
            drive.mounts.remove(path)
            if f"{drive.cwd}/".startswith(f"{path}/"):
                drive.cwd = "/"
            filesystem.umount()
            return
    raise board_error(_EINVAL)


def remount(
    mount_path: str, readonly: bool = False, *, disable_concurrent_write_protection: bool = False
) -> None:
    """Decide whether programs may write a file system.

    On Linux: on a board that is no USB drive nobody else holds the drive, so this can be done at any
    time. In boot.py it counts for code.py and the REPL, until the next reset; boot.py itself may
    always write.

    Args:
        mount_path: ``"/"`` for the drive, or where a file system is mounted.
        readonly: Whether programs may only read it.
        disable_concurrent_write_protection: Whether programs and USB host may both write, in
            which case ``readonly`` holds nobody back.

    Raises:
        OSError: 22 (EINVAL): nothing is mounted there.
        RuntimeError: The drive is a USB drive, and the host has it.
    """
    filesystem = getmount(mount_path)
    if filesystem is mounted() and usb_drive.is_held():
        raise noted(RuntimeError("Cannot remount path when visible via USB."), _HELD)
    access = filesystem._access
    access.usb_writable = bool(readonly)
    access.protected = not disable_concurrent_write_protection
    if filesystem is mounted():
        hal.host().set("drive_access", access.fact())


def getmount(mount_path: str) -> VfsFat:
    """Return the file system at a path.

    Args:
        mount_path: ``"/"`` for the drive, or where one is mounted.

    Raises:
        OSError: 22 (EINVAL): nothing is mounted there.
    """
    drive = hal.drive()
    if drive is None:
        raise noted(board_error(_EINVAL), _NO_DRIVE)
    path = _normal(drive, mount_path) if mount_path else ""
    found: VfsFat | None = mounted() if path == "/" else drive.mounts.at(path)
    if found is None:
        raise board_error(_EINVAL)
    return found


def erase_filesystem(extended: bool | None = None) -> NoReturn:
    """Remove everything from the drive, put the files of a fresh board there, and reset.

    On Linux: ``cpcompat.toml`` and ``sim.toml``, which are the board's wiring, and a repository
    (``.git``) on the drive stay, and so does what the computer has
    mounted in it. Nothing outside the drive is touched, not even through links.

    Args:
        extended: Whether the drive shall be larger, which it cannot be.

    Raises:
        NotImplementedError: ``extended`` was asked for.
        CpcompatError: The program was started by itself.
    """
    if extended:
        raise NotImplementedError("extended=True")
    hal.host().erase()


def _normal(drive: Drive, path: str) -> str:
    """Return a path from the drive's root without dots and needless slashes."""
    parts: list[str] = []
    for part in drive.absolute(path).split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part not in ("", "."):
            parts.append(part)
    return "/" + "/".join(parts)
