"""Checks of what a program passes to a face, with upstream's words for what is wrong."""

from __future__ import annotations

from sys import maxsize

from cpcompat.hal.pin import Pin

TYPE_CHECKING = False  # not typing's: that import costs more than all of this package
if TYPE_CHECKING:
    from cpcompat.hal.buffers import ReadableBuffer, WriteableBuffer


def checked_pin(value: object, name: str) -> Pin:
    """Return the pin that an argument is.

    Raises:
        TypeError: It is something else.
    """
    if not isinstance(value, Pin):
        raise TypeError(f"{name} must be of type Pin, not {type(value).__name__}")
    return value


def checked_pin_or_none(value: object, name: str) -> Pin | None:
    """Return the pin that an argument is, or None for None.

    Raises:
        TypeError: It is something else.
    """
    return None if value is None else checked_pin(value, name)


def checked_int(value: object) -> int:
    """Return the whole number that an argument is.

    Raises:
        TypeError: It is something else, a float included.
    """
    try:
        return value.__index__()  # type: ignore[attr-defined, no-any-return]
    except AttributeError:
        raise TypeError(f"can't convert {type(value).__name__} to int") from None


def in_range(value: object, low: int, high: int, name: str) -> int:
    """Return the whole number that an argument is.

    Raises:
        TypeError: It is no whole number.
        ValueError: It is outside ``low`` to ``high``.
    """
    number = checked_int(value)
    if not low <= number <= high:
        raise ValueError(f"{name} must be {low}-{high}")
    return number


def readable(buffer: ReadableBuffer, start: int = 0, end: int = maxsize) -> memoryview:
    """Return ``buffer[start:end]`` as bytes, without a copy.

    Args:
        buffer: Any object with the buffer protocol.
        start: First element of the slice, counted in the buffer's own elements.
        end: First element after it.

    Raises:
        TypeError: The object has no buffer.
    """
    try:
        view = memoryview(buffer)
    except TypeError:
        raise TypeError("object with buffer protocol required") from None
    return view[start:end].cast("B")


def writeable(buffer: WriteableBuffer, start: int = 0, end: int = maxsize) -> memoryview:
    """Return ``buffer[start:end]`` as bytes that can be filled.

    Args:
        buffer: Any object with the buffer protocol that can be written.
        start: First element of the slice, counted in the buffer's own elements.
        end: First element after it.

    Raises:
        TypeError: The object has no buffer, or one that is read-only.
    """
    view = readable(buffer, start, end)
    if view.readonly:
        raise TypeError("object with buffer protocol required")
    return view
