"""The display memory of the SSD1306, and the pointer that data is written by.

Source: Solomon Systech SSD1306 data sheet, revision 1.1: section 8.7 (the memory), 10.1.1 to
10.1.5 and 10.1.13 (the addressing), 10.1.8 (the segment remap).
"""

from __future__ import annotations

from typing import Final

COLUMNS: Final = 128
_PAGES: Final = 8
HORIZONTAL: Final = 0
VERTICAL: Final = 1
PAGE: Final = 2
_BITS: Final = tuple(bytes(byte >> bit & 1 for byte in range(256)) for bit in range(8))


class Memory:
    """Eight pages of 128 bytes; in a byte, the lowest bit is the topmost line.

    Attributes:
        mode: `HORIZONTAL`, `VERTICAL` or `PAGE`.
        reversed: Column 0 goes to segment 127. It matters for what is written from then on.
    """

    def __init__(self) -> None:
        self._segments = bytearray(COLUMNS * _PAGES)
        self.reset()

    def reset(self) -> None:
        """Put the pointer and its windows to their reset values. The content stays."""
        self.mode = PAGE
        self.reversed = False
        self._first_column, self._last_column = 0, COLUMNS - 1
        self._first_page, self._last_page = 0, _PAGES - 1
        self._column = self._page = 0

    def row(self, line: int, first: int, count: int) -> bytes:
        """Return pixels of a line: a byte for each of some segments, 1 where it is set."""
        start = (line >> 3) * COLUMNS + first
        return bytes(self._segments[start : start + count]).translate(_BITS[line & 7])

    def column_window(self, first: int, last: int) -> None:
        """Command 21h: set the columns to write, and go to the first."""
        self._first_column, self._last_column = first, last
        self._column = first

    def page_window(self, first: int, last: int) -> None:
        """Command 22h: set the pages to write, and go to the first."""
        self._first_page, self._last_page = first, last
        self._page = first

    def page_column(self, command: int) -> None:
        """Commands 00h to 1Fh: set one half of the column, in page mode."""
        if self.mode != PAGE:
            return
        if command & 0x10:
            self._column = self._column & 0x0F | (command & 7) << 4
        else:
            self._column = self._column & 0x70 | command & 0x0F

    def page_page(self, page: int) -> None:
        """Commands B0h to B7h: set the page, in page mode."""
        if self.mode == PAGE:
            self._page = page

    def write(self, data: bytes) -> None:
        """Write bytes where the pointer is, and move it on."""
        for byte in data:
            segment = COLUMNS - 1 - self._column if self.reversed else self._column
            self._segments[self._page * COLUMNS + segment] = byte
            if self.mode == PAGE:
                self._column = (self._column + 1) % COLUMNS
            elif self.mode == HORIZONTAL:
                if self._next_column():
                    self._next_page()
            elif self._next_page():
                self._next_column()

    def _next_column(self) -> bool:
        """Go to the next column of the window; return whether it starts over."""
        over = self._column == self._last_column
        self._column = self._first_column if over else (self._column + 1) % COLUMNS
        return over

    def _next_page(self) -> bool:
        over = self._page == self._last_page
        self._page = self._first_page if over else (self._page + 1) % _PAGES
        return over
