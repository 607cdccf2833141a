"""Several GPIO lines, configured, read and driven together; line n is bit n of each number."""

from __future__ import annotations

from cpcompat.hal.gpio import Direction, Drive, Pull

TYPE_CHECKING = False  # not typing's: that import costs more than all of this package
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Protocol

    from cpcompat.hal.backend import Backend
    from cpcompat.hal.gpio import Line
    from cpcompat.hal.pin import Pin
else:
    Protocol = object


class LineGroup(Protocol):
    """Lines that one object has, opened by `grouped`, as they were found.

    Synchronization: a group belongs to one thread at a time.
    """

    def configure(self, outputs: int, values: int, pull: Pull) -> None:
        """Set everything about all lines, so that no level in between appears on any.

        Args:
            outputs: Which lines drive, both levels.
            values: What they drive.
            pull: The resistor of all others, which are inputs.

        Raises:
            HalError: A line is in use (BUSY), cannot do it (UNSUPPORTED) or is gone (GONE).
        """
        ...

    def read(self) -> int:
        """Return the levels now on the lines."""
        ...

    def write(self, values: int, lines: int) -> None:
        """Drive some lines.

        Args:
            values: Their levels.
            lines: Which.

        Raises:
            HalError: WRONG_DIRECTION when one of them is an input.
        """
        ...

    def close(self) -> None:
        """Make all lines inputs without a pull, and let them go. Closing again does nothing."""
        ...


def grouped(backend: Backend, pins: Sequence[Pin]) -> LineGroup:
    """Open several lines, as one where the backend can: see `Backend`.

    Raises:
        HalError: ABSENT.
    """
    opener = getattr(backend, "lines", None)
    group: LineGroup | None = None if opener is None else opener(pins)
    return SingleLines(backend, pins) if group is None else group


class SingleLines:
    """A `LineGroup` of lines that are opened one by one.

    Args:
        backend: What opens them.
        pins: Which.
    """

    __slots__ = ("_as", "_lines")

    def __init__(self, backend: Backend, pins: Sequence[Pin]) -> None:
        self._lines: list[Line] = []
        self._as: dict[int, tuple[Direction, Pull, bool]] = {}
        try:
            for pin in pins:
                self._lines.append(backend.line(pin))
        except BaseException:
            self.close()
            raise

    def configure(self, outputs: int, values: int, pull: Pull) -> None:
        """See `LineGroup.configure`: inputs first, so that no two drive against each other."""
        for wanted in (Direction.INPUT, Direction.OUTPUT):
            for bit, line in enumerate(self._lines):
                drives = bool(outputs >> bit & 1)
                if drives is (wanted is Direction.OUTPUT):
                    value = drives and bool(values >> bit & 1)
                    self._bring(bit, line, (wanted, Pull.NONE if drives else pull, value))

    def _bring(self, bit: int, line: Line, state: tuple[Direction, Pull, bool]) -> None:
        if self._as.get(bit) != state:
            direction, pull, value = state
            self._as.pop(bit, None)
            line.configure(direction, pull, Drive.PUSH_PULL, value)
            self._as[bit] = state

    def read(self) -> int:
        """See `LineGroup.read`."""
        return sum(line.read() << bit for bit, line in enumerate(self._lines))

    def write(self, values: int, lines: int) -> None:
        """See `LineGroup.write`."""
        for bit, line in enumerate(self._lines):
            if lines >> bit & 1:
                self._as.pop(bit, None)
                line.write(bool(values >> bit & 1))

    def close(self) -> None:
        """See `LineGroup.close`."""
        lines, self._lines = self._lines, []
        for line in lines:
            line.close()
