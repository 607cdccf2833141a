"""File systems as objects: the drive, a folder of it, or a medium with FAT on it."""

from __future__ import annotations

from cpcompat import hal
from cpcompat.hal.mounts import Access
from cpcompat.hal.oserrors import board_error
from cpcompat.hal.refusals import noted

from .media import fat, found, image

TYPE_CHECKING = False  # not typing's: that import costs more than all of this package
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from cpcompat.hal.drive_port import Drive, FileSystem, Stat

_ENOENT, _ENODEV, _EINVAL, _EROFS = 2, 19, 22, 30
_FOLDER = 0x4000
_LONGEST_LABEL = 11
_NO_LABEL = "A folder has no label of its own; the drive has, and media with FAT on them."
_HOW_TO_FORMAT = "There is no FAT file system on it. «storage.VfsFat.mkfs(...)» makes one."


class VfsFat:
    """A file system that can be mounted.

    On Linux: besides a block device it takes a path on the drive: of a folder, whose files it
    then shows, or of an image of a FAT file system (FAT12, FAT16, FAT32; with or without a
    partition table), or of a medium's node that the computer has put there.

    Synchronization: one thread at a time.

    Args:
        block_device: Has ``readblocks(start, buffer)``, ``writeblocks(start, buffer)`` and
            ``ioctl(request, argument)`` (4: how many blocks, 5: their size in bytes, 3: be done
            with what was written) or ``count()``. Or the path of a folder or an image.

    Raises:
        OSError: 2 (ENOENT): nothing is at that path. 16 (EBUSY): another process has the image.
    """

    __slots__ = ("_access", "_cwd", "_device", "_files")

    _files: FileSystem | None

    def __init__(self, block_device: Any) -> None:
        self._access = Access()
        self._cwd = "/"
        self._device, self._files = found(block_device)

    @staticmethod
    def mkfs(block_device: Any) -> None:
        """Make an empty file system on a medium; what was on it is lost.

        Args:
            block_device: The medium, or the path of an image, which has its size already.

        Raises:
            OSError: 22 (EINVAL): it is too small. 30 (EROFS): it may only be read.
        """
        from .fat import layout
        from .fat.sectors import Sectors

        device = image(block_device) if isinstance(block_device, str) else block_device
        layout.make(Sectors(device), hal.rtc().now_s() & 0xFFFFFFFF)

    @property
    def label(self) -> str:
        """The file system's name, at most 11 characters; the drive's is ``CIRCUITPY`` at first.

        Raises:
            OSError: 30 (EROFS): it was to be set where one may only read. 22 (EINVAL): it is
                none that a FAT file system can have.
        """
        files: Any = self._ready()
        if _is_drive(files):
            return str(hal.host().get("drive_label"))
        return getattr(files, "label", "")

    @label.setter
    def label(self, value: str) -> None:
        files: Any = self._ready()
        refuse_readonly(self._access)
        if _is_drive(files):
            if len(value) > _LONGEST_LABEL or not value.isascii():
                raise board_error(_EINVAL)
            hal.host().set("drive_label", value.upper())
        elif hasattr(files, "label"):
            files.label = value
        else:
            raise noted(NotImplementedError(), _NO_LABEL)

    @property
    def readonly(self) -> bool:
        """Whether programs may only read; `storage.remount` decides."""
        return not self._access.python_writable or getattr(self._device, "readonly", False)

    def open(self, path: str, mode: str) -> Any:
        """Open a file, as the built-in ``open`` does.

        Args:
            path: From this file system's root, or from where `chdir` went.
            mode: ``"r"``, ``"wb"`` and so on.

        Raises:
            OSError: It is not there, or must not be written, or the like.
            ValueError: That is no mode.
        """
        return open_on(self, path, mode)

    def ilistdir(self, path: str) -> Iterator[tuple[str, int, int, int]]:
        """Return name, kind (0x4000 for a folder, 0x8000 for a file), 0 and size of what is there.

        Args:
            path: A folder.

        Raises:
            OSError: 2 (ENOENT): it is not there. 20: it is no folder.
        """
        return self._ready().ilistdir(self._path(path))

    def mkdir(self, path: str) -> None:
        """Make a folder.

        Raises:
            OSError: 17 (EEXIST): it is there. 30 (EROFS): one may only read.
        """
        self._changing().mkdir(self._path(path))

    def rmdir(self, path: str) -> None:
        """Remove an empty folder.

        Raises:
            OSError: 13 (EACCES): it is not empty. 20: it is no folder. 30 (EROFS).
        """
        self._changing().rmdir(self._path(path))

    def remove(self, path: str) -> None:
        """Remove a file.

        Raises:
            OSError: 2 (ENOENT), 13 (EACCES): it is open. 21: it is a folder. 30 (EROFS).
        """
        self._changing().remove(self._path(path))

    def rename(self, old_path: str, new_path: str) -> None:
        """Move a file or folder; a file of the new name is replaced.

        Raises:
            OSError: 2 (ENOENT), 17 (EEXIST): a folder has that name. 30 (EROFS).
        """
        self._changing().rename(self._path(old_path), self._path(new_path))

    def stat(self, path: str) -> Stat:
        """Return what ``os.stat`` does: mode, five zeros, size, and one time three times.

        Raises:
            OSError: 2 (ENOENT): nothing is there.
        """
        status: Stat = self._ready().stat(self._path(path))
        return status

    def utime(self, path: str, times: tuple[int, int]) -> None:
        """Set the time of change.

        Args:
            path: A file or folder.
            times: Of access, which is not kept, and of change, in seconds since 1970.

        Raises:
            OSError: 2 (ENOENT), 30 (EROFS).
        """
        self._changing().utime(self._path(path), times)

    def statvfs(self, path: str) -> Stat:
        """Return the file system's size.

        Args:
            path: Any path on it.

        Returns:
            Ten numbers, as ``os.statvfs`` has them: the size of a block in bytes twice, how many
            blocks there are, how many are free twice, four zeros, the longest name of a file.
        """
        sizes: Stat = self._ready().statvfs(self._path(path))
        return sizes

    def chdir(self, path: str) -> None:
        """Have this file system's relative paths begin elsewhere.

        Raises:
            OSError: 2 (ENOENT): no folder is there.
        """
        if not self.stat(path)[0] & _FOLDER:
            raise board_error(_ENOENT)
        self._cwd = self._path(path)

    def getcwd(self) -> str:
        """Return where this file system's relative paths begin."""
        return self._cwd

    def mount(self, readonly: bool, mkfs: bool | VfsFat) -> None:
        """Begin to be used. `storage.mount` calls this; programs need not.

        Args:
            readonly: Whether programs may only read it.
            mkfs: Whether a file system is made if there is none.

        Raises:
            OSError: 19 (ENODEV): there is no file system on it.
        """
        if self._files is None and mkfs:
            self.mkfs(self._device)
            self._files = fat(self._device)
        self._ready()
        self._access.usb_writable = bool(readonly)

    def umount(self) -> None:
        """Have everything on the medium. `storage.umount` calls this; programs need not."""
        if self._files is not None and not self.readonly:
            self._files.sync()

    def _ready(self) -> FileSystem:
        if self._files is None:
            raise noted(board_error(_ENODEV), _HOW_TO_FORMAT)
        return self._files

    def _changing(self) -> FileSystem:
        if self.readonly:
            raise board_error(_EROFS)
        return self._ready()

    def _path(self, path: str) -> str:
        return path if path.startswith("/") else f"{self._cwd.rstrip('/')}/{path}"


def open_on(
    filesystem: VfsFat,
    path: str,
    mode: str = "r",
    buffering: int = -1,
    encoding: str | None = None,
    errors: str | None = None,
    newline: str | None = "\n",
) -> Any:
    """Open a file of a file system with all that the built-in ``open`` takes."""
    if "r" not in mode or "+" in mode:
        filesystem._changing()
    files = filesystem._ready()
    return files.open(filesystem._path(path), mode, buffering, encoding, errors, newline)


def refuse_readonly(access: Access) -> None:
    """Refuse a change where programs may only read.

    Raises:
        OSError: 30 (EROFS).
    """
    if not access.python_writable:
        raise board_error(_EROFS)


_mounted: tuple[Drive, VfsFat] | None = None


def mounted() -> VfsFat | None:
    """Return the drive's object, always the same one, or None where there is no drive."""
    global _mounted
    drive = hal.drive()
    if drive is None:
        return None
    if _mounted is None or _mounted[0] is not drive:
        _mounted = drive, over(drive.files())
        _mounted[1]._access = drive.access
    return _mounted[1]


def over(files: FileSystem) -> VfsFat:
    """Return the object for a file system that is there already."""
    made = object.__new__(VfsFat)
    made._access, made._cwd, made._device, made._files = Access(), "/", None, files
    return made


def _is_drive(files: object) -> bool:
    return _mounted is not None and _mounted[1]._files is files
