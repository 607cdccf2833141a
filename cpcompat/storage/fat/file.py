"""Open files: a stream over a chain of clusters."""

from __future__ import annotations

import errno
import io
from typing import TYPE_CHECKING, Any

from cpcompat.hal.oserrors import board_error
from cpcompat.storage.fat.table import END

if TYPE_CHECKING:
    from collections.abc import Callable

    from _typeshed import ReadableBuffer, WriteableBuffer

    from cpcompat.storage.fat.volume import Volume

_LARGEST = 0xFFFFFFFF


class Node:
    """A file that is open, however often: where it is and how long.

    Args:
        volume: The file system.
        folder: The first cluster of its folder.
        slot: Its entry there.
        first: Its first cluster; 0 for none.
        size: Its bytes.

    Attributes:
        key: What tells it from other files.
        opened: How often it is open.
    """

    def __init__(self, volume: Volume, folder: int, slot: int, first: int, size: int) -> None:
        self._volume = volume
        self.key = (folder, slot)
        self.size = size
        self.opened = 0
        self._chain: list[int] = volume.table.chain(first, -(-size // volume.cluster_bytes))

    def read(self, at: int, buffer: memoryview) -> int:
        """Fill a buffer from a place on; return how many bytes there were."""
        count = max(0, min(len(buffer), self.size - at))
        done = 0
        while done < count:
            sector, offset, room = self._span(at + done, count - done)
            size = self._volume.sectors.size
            needed = -(-(offset + min(room, count - done)) // size)
            data = self._volume.sectors.read(sector, needed)[offset:]
            step = min(len(data), count - done)
            buffer[done : done + step] = data[:step]
            done += step
        return count

    def write(self, at: int, data: memoryview) -> None:
        """Write bytes at a place; the file grows as need be.

        What is new is on the medium, and in the table, before the file's entry tells of it.
        """
        end = at + len(data)
        if end > _LARGEST:
            raise board_error(errno.EFBIG)
        if at > self.size:
            self._fill(self.size, at - self.size)
        old = list(self._chain)
        cluster = self._volume.cluster_bytes
        fresh = self._volume.table.pick(max(0, -(-end // cluster) - len(old)))
        self._chain = old + fresh
        try:
            self._store(at, data, end > self.size)
            if fresh:
                self._volume.table.link(fresh)
        except BaseException:
            self._chain = old
            raise
        self._volume.sectors.barrier()
        if fresh and old:
            self._volume.table.join(old[-1], fresh[0])
            self._volume.sectors.barrier()
        self.size = max(self.size, end)
        self.tell()

    def _fill(self, at: int, count: int) -> None:
        """Write zeros between a file's end and a place that was sought beyond it."""
        step = 1 << 16
        for start in range(at, at + count, step):
            self.write(start, memoryview(bytes(min(step, at + count - start))))

    def _store(self, at: int, data: memoryview, grows: bool) -> None:
        size = self._volume.sectors.size
        done = 0
        while done < len(data):
            sector, offset, room = self._span(at + done, len(data) - done)
            if offset or len(data) - done < size:
                step = min(size - offset, len(data) - done)
                self._volume.sectors.write(
                    sector, self._merged(sector, at + done, offset, data[done : done + step], grows)
                )
            else:
                step = min(room, len(data) - done) // size * size
                self._volume.sectors.write(sector, bytes(data[done : done + step]))
            done += step

    def _merged(self, sector: int, at: int, offset: int, data: memoryview, grows: bool) -> bytes:
        """Return a sector with some bytes replaced; one past the file's end was never anything."""
        size = self._volume.sectors.size
        fresh = grows and at - offset >= self.size
        old = bytearray(size) if fresh else bytearray(self._volume.sectors.get(sector))
        old[offset : offset + len(data)] = data
        return bytes(old)

    def _span(self, at: int, wanted: int) -> tuple[int, int, int]:
        """Return the sector of a place, the offset in it, and how many bytes follow in one piece."""
        cluster = self._volume.cluster_bytes
        index, inside = divmod(at, cluster)
        run = 1
        while (
            run * cluster - inside < wanted
            and index + run < len(self._chain)
            and self._chain[index + run] == self._chain[index] + run
        ):
            run += 1
        if index >= len(self._chain):
            raise board_error(errno.EIO)  # the entry tells of more than the chain holds
        skipped, offset = divmod(inside, self._volume.sectors.size)
        sector = self._volume.layout.sector(self._chain[index]) + skipped
        return sector, offset, run * cluster - inside

    def truncate(self, size: int) -> None:
        """Cut or lengthen the file: first its entry, then what nothing points to any longer."""
        if size > self.size:
            self._fill(self.size, size - self.size)
            return
        keep = -(-size // self._volume.cluster_bytes)
        gone, self._chain = self._chain[keep:], self._chain[:keep]
        self.size = size
        self.tell()
        self._volume.sectors.barrier()
        if gone and self._chain:
            self._volume.table.join(self._chain[-1], END)
            self._volume.sectors.barrier()
        self._volume.table.release(gone)

    def tell(self) -> None:
        """Have the file's entry say how it is."""
        folder, slot = self.key
        first = self._chain[0] if self._chain else 0
        self._volume.folder(folder).point(slot, first, self.size, self._volume.now())
        self._volume.sectors.barrier()


class FatStream(io.RawIOBase):
    """A stream of one open file; what is written is on the medium when the call returns.

    Args:
        node: The file.
        mode: As for ``open``: r, w, x or a, perhaps with +.
        closed: Is called once, when it is closed.
        name: What programs call the file.
    """

    def __init__(
        self, node: Node, mode: str, closed: Callable[[Node], None], name: str = ""
    ) -> None:
        super().__init__()
        self._node = node
        self._reads = "r" in mode or "+" in mode
        self._writes = "r" not in mode or "+" in mode
        self._appends = "a" in mode
        self._at = node.size if self._appends else 0
        self._let_go = closed
        self.name = name

    def readable(self) -> bool:
        """Return whether it may be read."""
        return self._reads

    def writable(self) -> bool:
        """Return whether it may be written."""
        return self._writes

    def seekable(self) -> bool:
        """Return that its place may be chosen."""
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Fill a buffer; return how many bytes there were."""
        self._check(self._reads)
        count = self._node.read(self._at, memoryview(buffer).cast("B"))
        self._at += count
        return count

    def write(self, data: ReadableBuffer) -> int:
        """Write bytes; return how many."""
        self._check(self._writes)
        view = memoryview(data).cast("B")
        if self._appends:
            self._at = self._node.size
        if len(view):
            self._node.write(self._at, view)
        self._at += len(view)
        return len(view)

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go to a place: from the start, from here (1) or from the end (2)."""
        self._check(True)
        place = offset + (0, self._at, self._node.size)[whence]
        if place < 0:
            raise board_error(errno.EINVAL)
        self._at = place
        return place

    def truncate(self, size: int | None = None) -> int:
        """Make the file as long as that, or end here."""
        self._check(self._writes)
        wanted = self._at if size is None else size
        self._node.truncate(wanted)
        return wanted

    def close(self) -> None:
        """Let the file go."""
        if not self.closed:
            super().close()
            self._let_go(self._node)
            del self._node, self._let_go  # with them goes the medium, when nobody else has it

    def _check(self, allowed: bool) -> None:
        if self.closed:
            raise ValueError("I/O operation on closed file")
        if not allowed:
            raise io.UnsupportedOperation("not readable" if not self._reads else "not writable")


def stream(
    raw: FatStream, mode: str, buffering: int, encoding: str | None, errors: Any, newline: Any
) -> Any:
    """Return what ``open`` gives: text, or bytes through a buffer, or the bare stream."""
    if buffering == 0 and "b" in mode:
        return raw
    size = buffering if buffering > 1 else io.DEFAULT_BUFFER_SIZE
    buffered: Any
    if "+" in mode:
        buffered = io.BufferedRandom(raw, size)
    elif "r" in mode:
        buffered = io.BufferedReader(raw, size)
    else:
        buffered = io.BufferedWriter(raw, size)
    if "b" in mode:
        return buffered
    return io.TextIOWrapper(buffered, encoding or "utf-8", errors, newline, buffering == 1)
