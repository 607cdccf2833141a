"""Bytes that outlive a program, and the array in which programs see them."""

from __future__ import annotations

from cpcompat.hal.refusals import noted

TYPE_CHECKING = False  # not typing's: that import costs more than all of this package
if TYPE_CHECKING:
    from typing import NoReturn, Protocol, SupportsIndex, overload

    from cpcompat.hal.buffers import ReadableBuffer
else:
    Protocol = object

_NOT_ON_THE_RIGHT = "array/bytes required on right side"


class Cells(Protocol):
    """A stretch of memory that outlives programs.

    Synchronization: one program.

    Attributes:
        size: How many bytes there are.
    """

    size: int

    def read(self) -> bytes:
        """Return all of it."""
        ...

    def write(self, start: int, data: bytes) -> None:
        """Replace some of it, all of the new bytes or none.

        Raises:
            OSError: It could not be kept.
        """
        ...


class CellArray:
    """Presents cells as something like a bytearray.

    Source: CircuitPython ``shared-bindings/nvm/ByteArray.c``, ``shared-bindings/alarm/SleepMemory.c``.
    """

    __slots__ = ("_cells",)
    _cells: Cells
    _called = ""

    def __init__(self) -> None:
        raise TypeError(f"cannot create '{type(self).__name__}' instances")

    @classmethod
    def over(cls, cells: Cells) -> CellArray:
        """Return the array of some cells."""
        made = object.__new__(cls)
        made._cells = cells
        return made

    def __len__(self) -> int:
        return self._cells.size

    def __bool__(self) -> bool:
        return self._cells.size > 0

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, index: SupportsIndex) -> int: ...
        @overload
        def __getitem__(self, index: slice) -> bytearray: ...

    def __getitem__(self, index: SupportsIndex | slice) -> int | bytearray:
        """Return the byte at an index, or a copy of a slice of step 1.

        Raises:
            IndexError: There is no such byte.
            TypeError: That is no index.
            NotImplementedError: The slice has another step.
        """
        if isinstance(index, slice):
            start, stop = self._bounds(index)
            return bytearray(self._cells.read()[start:stop])
        return self._cells.read()[self._index(index)]

    def __setitem__(self, index: SupportsIndex | slice, value: int | ReadableBuffer) -> None:
        """Change a byte or a slice; each assignment is kept as a whole or not at all.

        Raises:
            IndexError: There is no such byte.
            TypeError: That is no index.
            ValueError: The value is no byte, or the slice's length is another.
            NotImplementedError: The slice has another step, or the value is no array of bytes.
            RuntimeError: It could not be kept.
        """
        if isinstance(index, slice):
            start, stop = self._bounds(index)
            data = _bytes_of(value)
            if len(data) != stop - start:
                raise ValueError("Slice and value different lengths.")
        else:
            start = self._index(index)
            if not isinstance(value, int) or not 0 <= value <= 255:
                raise ValueError("bytes must be 0-255")
            data = bytes((value,))
        try:
            self._cells.write(start, data)
        except OSError as error:
            failed = RuntimeError(f"Unable to write to {self._called}.")
            raise noted(failed, f"{error.strerror}: {error.filename}.") from None

    def __delitem__(self, index: object) -> NoReturn:
        raise TypeError(f"'{type(self).__name__}' object doesn't support item deletion")

    def _index(self, index: object) -> int:
        try:
            number: int = index.__index__()  # type: ignore[attr-defined]
        except AttributeError:
            kinds = f"{type(self).__name__} indices must be integers, not {type(index).__name__}"
            raise TypeError(kinds) from None
        if not -self._cells.size <= number < self._cells.size:
            raise IndexError("index out of range")
        return number % self._cells.size

    def _bounds(self, index: slice) -> tuple[int, int]:
        start, stop, step = index.indices(self._cells.size)
        if step != 1:
            raise NotImplementedError("only slices with step=1 (aka None) are supported")
        return start, max(start, stop)


def _bytes_of(value: object) -> bytes:
    try:
        view = memoryview(value)  # type: ignore[arg-type]
    except TypeError:
        raise NotImplementedError(_NOT_ON_THE_RIGHT) from None
    if view.itemsize != 1:
        raise ValueError("Array values should be single bytes.")
    return bytes(view)
