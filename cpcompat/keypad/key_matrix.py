"""Keys in rows and columns."""

from __future__ import annotations

from cpcompat.hal.arguments import checked_pin, in_range
from cpcompat.hal.gpio import Pull

from .polled import PolledScanner
from .scanner import differing

TYPE_CHECKING = False  # not typing's: that import costs more than all of this package
if TYPE_CHECKING:
    from collections.abc import Sequence

    from cpcompat.hal.pin import Pin


class KeyMatrix(PolledScanner):
    """Keys in rows and columns: a key joins its row's pin with its column's.

    A key's number is ``row * number of columns + column``.

    Args:
        row_pins: The rows' pins.
        column_pins: The columns' pins.
        columns_to_anodes: Where each key has a diode: whether its anode is at the column.
        interval: Seconds between two looks.
        max_events: How many events wait for the program, from 1.
        debounce_threshold: How many looks make a change, 1 to 127.

    Raises:
        TypeError: An argument is of another kind.
        ValueError: A pin is twice in it or in use (a note names the holder), or a number is out of
            range.

    On Linux: a thread drives one row after the other and reads the columns.
    """

    __slots__ = ("_columns", "_rest", "_rows")

    def __init__(
        self,
        row_pins: Sequence[Pin],
        column_pins: Sequence[Pin],
        columns_to_anodes: bool = True,
        interval: float = 0.020,
        max_events: int = 64,
        debounce_threshold: int = 1,
    ) -> None:
        super().__init__(interval, max_events, debounce_threshold)
        pins = [checked_pin(pin, "pin") for pin in (*row_pins, *column_pins)]
        differing(pins, "row_pins and column_pins contain duplicate pins")
        self._rows, self._columns = len(row_pins), len(column_pins)
        self._rest = bool(columns_to_anodes)
        self._hold_and_start(pins, "keypad.KeyMatrix", self._rows * self._columns)

    def _prepare(self) -> None:
        self._lines.configure(0, 0, self._pull)

    @property
    def _pull(self) -> Pull:
        return Pull.UP if self._rest else Pull.DOWN

    def _look_at_all(self, now_ns: int) -> None:
        key = 0
        rest = -1 if self._rest else 0
        for row in range(self._rows):
            self._lines.configure(1 << row, ~rest, self._pull)
            changed = (self._lines.read() ^ rest) >> self._rows
            for column in range(self._columns):
                self._found(key, bool(changed >> column & 1), now_ns)
                key += 1
            # Driven back first: a pull alone takes a while to move a long wire.
            self._lines.write(rest, 1 << row)
        self._lines.configure(0, 0, self._pull)

    def key_number_to_row_column(self, key_number: int) -> tuple[int, int]:
        """Return a key's row and column.

        Args:
            key_number: The key.

        Raises:
            ValueError: There is no such key, or the object is deinited.
        """
        self._check()
        in_range(key_number, 0, self._rows * self._columns - 1, "key_number")
        return divmod(key_number, self._columns)

    def row_column_to_key_number(self, row: int, column: int) -> int:
        """Return the number of the key in a row and a column.

        Args:
            row: The row, from 0.
            column: The column, from 0.

        Raises:
            ValueError: There is no such row or column, or the object is deinited.
        """
        self._check()
        in_range(row, 0, self._rows - 1, "row")
        in_range(column, 0, self._columns - 1, "column")
        return row * self._columns + column
