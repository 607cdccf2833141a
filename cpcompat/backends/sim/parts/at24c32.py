"""AT24C32, Microchip (Atmel): an EEPROM of 4096 bytes on I2C.

Source: Microchip AT24C32E data sheet, DS20006365: the device addresses in section 6, the write
operations, acknowledge polling, the write cycle and write protection in 7.1 to 7.5, reading in 8.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cpcompat.backends.sim.part import Channel, I2cPart
from cpcompat.errors import CircuitError

if TYPE_CHECKING:
    from cpcompat.backends.sim.part import Site

_SIZE: Final = 4096
_PAGE: Final = 32
_LOG = logging.getLogger(__name__)


class At24c32(I2cPart):
    """An AT24C32. It keeps its bytes over runs of the program, and in a file if it is given one.

    Args:
        file: A file that keeps the content; made when something is first written.
        wp_pin: The board's pin that WP is wired to: high protects all of the memory.
        write_ms: How long a write cycle takes: 5 is the most for the AT24C32D and E, 10 for
            parts before them.
    """

    about = "EEPROM of 4096 bytes"
    addresses = (0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57)
    address = 0x50

    write_protect = Channel(False, about="WP is tied high: nothing can be written")

    def __init__(
        self, file: str | None = None, wp_pin: str | None = None, write_ms: float = 5.0
    ) -> None:
        super().__init__()
        if not 0 <= write_ms <= 20:
            raise CircuitError(f"write_ms = {write_ms!r} is not a number from 0 to 20 ms")
        self._file = file
        self._wp_pin = wp_pin
        self._cycle_ns = round(write_ms * 1e6)
        self._memory = bytearray(b"\xff") * _SIZE if file is None else _loaded(file)
        self._pointer = 0
        self._page: dict[int, int] = {}
        self._busy_until_ns = 0

    @property
    def memory(self) -> bytes:
        """What is stored."""
        return bytes(self._memory)

    def attach(self, site: Site) -> None:
        """Power up: ready at once."""
        super().attach(site)
        self._busy_until_ns = site.now_ns()
        if self._wp_pin is not None:
            # Looking at it now finds a pin that the board does not have.
            site.level(self._wp_pin)

    def write(self, data: bytes) -> int:
        """Take a word address of two bytes, and bytes for one page (7.1, 7.2)."""
        self._page.clear()
        if self.site.now_ns() < self._busy_until_ns:
            return -1
        if len(data) < 2:
            return len(data)
        pointer = (data[0] << 8 | data[1]) % _SIZE
        for byte in data[2:]:
            self._page[pointer] = byte
            # Only the lower five bits count on: a longer write starts the page over (7.2).
            pointer = pointer & ~(_PAGE - 1) | pointer + 1 & _PAGE - 1
        self._pointer = pointer
        return len(data)

    def read(self, length: int) -> bytes:
        """Return bytes from the address counter on, over the end to the beginning (8.3)."""
        if self.site.now_ns() < self._busy_until_ns:
            return b""
        self._page.clear()
        start = self._pointer
        self._pointer = (start + length) % _SIZE
        if start + length <= _SIZE:
            return bytes(self._memory[start : start + length])
        return bytes(self._memory[(start + i) % _SIZE] for i in range(length))

    def stop(self) -> None:
        """Begin the write cycle, unless WP is high at this moment (7.4, 7.5)."""
        if not self._page:
            return
        page, self._page = self._page, {}
        if self.write_protect or (self._wp_pin is not None and self.site.level(self._wp_pin)):
            return
        for address, byte in page.items():
            self._memory[address] = byte
        self._busy_until_ns = self.site.now_ns() + self._cycle_ns
        if self._file is not None:
            _store(self._file, bytes(self._memory))


def _loaded(file: str) -> bytearray:
    """Return what a file keeps; an erased memory if there is none yet."""
    try:
        with open(file, "rb") as stream:
            content = stream.read()
    except FileNotFoundError:
        return bytearray(b"\xff") * _SIZE
    except OSError as error:
        raise CircuitError(f"file = {file!r} cannot be read: {error.strerror}") from error
    if len(content) != _SIZE:
        raise CircuitError(
            f"file = {file!r} has {len(content)} bytes, not {_SIZE}",
            "It is to hold the content of an AT24C32. Name another file, or delete this one.",
        )
    return bytearray(content)


def _store(file: str, content: bytes) -> None:
    """Replace a file so that it holds the old or the new content at any time."""
    beside = Path(f"{file}.new")
    try:
        with beside.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        beside.replace(file)
        folder = os.open(beside.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        # The program on the board must not see a fault that a real EEPROM does not have.
        _LOG.warning("the content of the EEPROM is not kept: %s", error)
