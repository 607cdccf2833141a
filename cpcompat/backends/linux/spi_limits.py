"""What spidev and a controller's driver do not do, and what is said of it."""

from __future__ import annotations

from cpcompat.hal.errors import Fault, HalError

_BUFSIZ = "/sys/module/spidev/parameters/bufsiz"
_USUAL_BUFSIZ = 4096


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
