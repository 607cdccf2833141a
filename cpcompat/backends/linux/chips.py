"""Finds the GPIO chip that a board's pins are on: by its label or its lines' names, never by number.

The number of a chip changes with kernels and with what else is plugged in; on the Raspberry Pi 5
``/dev/gpiochip4`` has become a link to ``/dev/gpiochip0``.
"""

from __future__ import annotations

import errno
import os
from fcntl import ioctl

from cpcompat.backends.linux import gpio_uapi as uapi
from cpcompat.backends.linux.errors import hal_error, this_computer
from cpcompat.hal.errors import Fault, HalError

TYPE_CHECKING = False  # not typing's: that import costs more than this package
if TYPE_CHECKING:
    from cpcompat.board.definition import BoardDefinition

_FOLDER = "/dev"
_WHERE = "/dev/gpiochip*"
_OLD_KERNEL = "This kernel lacks the GPIO interface that came with Linux 5.10: update it."


class Chip:
    """An open GPIO chip.

    Attributes:
        path: Its node.
        descriptor: The open node.
        label: What its driver calls it.
        count: How many lines it has.
    """

    __slots__ = ("count", "descriptor", "label", "path")

    def __init__(self, path: str, descriptor: int) -> None:
        self.path = path
        self.descriptor = descriptor
        said = bytearray(uapi.CHIP_INFO.size)
        ioctl(descriptor, uapi.GET_CHIPINFO, said)
        _, label, self.count = uapi.CHIP_INFO.unpack(said)
        self.label = uapi.text(label)

    def line(self, offset: int) -> tuple[str, str, int]:
        """Return name, holder and flags of a line; holder is "" where nobody says so.

        Raises:
            OSError: There is no such line, or the kernel is older than 5.10.
        """
        said = bytearray(uapi.LINE_INFO.pack(b"", b"", offset, 0, 0))
        ioctl(self.descriptor, uapi.GET_LINEINFO, said)
        name, holder, _, _, flags = uapi.LINE_INFO.unpack(said)
        return uapi.text(name), uapi.text(holder), flags

    def close(self) -> None:
        """Close the node. Closing again does nothing."""
        descriptor, self.descriptor = self.descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)


def find(board: BoardDefinition) -> Chip:
    """Open the chip of a board's pins.

    Raises:
        HalError: ABSENT where there is none, DENIED where it may not be used, UNSUPPORTED where
            the kernel is too old.
    """
    labels = tuple(board.for_backend.get("gpiochips", ()))
    chips, refusal = _open_all()
    found = [chip for chip in chips if chip.label in labels]
    if len(found) != 1:
        found = _by_names(found or chips, board) or found
    for chip in chips:
        if chip not in found[:1]:
            chip.close()
    if found:
        return found[0]
    if refusal is not None:
        raise refusal
    raise _missing(board, labels, chips)


def _open_all() -> tuple[list[Chip], HalError | None]:
    """Open each chip once; a link to one is not another."""
    chips: list[Chip] = []
    seen: set[int] = set()
    refusal = None
    for path in _paths():
        try:
            node = os.stat(path)  # noqa: PTH116
            if node.st_rdev in seen:
                continue
            descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        except OSError as error:
            refusal = refusal or hal_error(error, path, path)
            continue
        seen.add(node.st_rdev)
        try:
            chips.append(Chip(path, descriptor))
        except OSError as error:
            os.close(descriptor)
            refusal = refusal or hal_error(error, path, path)
    return chips, refusal


def _paths() -> list[str]:
    try:
        names = [name for name in os.listdir(_FOLDER) if name.startswith("gpiochip")]  # noqa: PTH208
    except OSError:
        return []
    return [f"{_FOLDER}/{name}" for name in sorted(names, key=lambda name: (len(name), name))]


def _by_names(chips: list[Chip], board: BoardDefinition) -> list[Chip]:
    """Return the chip on which most of the board's pins have their names, half of them at least.

    Not all: kernels name some lines by what they are for (``ID_SDA``).
    """
    pins = [pin for pin in board.pins.values() if pin.id >= 0]
    counts = [sum(_named(chip, pin.id, pin.name) for pin in pins) for chip in chips]
    most = max(counts, default=0)
    if not most or 2 * most < len(pins) or counts.count(most) > 1:
        return []
    return [chips[counts.index(most)]]


def _named(chip: Chip, offset: int, name: str) -> bool:
    if offset >= chip.count:
        return False
    try:
        return chip.line(offset)[0] == name
    except OSError as error:
        if error.errno in (errno.EINVAL, errno.ENOTTY):
            raise HalError(Fault.UNSUPPORTED, chip.path, _OLD_KERNEL) from error
        return False


def _missing(board: BoardDefinition, labels: tuple[str, ...], chips: list[Chip]) -> HalError:
    if not chips:
        if this_computer().container:
            cure = (
                "This is a container, and no GPIO chip was handed to it. Start it with the node:"
                " «docker run --device /dev/gpiochip0 …»."
            )
        else:
            cure = "The kernel offers no GPIO chip. «--board sim» is the simulated board."
        return HalError(Fault.ABSENT, _WHERE, cure)
    wanted = " or ".join(repr(label) for label in labels) or "any with its pins' names"
    here = ", ".join(f"{chip.path} ({chip.label})" for chip in chips)
    return HalError(
        Fault.ABSENT,
        f"the GPIO chip {wanted}",
        f"Here are {here}. This is another board than {board.id}: «cpcompat boards» lists them.",
    )
