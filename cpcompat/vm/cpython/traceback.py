"""``traceback`` on a drive: upstream's two functions, in upstream's form."""

from __future__ import annotations

import sys
from types import ModuleType, TracebackType
from typing import Any

from cpcompat.vm import report

_NOT_GIVEN: Any = object()


def format_exception(
    exc: BaseException | type[BaseException] | None,
    /,
    value: BaseException = _NOT_GIVEN,
    tb: TracebackType | None = _NOT_GIVEN,
    limit: int | None = None,
    chain: bool = True,
) -> list[str]:
    """Return an exception with its traceback as lines."""
    if (value is _NOT_GIVEN) != (tb is _NOT_GIVEN):
        raise ValueError("Both or neither of value and tb must be given")
    error = exc if value is _NOT_GIVEN else value
    if not isinstance(error, BaseException):
        raise TypeError(f"exc must be of type BaseException, not {type(error).__name__}")
    frames = error.__traceback__ if tb is _NOT_GIVEN else tb
    text = report.format_exception(error, notes=False, traceback=frames, limit=limit, chain=chain)
    return text.splitlines(keepends=True)


def print_exception(
    exc: BaseException | type[BaseException] | None,
    /,
    value: BaseException = _NOT_GIVEN,
    tb: TracebackType | None = _NOT_GIVEN,
    limit: int | None = None,
    file: Any = None,
    chain: bool = True,
) -> None:
    """Print an exception with its traceback."""
    out = sys.stderr if file is None else file
    out.write("".join(format_exception(exc, value, tb, limit, chain)))


def build() -> ModuleType:
    """Return the module."""
    module = ModuleType("traceback", "Tracebacks.")
    module.__dict__.update(format_exception=format_exception, print_exception=print_exception)
    return module
