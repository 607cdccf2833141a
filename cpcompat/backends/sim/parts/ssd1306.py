"""SSD1306, Solomon Systech: an OLED display of up to 128 by 64 pixels, on I2C.

Source: Solomon Systech SSD1306 data sheet, revision 1.1: the bus in section 8.1.5, the memory in
8.7, the commands in 9 and 10 (the offset and the multiplex ratio in table 10-1, the COM pins in
10.1.18), the charge pump in the application note after it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cpcompat.backends.sim.part import I2cPart, Image
from cpcompat.backends.sim.parts.ssd1306_memory import COLUMNS, PAGE, Memory
from cpcompat.errors import CircuitError

if TYPE_CHECKING:
    from cpcompat.backends.sim.part import Site

_PARAMETERS: Final = {
    0x20: 1,  # addressing mode
    0x21: 2,  # column window
    0x22: 2,  # page window
    0x23: 1,  # fade and blink (a later revision)
    0x26: 6,  # scroll to the right
    0x27: 6,  # scroll to the left
    0x29: 5,  # scroll up and to the right
    0x2A: 5,  # scroll up and to the left
    0x81: 1,  # contrast
    0x8D: 1,  # charge pump
    0xA3: 2,  # vertical scroll area
    0xA8: 1,  # multiplex ratio
    0xAD: 1,  # current reference (a later revision)
    0xD3: 1,  # display offset
    0xD5: 1,  # clock
    0xD6: 1,  # zoom (a later revision)
    0xD9: 1,  # precharge
    0xDA: 1,  # COM pins
    0xDB: 1,  # VCOMH level
}
"""How many bytes follow a command that takes any."""

_SIZES: Final = ((128, 64), (128, 32), (64, 48), (96, 16), (64, 32))
_ALTERNATIVE: Final = 0x10
_SWAPPED: Final = 0x20


class Ssd1306(I2cPart):
    """An SSD1306 with its panel, lit as the registers say.

    The charge pump must be on, as on a panel without a supply of its own. Scrolling commands are
    understood and the picture stands still.

    Args:
        width: Columns of the panel; narrow panels are wired to the middle of the driver.
        height: Rows of the panel.
        external_vcc: The panel has a supply of its own and needs no charge pump.
        reset_pin: The board's pin that RES# is wired to, active low.
    """

    about = "OLED display of 128 x 64 pixels and smaller"
    addresses = (0x3C, 0x3D)
    address = 0x3C

    def __init__(
        self,
        width: int = 128,
        height: int = 64,
        external_vcc: bool = False,
        reset_pin: str | None = None,
    ) -> None:
        super().__init__()
        if (width, height) not in _SIZES:
            sizes = ", ".join(f"{w} x {h}" for w, h in _SIZES)
            raise CircuitError(
                f"width = {width!r}, height = {height!r} is no panel's size", f"There are: {sizes}."
            )
        self.width = width
        self.height = height
        self._external_vcc = external_vcc
        self._reset_pin = reset_pin
        self._memory = Memory()
        self._reset()

    def attach(self, site: Site) -> None:
        """Power up: dark."""
        super().attach(site)
        if self._reset_pin is not None:
            site.watch(self._reset_pin, self._reset_changes)

    def write(self, data: bytes) -> int:
        """Take control bytes, commands and data (8.1.5.2)."""
        position = 0
        while position + 1 < len(data):
            control = data[position]
            end = position + 2 if control & 0x80 else len(data)
            content = data[position + 1 : end]
            if control & 0x40:
                self._memory.write(content)
            else:
                for byte in content:
                    self._take(byte)
            position = end
        return len(data)

    def read(self, length: int) -> bytes:
        """Return the status: bit 6 is set while the display is off."""
        return bytes([0x00 if self._on else 0x40]) * length

    def image(self) -> Image:
        """Return what a viewer sees; the brightness of a lit pixel follows the contrast."""
        first = COLUMNS - (COLUMNS - self.width) // 2 - self.width
        lit = 55 + self._contrast * 200 // 255
        dots = bytes(lit * ((on or self._all_on) != self._inverted) for on in (False, True))
        picture = bytearray(self.width * self.height)
        if self._on and (self._pump or self._external_vcc):
            for y in range(self.height):
                line = self._line_at(self.height - 1 - y)
                if line is not None:
                    # Panels are mounted so that they stand upright with both directions turned.
                    row = self._memory.row(line, first, self.width)[::-1]
                    at = y * self.width
                    picture[at : at + self.width] = row.translate(dots.ljust(256, b"\0"))
        return Image(self.width, self.height, "L", bytes(picture))

    def _reset_changes(self, level: bool) -> None:
        if not level:
            self._reset()

    def _reset(self) -> None:
        self._command = 0
        self._missing = 0
        self._parameters: list[int] = []
        self._memory.reset()
        self._on = self._all_on = self._inverted = self._pump = False
        self._contrast = 0x7F
        self._start_line = 0
        self._offset = 0
        self._rows = 64
        self._turned = False
        self._com_pins = 0x12

    def _take(self, byte: int) -> None:
        """Take one byte of a command, which may come in as many messages as it has bytes."""
        if self._missing:
            self._parameters.append(byte)
            self._missing -= 1
            if not self._missing:
                self._obey(self._command, self._parameters)
        elif byte in _PARAMETERS:
            self._command = byte
            self._parameters = []
            self._missing = _PARAMETERS[byte]
        else:
            self._obey_short(byte)

    def _obey_short(self, command: int) -> None:
        """Obey a command of one byte; one that is none does nothing."""
        if command < 0x20:
            self._memory.page_column(command)
        elif 0x40 <= command < 0x80:
            self._start_line = command & 0x3F
        elif command in (0xA0, 0xA1):
            self._memory.reversed = bool(command & 1)
        elif command in (0xA4, 0xA5):
            self._all_on = bool(command & 1)
        elif command in (0xA6, 0xA7):
            self._inverted = bool(command & 1)
        elif command in (0xAE, 0xAF):
            self._on = bool(command & 1)
        elif 0xB0 <= command < 0xB8:
            self._memory.page_page(command & 7)
        elif 0xC0 <= command < 0xD0:
            self._turned = bool(command & 8)

    def _obey(self, command: int, parameters: list[int]) -> None:
        """Obey a command with its parameters; those that change no picture do nothing."""
        first = parameters[0]
        if command == 0x20:
            self._memory.mode = first & 3 if first & 3 != 3 else PAGE
        elif command == 0x21:
            self._memory.column_window(first & 0x7F, parameters[1] & 0x7F)
        elif command == 0x22:
            self._memory.page_window(first & 7, parameters[1] & 7)
        elif command == 0x81:
            self._contrast = first
        elif command == 0x8D:
            self._pump = bool(first & 4)
        elif command == 0xA8 and first & 0x3F >= 15:
            self._rows = (first & 0x3F) + 1
        elif command == 0xD3:
            self._offset = first & 0x3F
        elif command == 0xDA:
            self._com_pins = first

    def _line_at(self, row: int) -> int | None:
        """Return the line of the memory that a row of the panel shows, None for none.

        Rows count from the bottom, as the panel's COM lines do when the scan is turned.
        """
        com = self._com_of(row)
        if self._turned:
            com = self._rows - 1 - com
        line = (com + self._offset) % 64
        return (line + self._start_line) % 64 if line < self._rows else None

    def _com_of(self, row: int) -> int:
        """Return the COM signal that a row gets, under the COM pins' configuration (10.1.18).

        Panels of 32 rows by 128 are wired in sequence, the others to both sides in turn.
        """
        in_sequence = self.width > 2 * self.height
        pin = row if in_sequence else row // 2 + (32 if row % 2 else 0)
        if self._com_pins & _SWAPPED:
            pin ^= 32
        if self._com_pins & _ALTERNATIVE:
            return pin * 2 if pin < 32 else (pin - 32) * 2 + 1
        return pin
