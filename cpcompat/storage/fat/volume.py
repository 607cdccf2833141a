"""A FAT file system as a whole: paths, and what can be done with them."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from cpcompat.hal.oserrors import board_error
from cpcompat.storage.fat import layout, moving, names, repair
from cpcompat.storage.fat.file import FatStream, Node, stream
from cpcompat.storage.fat.folder import ARCHIVE, FOLDER, LABEL, READ_ONLY, Entry, Folder, packed
from cpcompat.storage.fat.moving import Place
from cpcompat.storage.fat.sectors import Sectors
from cpcompat.storage.fat.table import Table

if TYPE_CHECKING:
    from cpcompat.hal.drive_port import Stat

IS_FOLDER, IS_FILE = 0x4000, 0x8000
_LONGEST_NAME = 255
_LONGEST_LABEL = 11
_NOT_IN_LABEL = frozenset('"*+,./:;<=>?[\\]|')


class Volume:
    """The files of a medium.

    Paths begin at its root, with or without a slash.

    Synchronization: one thread at a time.

    Args:
        device: See `cpcompat.storage.fat.sectors.Sectors`.
        now: Tells the date and time, in seconds since 1970.

    Raises:
        OSError: 19 (ENODEV): no FAT file system is there.
    """

    def __init__(self, device: Any, now: Callable[[], float]) -> None:
        found = layout.find(Sectors(device))
        if found is None:
            raise board_error(errno.ENODEV)
        self.sectors, self.layout = found
        self.table = Table(self.sectors, self.layout)
        self.cluster_bytes = self.layout.cluster_sectors * self.sectors.size
        self.now = now
        self._nodes: dict[tuple[int, int], Node] = {}
        if self.sectors.writable:
            repair.finish_moves(self)

    def folder(self, first: int) -> Folder:
        """Return a folder by its first cluster; 0 for the root."""
        return Folder(self.sectors, self.layout, self.table, first)

    def clusters(self, entry: Entry) -> list[int]:
        """Return the clusters that are an entry's: of a file no more than its size needs."""
        if entry.is_folder:
            return self.table.folder_chain(entry.first)
        return self.table.chain(entry.first, -(-entry.size // self.cluster_bytes))

    def _place(self, path: str) -> Place:
        parts = [part for part in path.split("/") if part not in ("", ".")]
        here, entry, name = self.folder(0), None, ""
        trail: list[Place] = [Place(here, "", None)]
        for part in parts:
            if part == "..":
                trail = trail[:-1] or trail
                continue
            here, name, entry = trail[-1]
            if name:
                if entry is None:
                    raise board_error(errno.ENOENT)
                if not entry.is_folder:
                    raise board_error(errno.ENOENT)
                here = self.folder(entry.first)
            name = names.checked(part)
            trail.append(Place(here, name, here.find(name)))
        return trail[-1]

    def _there(self, path: str) -> tuple[Folder, Entry]:
        place = self._place(path)
        if not place.name:
            raise board_error(errno.EINVAL)
        if place.entry is None:
            raise board_error(errno.ENOENT)
        return place.folder, place.entry

    def _inside(self, path: str) -> Folder:
        """Return the folder that a path names."""
        place = self._place(path)
        if not place.name:
            return place.folder
        if place.entry is None:
            raise board_error(errno.ENOENT)
        if not place.entry.is_folder:
            raise board_error(errno.ENOTDIR)
        return self.folder(place.entry.first)

    # Files.

    def open(
        self,
        path: str,
        mode: str = "r",
        buffering: int = -1,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = "\n",
    ) -> Any:
        """Open a file.

        Raises:
            OSError: It is not there, is a folder, is protected, or is there already (x).
        """
        place = self._place(path)
        entry = place.entry
        if entry is not None and (entry.is_folder or "x" in mode):
            raise board_error(errno.EISDIR if entry.is_folder else errno.EEXIST)
        if not place.name:
            raise board_error(errno.EISDIR)
        if entry is None:
            if "r" in mode:
                raise board_error(errno.ENOENT)
            entry = place.folder.add(place.name, ARCHIVE, 0, 0, self.now())
            self.sectors.barrier()
        elif entry.attributes & READ_ONLY and ("r" not in mode or "+" in mode):
            raise board_error(errno.EACCES)
        node = self._node(place.folder, entry)
        if "w" in mode and node.size:
            node.truncate(0)
        node.opened += 1
        raw = FatStream(node, mode, self._let_go, path)
        return stream(raw, mode, buffering, encoding, errors, newline)

    def _node(self, folder: Folder, entry: Entry) -> Node:
        key = (folder.first, entry.slots[-1])
        if key not in self._nodes:
            self._nodes[key] = Node(self, *key, entry.first, entry.size)
        return self._nodes[key]

    def _let_go(self, node: Node) -> None:
        node.opened -= 1
        if not node.opened:
            self._nodes.pop(node.key, None)

    def _refuse_open(self, folder: Folder, entry: Entry) -> None:
        if (folder.first, entry.slots[-1]) in self._nodes:
            raise board_error(errno.EACCES)

    def remove(self, path: str) -> None:
        """Remove a file."""
        folder, entry = self._there(path)
        if entry.is_folder:
            raise board_error(errno.EISDIR)
        if entry.attributes & READ_ONLY:
            raise board_error(errno.EACCES)
        self._refuse_open(folder, entry)
        self._discard(folder, entry)

    def _discard(self, folder: Folder, entry: Entry) -> None:
        folder.remove(entry)
        self.sectors.barrier()
        self.table.release(self.clusters(entry))
        self.sectors.barrier()

    # Folders.

    def mkdir(self, path: str) -> None:
        """Make a folder."""
        place = self._place(path)
        if place.entry is not None or not place.name:
            raise board_error(errno.EEXIST)
        (cluster,) = self.table.pick(1)
        at = self.now()
        dots = packed(b".          ", FOLDER, 0, cluster, 0, at)
        dots += packed(b"..         ", FOLDER, 0, place.folder.first, 0, at)
        content = dots + bytes(self.cluster_bytes - len(dots))
        self.sectors.write(self.layout.sector(cluster), content)
        self.table.link([cluster])
        self.sectors.barrier()
        try:
            place.folder.add(place.name, FOLDER, cluster, 0, at)
        except OSError:
            self.table.release([cluster])
            raise
        self.sectors.barrier()

    def rmdir(self, path: str) -> None:
        """Remove an empty folder."""
        folder, entry = self._there(path)
        if not entry.is_folder:
            raise board_error(errno.ENOTDIR)
        if any(True for _ in self._members(self.folder(entry.first))):
            raise board_error(errno.EACCES)
        self._discard(folder, entry)

    def ilistdir(self, path: str) -> Iterator[tuple[str, int, int, int]]:
        """Return name, kind, 0 and size of each thing in a folder."""
        rows = [
            (entry.name, IS_FOLDER if entry.is_folder else IS_FILE, 0, entry.size)
            for entry in self._members(self._inside(path))
        ]
        return iter(rows)

    def _members(self, folder: Folder) -> Iterator[Entry]:
        for entry in folder:
            if not entry.attributes & LABEL and entry.short[:1] != b".":
                yield entry

    def rename(self, old_path: str, new_path: str) -> None:
        """Move a file or folder; a file of the new name is replaced."""
        folder, entry = self._there(old_path)
        target = self._place(new_path)
        self._refuse_open(folder, entry)
        if target.entry is not None and target.entry.slots != entry.slots:
            self._refuse_open(target.folder, target.entry)
        moving.move(self, folder, entry, target)

    # Facts.

    def stat(self, path: str) -> Stat:
        """Return a plain 10-tuple: mode, five zeros, size, and one time three times."""
        place = self._place(path)
        if not place.name:
            return (IS_FOLDER, 0, 0, 0, 0, 0, 0, 0, 0, 0)
        if place.entry is None:
            raise board_error(errno.ENOENT)
        it = place.entry
        mode = IS_FOLDER if it.is_folder else IS_FILE
        node = self._nodes.get((place.folder.first, it.slots[-1]))
        size = 0 if it.is_folder else node.size if node else it.size
        return (mode, 0, 0, 0, 0, 0, size, it.changed, it.changed, it.changed)

    def utime(self, path: str, times: tuple[int, int]) -> None:
        """Set the time of change."""
        folder, entry = self._there(path)
        folder.point(entry.slots[-1], entry.first, entry.size, times[1])

    def statvfs(self, path: str) -> Stat:
        """Return a 10-tuple with the sizes of the file system, in clusters."""
        size, free = self.cluster_bytes, self.table.free()
        return (size, size, self.layout.clusters, free, free, 0, 0, 0, 0, _LONGEST_NAME)

    @property
    def label(self) -> str:
        """The file system's label."""
        entry = self.folder(0).label()
        return entry.short.decode("cp437").rstrip() if entry else ""

    @label.setter
    def label(self, value: str) -> None:
        text = value.upper()
        if len(text) > _LONGEST_LABEL or not text.isascii() or not _NOT_IN_LABEL.isdisjoint(text):
            raise board_error(errno.EINVAL)
        root = self.folder(0)
        entry = root.label()
        row = packed(text.ljust(_LONGEST_LABEL).encode("ascii"), LABEL, 0, 0, 0, self.now())
        if entry is not None and text.strip():
            root.put(entry.slots[-1], row)
        elif entry is not None:
            root.remove(entry)
        elif text.strip():
            root.write([row])
        # The boot sector has it once more, at the end of its fields.
        shown = (text.strip() or "NO NAME").ljust(_LONGEST_LABEL).encode("ascii")
        self.sectors.change(0, 71 if self.layout.bits == 32 else 43, shown)
        self.sectors.barrier()

    def sync(self) -> None:
        """Have everything on the medium, the count of free clusters included."""
        self.table.settle()
        self.sectors.barrier()
