"""Where a drive is and what belongs to its running supervisor: the checks, the lock, the folder."""

from __future__ import annotations

import fcntl
import hashlib
import os
import stat
from pathlib import Path

from cpcompat.errors import DriveError
from cpcompat.storage.drive.names import BOOT_NAMES, CODE_NAMES, SETTINGS_NAME

_MARKS = (*CODE_NAMES, *BOOT_NAMES, SETTINGS_NAME)


def checked(drive: str | Path) -> Path:
    """Return the folder of a drive as an absolute path without symbolic links.

    Args:
        drive: What the user named.

    Raises:
        DriveError: It is no folder, has nothing of a drive in it, or is a place where a
            program that «wipes the drive» would do harm.
    """
    root = Path(drive).resolve()
    if not root.is_dir():
        raise DriveError(f"no folder {str(drive)!r}", f"«cpcompat new {drive}» makes a drive.")
    refuse_harmful(root)
    if not any((root / name).is_file() for name in _MARKS):
        raise DriveError(
            f"no code.py, boot.py or settings.toml in {str(root)!r}",
            f"If it is to be a drive, «cpcompat new {drive}» puts a first program there.",
        )
    return root


def refuse_harmful(root: Path) -> None:
    """Refuse a place where a program that «wipes the drive» would do harm.

    Args:
        root: An absolute path without symbolic links.

    Raises:
        DriveError: It is the root of the host, or somebody's home.
    """
    if root == Path("/"):
        raise DriveError("'/' cannot be a drive", "A program may erase its whole drive.")
    if root in _homes():
        raise DriveError(
            f"a home folder cannot be a drive: {str(root)!r}",
            "A program may erase its whole drive. Make a folder for it: «cpcompat new my-board».",
        )


def _homes() -> set[Path]:
    import pwd

    homes = {Path(entry.pw_dir) for entry in pwd.getpwall()}
    homes.add(Path.home())
    # System users have folders such as /usr/sbin as their home; those must not be drives either.
    return {home.resolve() for home in homes if home.is_absolute()}


def run_folder(drive: Path) -> Path:
    """Return the private folder for what lives as long as the drive's supervisor (sockets, lock).

    It is under ``$XDG_RUNTIME_DIR`` where that is set, else under ``/run`` for root and under
    ``/tmp`` for others; its name follows from the drive's path, so every process finds it.

    Raises:
        DriveError: Somebody else has made a folder of that name.
    """
    digest = hashlib.sha256(os.fsencode(drive)).hexdigest()[:16]
    folder = _runtime_root() / digest
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def run_folders() -> list[Path]:
    """Return the folders of all drives that this user runs or has run since the computer started.

    Raises:
        DriveError: See `run_folder`.
    """
    return sorted(path for path in _runtime_root().iterdir() if path.is_dir())


def state_folder(drive: Path) -> Path:
    """Return the folder for what outlives the computer's power: it need not be there yet.

    It is under ``$XDG_STATE_HOME`` where that is set, else under ``/var/lib`` for root and under
    ``~/.local/state`` for others; its name follows from the drive's path.
    """
    digest = hashlib.sha256(os.fsencode(drive)).hexdigest()[:16]
    given = os.environ.get("XDG_STATE_HOME")
    if given:
        return Path(given, "cpcompat", digest)
    if os.getuid() == 0:
        return Path("/var/lib/cpcompat", digest)
    return Path.home() / ".local" / "state" / "cpcompat" / digest


def _runtime_root() -> Path:
    given = os.environ.get("XDG_RUNTIME_DIR")
    uid = os.getuid()
    if given:
        root = Path(given, "cpcompat")
    elif uid == 0:
        root = Path("/run/cpcompat")
    else:
        root = Path(f"/tmp/cpcompat-{uid}")
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    state = root.lstat()
    if state.st_uid != uid or not stat.S_ISDIR(state.st_mode) or state.st_mode & 0o077:
        raise DriveError(
            f"the folder {str(root)!r} is not private to this user",
            f"Remove it, or set XDG_RUNTIME_DIR to a folder of your own: «rm -r {root}».",
        )
    return root


class DriveLock:
    """The right to supervise a drive; one process at a time has it, and death gives it back.

    Args:
        drive: The drive, as `checked` gave it.

    Raises:
        DriveError: Another process has it; the message names that process.
    """

    def __init__(self, drive: Path) -> None:
        path = run_folder(drive) / "lock"
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(self._descriptor, 32, 0).decode("ascii", "replace").strip()
            os.close(self._descriptor)
            raise DriveError(
                f"the drive {str(drive)!r} is run by process {holder or '?'} already",
                f"End that one first: «kill {holder}».",
            ) from None
        os.truncate(self._descriptor, 0)
        os.pwrite(self._descriptor, f"{os.getpid()}\n".encode("ascii"), 0)

    def close(self) -> None:
        """Give the drive back."""
        os.close(self._descriptor)
