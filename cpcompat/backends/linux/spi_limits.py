"""What spidev and a controller's driver do not do, and what is said of it."""

from __future__ import annotations

import errno
import os

from cpcompat.hal.errors import Fault, HalError

TYPE_CHECKING = False  # not typing's: that import costs more than this package
if TYPE_CHECKING:
    from collections.abc import Iterator

    from cpcompat.hal.buffers import ReadableBuffer, WriteableBuffer

_BUFSIZ = "/sys/module/spidev/parameters/bufsiz"
_USUAL_BUFSIZ = 4096
ROWS = {
    errno.EINVAL: (
        Fault.UNSUPPORTED,
        "The controller's driver refuses this mode, clock or word length.",
    ),
}


def bufsiz() -> int:
    """Return the most bytes that spidev takes in one transfer."""
    try:
        with open(_BUFSIZ, encoding="ascii") as file:
            return int(file.read())
    except (OSError, ValueError):
        return _USUAL_BUFSIZ


def too_long(size: int, most: int, bus: int) -> HalError:
    """Return the fault for a transfer that spidev's buffer does not hold."""
    cure = (
        f"spidev takes {most} bytes at once. Allow more: add «spidev.bufsiz={size}»"
        " to the kernel's command line (cmdline.txt on a Raspberry Pi)."
    )
    return HalError(Fault.UNSUPPORTED, f"{size} bytes on spi{bus}", cure)


def say_selects(bus: int) -> None:
    """Say in the log that a controller drives its first chip select whatever it is told."""
    from logging import getLogger

    getLogger(__name__).warning(
        "spi%d: the controller drives its first chip select with each transfer and cannot leave it"
        " alone; connect nothing to that pin but a part that is to be selected",
        bus,
    )


def divert(descriptor: int) -> None:
    """Put in a descriptor's place one to which every write fails (EBADF)."""
    nowhere = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
    os.dup2(nowhere, descriptor, inheritable=False)
    os.close(nowhere)


def pieces(
    write: ReadableBuffer | None, read: WriteableBuffer | None, size: int, most: int
) -> Iterator[tuple[memoryview | None, memoryview | None]]:
    """Yield what is written and what is read in one piece after the other."""
    out = None if write is None else memoryview(write).cast("B")
    into = None if read is None else memoryview(read).cast("B")
    for start in range(0, size, most):
        end = start + most
        yield None if out is None else out[start:end], None if into is None else into[start:end]
