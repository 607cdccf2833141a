"""The ring in which a program notes what goes over its buses, while somebody looks. Pure.

It is a file in memory of a fixed size: a head whose first byte says whether anybody looks, then slots.
A record goes into the slot that its number names, and begins with a checksum of all the rest: what was
written by halves, or over while it was read, is no record. A program may write anything into it.
"""

from __future__ import annotations

from struct import Struct
from zlib import crc32

TYPE_CHECKING = False  # not typing's: that import costs more than this package
if TYPE_CHECKING:
    from cpcompat.hal.buffers import ReadableBuffer

HEAD, SLOT, SLOTS = 64, 128, 256
SIZE = HEAD + SLOT * SLOTS
KEPT = 32
"""The most bytes of one direction that are noted; the number of all of them is, in any case."""
MOST = 2**53 - 1
"""The greatest number or time of a record: more no web page can tell."""
I2C, SPI, UART = 1, 2, 3
NOWHERE = 0xFFFF
"""Instead of an address: nobody is known to be meant."""
_OK, _WRITES, _READS = 1, 2, 4
_CHECK = Struct("<I")
_BODY = Struct("<QQBBHHII32s32s")
"""Number, time, kind, flags, bus, address, sizes written and read, their first bytes."""


class Record:
    """A transfer.

    Attributes:
        number: Which one it is since the ring was made, from 1.
        time_ns: When it had ended, on the board's clock.
        kind: `I2C`, `SPI` or `UART`.
        bus: The bus's number.
        address: The part's, or which chip select of the bus is low, or `NOWHERE`.
        ok: Whether it was acknowledged.
        written: The first bytes sent and the number of all; None where none were to be.
        read: The same of those received.
    """

    __slots__ = ("address", "bus", "kind", "number", "ok", "read", "time_ns", "written")

    def __init__(
        self,
        what: tuple[int, int, int],
        place: tuple[int, int],
        ok: bool,
        written: tuple[bytes, int] | None,
        read: tuple[bytes, int] | None,
    ) -> None:
        self.number, self.time_ns, self.kind = what
        self.bus, self.address = place
        self.ok = ok
        self.written = written
        self.read = read


def place(number: int) -> int:
    """Return where in the ring a record goes."""
    return HEAD + number % SLOTS * SLOT


def packed(
    what: tuple[int, int, int],
    bus: int,
    address: int,
    ok: bool,
    written: tuple[bytes, int] | None,
    read: tuple[bytes, int] | None,
) -> bytes:
    """Return what is written into a slot; see `Record`.

    Args:
        what: Number, time and kind.
        bus: The bus.
        address: Who is meant.
        ok: Whether it was acknowledged.
        written: What was sent, as `first` has it.
        read: The same of what was received.
    """
    sent, sent_size = written or (b"", 0)
    came, came_size = read or (b"", 0)
    flags = ok | (written is not None) << 1 | (read is not None) << 2
    number, time_ns, kind = what
    body = _BODY.pack(number, time_ns, kind, flags, bus, address, sent_size, came_size, sent, came)
    return _CHECK.pack(crc32(body)) + body


def first(data: ReadableBuffer | None) -> tuple[bytes, int] | None:
    """Return the first bytes of a buffer and the number of all; None for none."""
    if data is None:
        return None
    view = memoryview(data).cast("B")
    return bytes(view[:KEPT]), len(view)


def records(ring: bytes, after: int) -> list[Record]:
    """Return the whole records that have a greater number than one, in order.

    Args:
        ring: The ring; anything may be in it.
        after: That number.
    """
    found = (_unpacked(ring, HEAD + SLOT * index) for index in range(SLOTS))
    return sorted(
        (record for record in found if record is not None and record.number > after),
        key=lambda record: record.number,
    )


def _unpacked(ring: bytes, at: int) -> Record | None:
    body = ring[at + _CHECK.size : at + _CHECK.size + _BODY.size]
    if len(body) < _BODY.size or not any(body[:8]):
        return None
    if _CHECK.unpack_from(ring, at)[0] != crc32(body):
        return None
    number, time_ns, kind, flags, bus, address, sent, came, first_sent, first_came = _BODY.unpack(
        body
    )
    if number > MOST or time_ns > MOST or place(number) != at or kind not in (I2C, SPI, UART):
        return None
    return Record(
        (number, time_ns, kind),
        (bus, address),
        bool(flags & _OK),
        (first_sent[:sent], sent) if flags & _WRITES else None,
        (first_came[:came], came) if flags & _READS else None,
    )
