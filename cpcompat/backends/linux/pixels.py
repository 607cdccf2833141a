"""Pixels in a chain, by an SPI bus: four bits of it make the pulse of one bit of theirs.

At 3.2 MHz a 0 is high for 312 ns and a 1 for 625 ns, each of 1250 ns, within what WS2812B and SK6812
accept. The clock is the controller's: on a Raspberry Pi it hangs on the core's clock, which has to be fixed
for it (``core_freq=250`` on a 3, ``core_freq=500`` and ``core_freq_min=500`` on a 4).
"""

from __future__ import annotations

import os
from fcntl import ioctl
from struct import Struct

from cpcompat.backends.linux.errors import hal_error
from cpcompat.backends.linux.lines import LinuxLine
from cpcompat.backends.linux.spi_limits import bufsiz
from cpcompat.hal.errors import Fault, HalError
from cpcompat.hal.gpio import Direction, Drive, Pull, Quick, quick_by_methods

TYPE_CHECKING = False  # not typing's: that import costs more than this package
if TYPE_CHECKING:
    from cpcompat.backends.linux.nodes import Nodes
    from cpcompat.board.definition import BoardDefinition, SpiPins
    from cpcompat.hal.buffers import ReadableBuffer
    from cpcompat.hal.pin import Pin

_WRITE_MODE, _WRITE_HZ = 0x40046B05, 0x40046B04
_NO_CS = 0x40
_NUMBER = Struct("=I")
_HZ = 3_200_000
_PULSES = (0b1000, 0b1100)
_BEFORE = bytes(4)
"""The line is low when it begins, whatever the controller leaves on it."""
_AFTER = bytes(120)
"""300 µs: the pause that has the colours shown."""
_TABLES = tuple(
    bytes(_PULSES[byte >> high & 1] << 4 | _PULSES[byte >> high - 1 & 1] for byte in range(256))
    for high in (7, 5, 3, 1)
)


def encoded(data: ReadableBuffer) -> bytes:
    """Return what the SPI bus is to send for some bytes of the pixels'."""
    source = bytes(data)
    out = bytearray(4 * len(source))
    for at, table in enumerate(_TABLES):
        out[at::4] = source.translate(table)
    return _BEFORE + out + _AFTER


def bus_of(board: BoardDefinition, pin: Pin) -> SpiPins | None:
    """Return the SPI bus whose MOSI a pin is, or None."""
    return next((bus for bus in board.spi if bus.mosi is pin), None)


class LinuxPixels:
    """See `cpcompat.hal.pixels.PixelOutput`.

    Args:
        nodes: The way to the bus.
        board: The board.
        pin: The data line.

    Raises:
        HalError: ABSENT: the pin is no MOSI, or its bus is switched off.
    """

    def __init__(self, nodes: Nodes, board: BoardDefinition, pin: Pin) -> None:
        bus = bus_of(board, pin)
        if bus is None:
            able = ", ".join(bus.mosi.label for bus in board.spi if bus.mosi) or "none"
            raise HalError(
                Fault.ABSENT, f"pixels on {pin.label}", f"Pins that can send to pixels: {able}."
            )
        self._where = f"spi{bus.bus}"
        path = f"/dev/spidev{bus.bus}.0"
        try:
            self._descriptor = nodes.open(path, os.O_RDWR)
        except OSError as error:
            raise hal_error(error, self._where, path) from error
        self._set_up()

    def _set_up(self) -> None:
        try:
            try:
                ioctl(self._descriptor, _WRITE_MODE, bytearray(_NUMBER.pack(_NO_CS)))
            except OSError:  # a controller that drives its chip select in any case
                ioctl(self._descriptor, _WRITE_MODE, bytearray(_NUMBER.pack(0)))
            ioctl(self._descriptor, _WRITE_HZ, bytearray(_NUMBER.pack(_HZ)))
        except OSError as error:
            self.close()
            raise hal_error(error, self._where) from error

    def write(self, data: ReadableBuffer) -> None:
        """See `PixelOutput.write`: one transfer, since a pause in it would have it shown."""
        out, most = encoded(data), bufsiz()
        if len(out) > most:
            cure = (
                f"spidev takes {most} bytes at once, {(most - len(_BEFORE + _AFTER)) // 4} of the"
                f" pixels'. Allow more: add «spidev.bufsiz={len(out)}» to the kernel's command line"
                " (cmdline.txt on a Raspberry Pi)."
            )
            raise HalError(Fault.UNSUPPORTED, f"{len(data)} bytes for pixels", cure)
        try:
            os.write(self._descriptor, out)
        except OSError as error:
            raise hal_error(error, self._where) from error

    def close(self) -> None:
        """See `PixelOutput.close`."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)


class MosiLine(LinuxLine):
    """The line of an SPI bus's MOSI: it stays the bus's until a program wants more of it than rest.

    Who drives pixels makes the pin an output first. As a GPIO line it would no longer be the bus's.
    A bus that rests is low.
    """

    __slots__ = ("_rests",)

    def __init__(self, nodes: Nodes, pin: Pin) -> None:
        super().__init__(nodes, pin)
        self._rests: Direction | None = None

    def configure(self, direction: Direction, pull: Pull, drive: Drive, value: bool) -> None:
        """See `Line.configure`."""
        floats = direction is Direction.INPUT and pull is Pull.NONE
        low = direction is Direction.OUTPUT and drive is Drive.PUSH_PULL and not value
        self._rests = direction if (floats or low) and self._descriptor < 0 else None
        if self._rests is None:
            super().configure(direction, pull, drive, value)

    def _begin(self, value: bool) -> None:
        """Make it the GPIO line that it was to be."""
        direction, self._rests = self._rests, None
        if direction is not None:
            super().configure(direction, Pull.NONE, Drive.PUSH_PULL, value)

    def read(self) -> bool:
        """See `Line.read`."""
        if self._rests is Direction.OUTPUT:
            return False
        self._begin(False)
        return super().read()

    def write(self, value: bool) -> None:
        """See `Line.write`: from the first high on it is a GPIO line."""
        if value or self._rests is not Direction.OUTPUT:
            self._begin(value)
            super().write(value)

    def quick(self) -> Quick:
        """See `cpcompat.hal.gpio.quick`."""
        return super().quick() if self._rests is None else quick_by_methods(self)
