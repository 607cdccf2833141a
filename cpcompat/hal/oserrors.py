"""The texts of `OSError` as a board words them (CircuitPython: ``py/objexcept.c``)."""

from __future__ import annotations

import errno

_TEXTS = {
    errno.EPERM: "Operation not permitted",
    errno.ENOENT: "No such file/directory",
    errno.EIO: "Input/output error",
    errno.EACCES: "Permission denied",
    errno.EEXIST: "File exists",
    errno.ENODEV: "No such device",
    errno.EINVAL: "Invalid argument",
    errno.ENOSPC: "No space left on device",
    errno.EROFS: "Read-only filesystem",
}

_SYMBOLS = {
    getattr(errno, name): name
    for name in (
        *("EBADF", "EAGAIN", "ENOMEM", "EISDIR", "EOPNOTSUPP"),
        *("EADDRINUSE", "ECONNABORTED", "ECONNRESET", "ENOBUFS"),
        *("ENOTCONN", "ETIMEDOUT", "ECONNREFUSED"),
        *("EHOSTUNREACH", "EALREADY", "EINPROGRESS"),
    )
}


def text(number: int) -> str | None:
    """Return what a board prints for an error number, or None where it prints the bare number."""
    return _TEXTS.get(number) or _SYMBOLS.get(number)


def board_error(number: int, path: str | None = None) -> OSError:
    """Return the `OSError` that a board raises.

    Args:
        number: The error number.
        path: The path to name, where a board names it.
    """
    words = text(number)
    if words is None:
        error = type(OSError(number, ""))(number)
        error.errno = number
        return error
    return OSError(number, words if path is None else f"{words}: {path}")
